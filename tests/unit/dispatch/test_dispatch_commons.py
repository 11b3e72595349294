"""First steps between the workers of a node: nobody fits what another is at, and nobody waits for what does not come."""

from __future__ import annotations

import pytest

from hpsearch.dispatch.commons import Commons
from hpsearch.dispatch.messages import Grant, Offer, WorkerInfo


def commons_of(*slots: str, node: str = "n") -> Commons:
    commons = Commons()
    for slot in slots:
        commons.join(WorkerInfo(slot, "1", node, 1))
    return commons


def offered(slot: str, fold: int, key: str, nbytes: int = 10, room_bytes: int = 100) -> Offer:
    return Offer(slot, fold, key, f"{key} of {fold}", nbytes, room_bytes)


ALL = {0: ("a",), 1: ("a",), 2: ("a",)}


def test_two_that_begin_at_once_divide_the_folds() -> None:
    commons = commons_of("v", "w")
    assert commons.claim("v", ALL) == Grant(0)
    assert commons.claim("w", ALL) == Grant(1)
    commons.offer(offered("v", 0, "a"))
    assert commons.claim("v", {1: ("a",), 2: ("a",)}) == Grant(2)
    commons.offer(offered("w", 1, "a"))
    assert commons.claim("w", {0: ("a",), 2: ("a",)}) == Grant(0, "a", "a of 0")
    assert commons.claim("w", {2: ("a",)}) is None, "the other is at it"
    commons.offer(offered("v", 2, "a"))
    assert commons.claim("w", {2: ("a",)}) == Grant(2, "a", "a of 2")


def test_what_is_ready_comes_before_what_is_to_be_fitted() -> None:
    commons = commons_of("v", "w")
    commons.offer(offered("v", 2, "a"))
    assert commons.claim("w", ALL) == Grant(2, "a", "a of 2")


def test_of_several_steps_the_ready_ones_are_taken_and_the_rest_is_claimed() -> None:
    commons = commons_of("v", "w", "x")
    assert commons.claim("v", {0: ("a", "ab")}) == Grant(0)
    assert commons.claim("w", {0: ("a", "ac")}) is None, "the first step of its two is being fitted"
    commons.offer(offered("v", 0, "a"))
    assert commons.claim("w", {0: ("a", "ac")}) == Grant(0, "a", "a of 0")
    assert commons.claim("x", {0: ("a", "ac")}) is None, "and the second is the other's now"
    assert commons.claim("x", {0: ("a",)}) == Grant(0, "a", "a of 0")


@pytest.mark.parametrize("end", ["lost", "release", "join"])
def test_a_claim_is_free_again_when_its_worker_is_gone_or_is_through(end: str) -> None:
    commons = commons_of("v", "w")
    assert commons.claim("v", {0: ("a",)}) == Grant(0)
    assert commons.claim("w", {0: ("a",)}) is None
    {
        "lost": lambda: commons.lost("v"),
        "release": lambda: commons.release("v"),
        "join": lambda: commons.join(WorkerInfo("v", "2", "n", 2)),
    }[end]()
    assert commons.claim("w", {0: ("a",)}) == Grant(0)


def test_what_a_lost_worker_gave_is_gone_with_it() -> None:
    commons = commons_of("v", "w")
    commons.offer(offered("v", 0, "a"))
    commons.offer(offered("w", 1, "a"))
    commons.lost("v")
    assert commons.claim("w", {0: ("a",)}) == Grant(0)
    commons.join(WorkerInfo("v", "2", "n", 2))
    assert commons.claim("v", {1: ("a",)}) == Grant(1, "a", "a of 1"), "what others gave is there"


def test_nobody_waits_for_what_is_not_handed_on() -> None:
    commons = commons_of("v", "w", "x")
    assert [commons.claim(slot, {0: ("a",), 1: ("a",)}) for slot in "vwx"] == [Grant(0), Grant(1), None]
    commons.withhold("v", 0, ("a",))
    assert commons.claim("x", {0: ("a",), 1: ("a",)}) == Grant(0)
    assert commons.claim("v", {1: ("a",)}) == Grant(1), "of another fold neither"
    assert not commons.hands_on("n")


def test_what_was_given_and_is_not_there_is_fitted_again() -> None:
    commons = commons_of("v", "w", "x")
    commons.offer(offered("v", 0, "a"))
    assert commons.claim("w", {0: ("a", "ab")}) == Grant(0, "a", "a of 0")
    commons.forget("w", 0, "a")
    assert commons.claim("x", {0: ("a", "ab")}) == Grant(0), "whoever found out holds nothing of it"


def test_nodes_have_nothing_in_common() -> None:
    commons = commons_of("v")
    commons.join(WorkerInfo("far", "1", "m", 1))
    assert commons.claim("v", {0: ("a",)}) == Grant(0)
    assert commons.claim("far", {0: ("a",)}) == Grant(0)
    commons.offer(offered("v", 0, "a"))
    assert commons.claim("far", {0: ("a",)}) == Grant(0)
    assert (commons.hands_on("n"), commons.hands_on("m")) == (True, False)


def test_what_is_ready_takes_no_more_than_there_is_room_for() -> None:
    commons = commons_of("v", "w")
    for fold in range(3):
        commons.offer(offered("v", fold, "a", nbytes=30))
    assert commons.claim("w", {0: ("a",)}) == Grant(0, "a", "a of 0")
    commons.offer(offered("v", 3, "a", nbytes=30))
    assert commons.claim("w", {1: ("a",)}) == Grant(1), "the least recently used is gone"
    for fold in (0, 2, 3):
        assert commons.claim("w", {fold: ("a",)}) == Grant(fold, "a", f"a of {fold}")


def test_what_is_larger_than_all_the_room_is_each_workers_own() -> None:
    commons = commons_of("v", "w")
    commons.offer(offered("w", 1, "b"))
    assert commons.claim("v", {0: ("a",)}) == Grant(0)
    commons.offer(offered("v", 0, "a", nbytes=101))
    assert commons.claim("v", {0: ("a",)}) == Grant(0)
    assert commons.claim("w", {0: ("a",)}) == Grant(0)
    assert commons.claim("v", {1: ("b",)}) == Grant(1, "b", "b of 1"), "and nothing had to go for it"


def test_given_twice_it_counts_once() -> None:
    commons = commons_of("v", "w")
    for _ in range(5):
        commons.offer(offered("v", 0, "a", nbytes=60))
    commons.offer(offered("w", 1, "a", nbytes=40))
    assert commons.claim("w", {0: ("a",)}) == Grant(0, "a", "a of 0")


def test_who_was_replaced_is_kept_from_nothing() -> None:
    assert Commons().claim("gone", {4: ("a",)}) == Grant(4)
