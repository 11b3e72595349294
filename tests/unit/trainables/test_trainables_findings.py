"""What is said of a spec's places, and what is left unsaid since it follows from a mistake that has been told."""

from __future__ import annotations

import pytest

from hpsearch.core.errors import SHOWN, Problem
from hpsearch.trainables.findings import Findings


def findings(*unread: str) -> Findings:
    return Findings(lambda path, message: Problem(message, path), frozenset(unread))


@pytest.mark.parametrize(
    ("path", "unread", "whole"),
    [
        ("space.a", True, False),
        ("space.a.choice[1]", True, False),
        ("space", False, False),
        ("space.ab", False, True),
        ("data.drop[0]", False, True),
        ("data", False, True),
        ("", False, True),
    ],
)
def test_what_lies_in_or_around_a_mistake_is_known(path: str, unread: bool, whole: bool) -> None:
    found = findings("space.a", "evaluate.metrics[2]", "")
    assert (found.is_unread(path), found.is_whole(path)) == (unread, whole)
    found.add(path, "is wrong")
    assert bool(found.problems) is whole


def test_near_names_are_looked_for_while_somebody_reads_them() -> None:
    found = findings()
    for index in range(SHOWN):
        assert found.seeks_near
        found.add(f"space.p{index}", "is wrong")
    assert not found.seeks_near
