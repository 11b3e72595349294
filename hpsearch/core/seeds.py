"""Where randomness comes from. Drawing uses (study seed, index); a trial runs with its repeat's seed, never its index."""

from __future__ import annotations

from hashlib import sha256

DEFAULT_SEED = 0
SEED_PARAMETERS = ("random_state", "seed", "random_seed")
"""What estimators call their own seed."""


def derived_seed(*parts: int | str) -> int:
    """A 64-bit seed from named parts, stable across processes, platforms and Python versions."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def uniform(*parts: int | str) -> float:
    """A number in [0, 1) from named parts, a multiple of 2^-53: the same everywhere, and of no library's making."""
    return (derived_seed(*parts) >> 11) * 2.0**-53
