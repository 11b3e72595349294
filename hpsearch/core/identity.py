"""Who a trial is: its key (v1) and its configuration's id. Golden values in tests/golden hold this still.

A trial's key is `v1:` and 32 hex digits of SHA-256 over the canonical text of
`{"context": ..., "params": ..., "seed": ...}`: the context's digest (what runs, data, splits, fidelity, environment:
equal for all trials of one run of a study), the active and fixed parameters together, and the repeat's seed.
Metrics are not part of it (an added metric is missing work of the same trial), but the code of a scorer of your own is.
Neither are names, order, resources or limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hpsearch.core.values import Params, Value, digest

KEY_VERSION = "v1"


@dataclass(frozen=True)
class Context:
    """What all trials of a study share, as far as it decides their results.

    Attributes:
        what: the trial's kind, dotted path or pipeline, the digest of the first-party files it reaches, and that of
            first-party scorers' files where there are any.
        data: the data block and the digest of the data's content; None where trials load their own.
        splits: the cv or holdout block with its defaults written out; None without an evaluate block.
        fidelity: resource and maximum under early stopping, else None.
        environment: the runtime environment's block, else None.
    """

    what: Value
    data: Value = None
    splits: Value = None
    fidelity: Value = None
    environment: Value = None

    @cached_property
    def digest(self) -> str:
        return digest({"version": KEY_VERSION, **self.parts})

    @property
    def parts(self) -> dict[str, Value]:
        """What is hashed, by name: to say in which part two contexts differ."""
        return {
            "what": self.what,
            "data": self.data,
            "splits": self.splits,
            "fidelity": self.fidelity,
            "environment": self.environment,
        }


def trial_key(context: Context, params: Params, seed: int) -> str:
    """The key of the trial that runs `params` (active and fixed) with `seed` in `context`."""
    return f"{KEY_VERSION}:{digest({'context': context.digest, 'params': params, 'seed': seed})}"


def config_id(params: Params) -> str:
    """16 hex digits that name a configuration: its active and fixed parameters, whatever the seed and the context."""
    return digest({"params": params}, length=16)
