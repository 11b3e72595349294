"""Studies and trials for the mirror's tests, and an MLflow that is a dictionary and fails on demand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hpsearch.core.clock import Clock
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Evaluation, Failure, Outcome, SplitScore, Status, Trial, TrialResult, Usage
from hpsearch.core.values import Value
from hpsearch.ledger import Begun, Ledger, StudyLock, StudyRecord, StudyState, TrialRecord
from hpsearch.tracking.content import RunContent
from hpsearch.tracking.errors import Gone, Refused, Unavailable
from hpsearch.tracking.store import Found

CONTEXT = Context(what="a test")


def a_trial(number: int, seed: int = 0, **more: Value) -> Trial:
    params = {"C": float(number), "kernel": "rbf", **more}
    return Trial(trial_key(CONTEXT, params, seed), config_id(params), params, seed)


def a_result(number: int, outcome: Outcome | None = None, *, seed: int = 0, attempt: int = 1, **more: Value) -> TrialResult:
    split = SplitScore(0, 0, {"accuracy": 0.5}, 8, 2, 0.1, 0.01)
    good = Evaluation({"accuracy": 0.5 + number / 100}, (split,))
    return TrialResult(a_trial(number, seed, **more), attempt, outcome or good, 100.0, 102.0, Usage(2.0), "w", "n")


def a_record(**changes: object) -> TrialRecord:
    trial = a_trial(1)
    record = TrialRecord(
        key=trial.key,
        config_id=trial.config_id,
        params=trial.params,
        seed=0,
        context=CONTEXT.digest,
        status=Status.COMPLETED,
        attempt=1,
        attempts=1,
        metrics={"accuracy": 0.9},
        score=0.9,
        started_at=100.0,
        ended_at=102.0,
        seconds=2.0,
        cpu_s=None,
        peak_rss_bytes=None,
        fit_s=0.5,
        score_s=0.1,
        worker="w",
        node="n",
        error_kind=None,
        error_type="",
        error="",
        traceback="",
        log="",
        number=1,
    )
    return dataclasses.replace(record, **changes)  # type: ignore[arg-type]


def a_study(**changes: object) -> StudyRecord:
    study = StudyRecord(
        name="svm", context=CONTEXT.digest, metric=Metric("accuracy", Mode.MAX), varying=("C",), uid="u1", epoch=1
    )
    return dataclasses.replace(study, **changes)  # type: ignore[arg-type]


class Driver:
    """What a driver does to a study's folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.lock = StudyLock(folder)
        self.ledger = Ledger.open(folder / "ledger.db", clock=clock)
        self.epoch = 0

    def begin(self, **changes: object) -> None:
        self.lock.acquire()
        self.epoch = self.ledger.begin_run(a_study(**changes))

    def commit(self, *results: TrialResult) -> None:
        begun = [Begun(item.trial, item.attempt, "w", "n", 1, 100.0) for item in results]
        self.ledger.commit(self.epoch, begun=begun, results=results)

    def start(self, *trials: Trial, attempt: int = 1) -> None:
        self.ledger.commit(self.epoch, begun=[Begun(trial, attempt, "w", "n", 1, 100.0) for trial in trials])

    def end(self, state: StudyState = StudyState.COMPLETED) -> None:
        self.ledger.end_run(self.epoch, state)
        self.lock.release()

    def close(self) -> None:
        self.lock.release()
        self.ledger.close()


class FakeStore:
    """MLflow as a dictionary. `on_call` sees every call's name first, and may raise; `after_call` raises when it is done."""

    concurrent = False
    bulk = None

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, object]] = {}
        self.calls: list[str] = []
        self.on_call: Callable[[str], None] = lambda name: None
        self.after_call: Callable[[str], None] = lambda name: None

    def active(self) -> dict[str, dict[str, object]]:
        return {run_id: run for run_id, run in self.runs.items() if not run["deleted"]}

    def of(self, trial: Trial) -> dict[str, object]:
        (run,) = [run for run in self.active().values() if run["tags"].get("hpsearch.trial_key") == trial.key]  # type: ignore[attr-defined]
        return run

    def parent(self) -> dict[str, object]:
        (run,) = [run for run in self.active().values() if run["tags"].get("hpsearch.role") == "study"]  # type: ignore[attr-defined]
        return run

    def _call(self, name: str) -> None:
        self.calls.append(name)
        self.on_call(name)

    def _run(self, run_id: str) -> dict[str, object]:
        if run_id not in self.runs or self.runs[run_id]["deleted"]:
            raise Gone(run_id)
        return self.runs[run_id]

    def experiment(self, name: str, tags: Mapping[str, str]) -> str:
        self._call("experiment")
        return "1"

    def parents(self, experiment_id: str, study_id: str) -> list[str]:
        self._call("parents")
        return [
            run_id
            for run_id, run in self.active().items()
            if run["tags"].get("hpsearch.study_id") == study_id and run["tags"].get("hpsearch.role") == "study"  # type: ignore[attr-defined]
        ]

    def children(self, experiment_id: str, parent_id: str, trial_key: str | None = None) -> list[Found]:
        self._call("children")
        found = []
        for run_id, run in self.active().items():
            tags: Mapping[str, str] = run["tags"]  # type: ignore[assignment]
            if tags.get("mlflow.parentRunId") == parent_id and trial_key in (None, tags["hpsearch.trial_key"]):
                found.append(Found(run_id, tags["hpsearch.trial_key"], run["status"] != "RUNNING", len(run["points"])))  # type: ignore[arg-type]
        return found

    def create(self, experiment_id: str, content: RunContent) -> str:
        self._call("create")
        run_id = f"run{len(self.runs)}"
        self.runs[run_id] = {
            "name": content.name,
            "status": "RUNNING",
            "tags": dict(content.tags),
            "params": {},
            "points": set(),
            "end_ms": None,
            "deleted": False,
        }
        self.after_call("create")
        return run_id

    def fill(self, run_id: str, content: RunContent, *, tags: bool = True) -> None:
        self._call("fill")
        run = self._run(run_id)
        for name, value in content.params.items():
            if run["params"].setdefault(name, value) != value:  # type: ignore[attr-defined]
                raise Refused(f"param {name} was {run['params']}")
        run["points"].update(content.points)  # type: ignore[attr-defined]
        if tags:
            run["tags"].update(content.tags)  # type: ignore[attr-defined]
        self.after_call("fill")

    def reopen(self, run_id: str, name: str) -> None:
        self._call("reopen")
        if run_id not in self.runs:
            raise Gone(run_id)
        self.runs[run_id].update(deleted=False, status="RUNNING", name=name)

    def end(self, run_id: str, status: str, end_ms: int) -> None:
        self._call("end")
        self._run(run_id).update(status=status, end_ms=end_ms)
        self.after_call("end")

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        self._call("tag")
        self._run(run_id)["tags"].update(tags)  # type: ignore[attr-defined]

    def untag(self, run_id: str, names: Sequence[str]) -> None:
        self._call("untag")
        for name in names:
            self._run(run_id)["tags"].pop(name, None)  # type: ignore[attr-defined]

    def delete(self, run_id: str) -> None:
        self._call("delete")
        self._run(run_id)["deleted"] = True

    def use_dataset(self, run_id: str, name: str, digest: str) -> None:
        self._call("use_dataset")

    def upload(self, run_id: str, path: Path, into: str = "") -> None:
        self._call("upload")
        names = [f"{into}/{file.name}" for file in sorted(path.iterdir())] if into else [path.name]
        self._run(run_id).setdefault("files", []).extend(names)  # type: ignore[attr-defined]


def down(name: str) -> None:
    """An `on_call` of a server that is gone."""
    raise Unavailable("connection refused")


def a_failure(kind: str = "error") -> Failure:
    from hpsearch.core.trial import FailureKind

    return Failure(FailureKind(kind), "ValueError", "no such C", "Traceback ...")
