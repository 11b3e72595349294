"""Tests can end a process exactly there; a user's process never ends that way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import hpsearch.core.failpoints
from hpsearch.core.failpoints import VARIABLE, failpoint

ROOT = Path(hpsearch.core.failpoints.__file__).parents[2]


def test_without_the_variable_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    failpoint("starting")


def test_another_points_name_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "ending")
    failpoint("starting")


def test_the_named_point_kills_without_any_clean_up() -> None:
    script = (
        "from hpsearch.core.failpoints import failpoint\n"
        "try: print('reached', flush=True); failpoint('starting')\n"
        "finally: print('cleaned up', flush=True)"
    )
    env = os.environ | {VARIABLE: "starting", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "reached\n"
