"""When failures say that no other trial would do better: a search ends early for a wrong name, and for nothing else."""

from __future__ import annotations

import pytest

from hpsearch.core.errors import ObjectiveError, OtherMetricsError
from hpsearch.core.trial import Evaluation, Failure, FailureKind, Outcome
from hpsearch.dispatch.policy import ENOUGH, Misnamed


def other(message: str = "returned los", error: type[Exception] = OtherMetricsError) -> Failure:
    return Failure(FailureKind.ERROR, error.__name__, message)


SCORED = Evaluation({"loss": 1.0})
CASES: dict[str, tuple[list[Outcome], bool]] = {
    "all alike": ([other()] * ENOUGH, True),
    "one too few": ([other()] * (ENOUGH - 1), False),
    "after another error": ([other("boom", ValueError), *[other()] * ENOUGH], True),
    "with another error among them": ([*[other()] * (ENOUGH - 1), other("boom", ValueError), other()], False),
    "of two minds": ([other(), other("returned lss")] * ENOUGH, False),
    "no metrics at all": ([other("returned nothing", ObjectiveError)] * ENOUGH, False),
    "one has it": ([SCORED, *[other()] * ENOUGH], False),
}


@pytest.mark.parametrize(("outcomes", "sure"), CASES.values(), ids=CASES)
def test_what_takes_a_name_for_wrong(outcomes: list[Outcome], sure: bool) -> None:
    known = Misnamed()
    for outcome in outcomes:
        known = known.after(outcome)
    assert known.is_sure is sure
