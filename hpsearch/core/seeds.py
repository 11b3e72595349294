"""Where randomness comes from. Drawing uses (study seed, index); a trial runs with its repeat's seed, never its index."""

from __future__ import annotations

from hashlib import sha256

DEFAULT_SEED = 0


def derived_seed(*parts: int | str) -> int:
    """A 64-bit seed from named parts, stable across processes, platforms and Python versions."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")
