"""Ray starts in the background as soon as it surely will be needed, and not for what is refused in a moment; the mirror later."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from study_runs import JOB, SPEC

from hpsearch.core.clock import SystemClock
from hpsearch.core.errors import SpecError
from hpsearch.dispatch.messages import Progress
from hpsearch.execution.job import Listener, RunEnd
from hpsearch.ledger import Ledger, StudyState
from hpsearch.spec import load_spec
from hpsearch.study import Options, executing, plan, run, running


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

    class Crew:
        def __init__(self, session: Any, resources: Any, count: Any, modules: tuple[str, ...]) -> None:
            done.append(f"crew with {', '.join(modules)}")

        def call(self) -> None: ...

        def leave(self) -> None:
            done.append("crew leaves")

    monkeypatch.setattr(executing, "RaySession", Session)
    monkeypatch.setattr("hpsearch.execution.ray_crew.Crew", Crew)
    monkeypatch.setattr(running, "start_mirror", lambda **_: Mirror())
    monkeypatch.setattr(running, "open_backlog", count)
    return done


def begin(folder: Path, *overrides: str, in_process: bool = False) -> None:
    (folder / "job.py").write_text(JOB)
    (folder / "spec.yaml").write_text(SPEC)
    run(load_spec(folder / "spec.yaml", overrides=overrides), Options(folder / "studies", in_process=in_process))


def test_ray_starts_before_the_trials_of_a_new_study_are_counted(tmp_path: Path, steps: list[str]) -> None:
    with pytest.raises(_Stop):
        begin(tmp_path)
    assert steps == ["Ray", "counting"]


ESTIMATOR = """
name: made
trial: {estimator: sklearn.svm.SVC}
data: {function: "made_data:load"}
evaluate: {cv: {folds: 2, seed: 0}, metrics: [accuracy]}
metric: {name: accuracy, mode: max}
space: {C: [1.0, 2.0]}
"""


LOADER = """
import made_steps

def load():
    made_steps.done.append("loading")
    return [[1.0], [2.0], [3.0], [4.0]], LABELS
"""


@pytest.mark.parametrize("labels", ["[0, 1, 0, 1]", "[]"])
def test_workers_are_called_before_data_is_loaded_that_may_take_long(
    tmp_path: Path, steps: list[str], labels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "made_steps", SimpleNamespace(done=steps))  # type: ignore[misc]  # a module's stand-in
    (tmp_path / "made_data.py").write_text(LOADER.replace("LABELS", labels))
    (tmp_path / "spec.yaml").write_text(ESTIMATOR)
    monkeypatch.delitem(sys.modules, "made_data", raising=False)
    with pytest.raises(_Stop if labels != "[]" else SpecError):
        run(load_spec(tmp_path / "spec.yaml"), Options(tmp_path / "studies"))
    counted = ["Ray", "counting"] if labels != "[]" else []
    assert steps == ["Ray", "crew with sklearn.metrics, sklearn.svm", "loading", *counted, "crew leaves"]


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


def _progress(running: int, completed: int) -> Progress:
    return Progress(
        total=6, reused=0, reused_failed=0, completed=completed, failed=0, running=running, workers=2, best_score=None,
        best_params=None, elapsed_s=1.0, search_s=0.0, draining=False, finished=completed == 6,
    )  # fmt: skip


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """When the mirror started, among what the trials did; each time, how the ledger has the study then."""
    done: list[str] = []

    class Mirror:
        def poll(self) -> int:
            return 0

    def start_mirror(*, ledger: Path, **_: object) -> Mirror:
        with closing(Ledger.open(ledger, clock=SystemClock(), read_only=True)) as opened:
            study = opened.study()
        assert study is not None
        done.append(f"mirror of run {study.epoch}, {study.state.value}")
        return Mirror()

    def run_local(job: object, *, listener: Listener, **_: object) -> RunEnd:
        for running_now, completed, what in ((0, 0, "nothing runs"), (1, 0, "the first runs"), (0, 6, "all are done")):
            done.append(what)
            listener(_progress(running_now, completed))
        return RunEnd.FINISHED

    monkeypatch.setattr(running, "start_mirror", start_mirror)
    monkeypatch.setattr(executing, "run_local", run_local)
    return done


def test_the_mirror_starts_with_the_first_trial_that_runs(tmp_path: Path, mirrored: list[str]) -> None:
    """Sooner, it would take from the first trial the CPU that its worker starts with."""
    begin(tmp_path, in_process=True)
    assert mirrored == ["nothing runs", "the first runs", f"mirror of run 1, {StudyState.RUNNING.value}", "all are done"]


def test_of_a_study_run_again_the_mirror_starts_once_the_run_has_begun(tmp_path: Path, mirrored: list[str]) -> None:
    """A mirror that is at work still hands over; sooner, the new one would take the earlier run's end for this one's."""
    begin(tmp_path, in_process=True)
    mirrored.clear()
    begin(tmp_path, in_process=True)
    assert mirrored == [f"mirror of run 2, {StudyState.RUNNING.value}", "nothing runs", "the first runs", "all are done"]
