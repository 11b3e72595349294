"""What to do about a failed attempt: a pure decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.core.trial import FailureKind
from hpsearch.spec.model import RetrySpec


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
