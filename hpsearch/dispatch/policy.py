"""What to do about a failed attempt, and when failures say that no other trial would do better: pure decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hpsearch.core.errors import OtherMetricsError
from hpsearch.core.trial import Evaluation, FailureKind, Outcome
from hpsearch.spec.model import RetrySpec

ENOUGH = 5


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How many further attempts each class of failure gets."""

    allowed: Mapping[FailureKind, int]

    @classmethod
    def of(cls, retry: RetrySpec) -> RetryPolicy:
        return cls(
            {
                FailureKind.ERROR: retry.error,
                FailureKind.CRASH: retry.crash,
                FailureKind.OUT_OF_MEMORY: retry.out_of_memory,
                FailureKind.TIMEOUT: retry.timeout,
                FailureKind.NODE_LOST: retry.node_lost,
            }
        )

    def retries(self, kind: FailureKind, failures: int) -> bool:
        """Whether a trial goes on that has failed `failures` times by this kind, this time included."""
        return failures <= self.allowed[kind]


@dataclass(frozen=True, slots=True)
class Misnamed:
    """Whether all trials will lack the study's metric, since the function or the spec has another name for it.

    So it is taken to be when none has completed, and ENOUGH in a row gave the same other metrics. One that gives none at all may
    have its reasons (a configuration that cannot be), and so may a few that give others.

    Attributes:
        said: what the last of them said; empty where the last outcome was another.
        times: how many in a row have said so.
        never: a trial has completed, so the name is right.
    """

    said: str = ""
    times: int = 0
    never: bool = False

    def after(self, outcome: Outcome) -> Misnamed:
        """What is known once a trial has ended with `outcome`."""
        if self.never or isinstance(outcome, Evaluation):
            return Misnamed(never=True)
        if outcome.type != OtherMetricsError.__name__:
            return Misnamed()
        return replace(self, times=self.times + 1) if outcome.message == self.said else Misnamed(outcome.message, 1)

    @property
    def is_sure(self) -> bool:
        return self.times >= ENOUGH
