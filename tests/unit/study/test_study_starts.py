"""Ray starts in the background as soon as it surely will be needed, and not for what is refused in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from study_runs import JOB, SPEC

from hpsearch.core.errors import SpecError
from hpsearch.spec import load_spec
from hpsearch.study import Options, plan, run, running


class _Stop(Exception):
    pass


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order, until the trials are counted; then `_Stop`."""
    done: list[str] = []

    class Session:
        def __init__(self, *_: Any) -> None: ...

        def start(self) -> None:
            done.append("Ray")

        def close(self) -> None: ...

    def count(*_: Any) -> None:
        done.append("counting")
        raise _Stop

    class Mirror:
        def poll(self) -> int:
            return 0

    monkeypatch.setattr(running, "RaySession", Session)
    monkeypatch.setattr(running, "start_mirror", lambda **_: Mirror())
    monkeypatch.setattr(running, "open_backlog", count)
    return done


def begin(folder: Path, *overrides: str) -> None:
    (folder / "job.py").write_text(JOB)
    (folder / "spec.yaml").write_text(SPEC)
    run(load_spec(folder / "spec.yaml", overrides=overrides), Options(folder / "studies"))


def test_ray_starts_before_the_trials_of_a_new_study_are_counted(tmp_path: Path, steps: list[str]) -> None:
    with pytest.raises(_Stop):
        begin(tmp_path)
    assert steps == ["Ray", "counting"]


def test_ray_waits_where_nothing_may_be_left_to_run(tmp_path: Path, steps: list[str]) -> None:
    for _ in range(2):
        with pytest.raises(_Stop):
            begin(tmp_path)
    assert steps == ["Ray", "counting", "counting"]


def test_ray_is_not_started_for_a_spec_that_is_refused(tmp_path: Path, steps: list[str]) -> None:
    with pytest.raises(SpecError):
        begin(tmp_path, "trial.function=nowhere:run")
    assert steps == []


def test_a_search_that_finds_nothing_is_refused_before_anything_is_made(
    tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpsearch.search.draws.FRUITLESS_DRAWS", 500)
    asked = ("search={method: random, trials: 4}", "constraints=[x > 9]")
    with pytest.raises(SpecError, match="they admit none"):
        begin(tmp_path, *asked)
    with pytest.raises(SpecError, match="they admit none"):
        plan(load_spec(tmp_path / "spec.yaml", overrides=asked), Options(tmp_path / "studies"))
    assert steps == []
    assert not (tmp_path / "studies").exists()
