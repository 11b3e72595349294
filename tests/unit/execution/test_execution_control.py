"""How a run is asked to end: at any moment, by a signal or by another thread, and without waiting for what may be left."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from hpsearch.core.errors import Interrupted
from hpsearch.execution.job import Control


@contextlib.contextmanager
def signals_drain(control: Control, after_s: float) -> Iterator[None]:
    """SIGALRM after a while, handled as `hpsearch run` handles Ctrl-C."""

    def handle(number: int, frame: FrameType | None) -> None:
        control.drain()

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, after_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_ends_a_wait() -> None:
    control = Control()
    began = time.monotonic()
    with signals_drain(control, 0.05):
        control.wait(60)
    assert control.draining
    assert time.monotonic() - began < 30


def test_a_signal_ends_what_gives_way_where_it_is_even_if_that_catches_every_exception() -> None:
    control = Control()

    def load() -> None:
        with control.giving_way():
            with contextlib.suppress(Exception):  # as loading a user's data does, to say what is wrong with them
                time.sleep(60)
            pytest.fail("it went on")

    began = time.monotonic()
    with signals_drain(control, 0.05), pytest.raises(Interrupted, match="before the first trial"):
        load()
    assert time.monotonic() - began < 30


def test_the_second_signal_does_not_break_into_the_cleaning_up_after_the_first() -> None:
    control = Control()
    cleaned = threading.Event()

    def load() -> None:
        with control.giving_way():
            try:
                control.drain()
            finally:
                control.cancel()
                cleaned.set()

    with pytest.raises(Interrupted):
        load()
    assert cleaned.is_set()
    assert control.cancelled


def test_another_threads_request_is_seen_at_the_end_of_what_gives_way_and_before_the_next() -> None:
    control = Control()
    loaded = threading.Event()

    def load() -> None:
        with control.giving_way():
            asking = threading.Thread(target=control.drain)
            asking.start()
            asking.join()
            loaded.set()

    with pytest.raises(Interrupted):
        load()
    assert loaded.is_set()
    loaded.clear()
    with pytest.raises(Interrupted):
        load()
    assert not loaded.is_set()


def test_an_interrupt_that_nobody_asked_for_here_stays_what_it_is() -> None:
    with pytest.raises(KeyboardInterrupt), Control().giving_way():
        raise KeyboardInterrupt


def test_what_holds_out_is_done_before_the_signal_ends_what_gives_way() -> None:
    control, done = Control(), []

    def load() -> None:
        with control.giving_way():
            with control.holding_out():
                control.drain()
                done.append("imported")
            done.append("loaded")

    with pytest.raises(Interrupted):
        load()
    assert done == ["imported"]
    with Control().holding_out():
        done.append("alone")
