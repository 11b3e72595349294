"""The data of a study is on a node once."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from study_runs import run

from hpsearch.execution.job import Job, RunEnd


def test_the_driver_keeps_no_table_that_the_workers_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a node holds two copies of the data as long as the study runs."""
    gone: list[bool] = []

    def execute(job: Job, **_: object) -> RunEnd:
        taken = job.table.take()
        assert taken is not None
        left = weakref.ref(taken)
        del taken
        gc.collect()
        gone.append(left() is None)
        return RunEnd.FINISHED

    monkeypatch.setattr("hpsearch.study.executing.run_local", execute)
    run(
        tmp_path,
        "trial: {estimator: sklearn.tree.DecisionTreeClassifier}\ndata: {sklearn: iris}\nevaluate: {cv: {folds: 3}}\n"
        "metric: {name: accuracy, mode: max}\nspace: {max_depth: [2, 3]}\n",
    )
    assert gone == [True]
