"""Progress, `status`, the mirror's parent run and the ranking name one best configuration: on repeats, and on ties."""

from __future__ import annotations

from pathlib import Path

import pytest
from study_runs import SPEC, run

from hpsearch.core.clock import SystemClock
from hpsearch.dispatch.messages import Progress
from hpsearch.study import Silent, load, open_ledger, status
from hpsearch.tracking.source import Source

# The luckiest single trial is x = 3 with seed 0; the best mean is that of 2 and 5, which tie; of these 5 has the better `other`.
LUCK = """
def run(params, trial):
    loss = {1: (4, 4), 2: (1, 3), 3: (0, 9), 4: (3, 3), 5: (2, 2), 6: (8, 8)}[params["x"]][trial.seed]
    return {"loss": float(loss), "other": -float(params["x"])}
"""


class Last(Silent):
    """Keeps the last progress."""

    def __init__(self) -> None:
        self.seen: Progress | None = None

    def progress(self, progress: Progress) -> None:
        self.seen = progress


@pytest.mark.parametrize(("tie_break", "expected"), [("[other]", {5}), ("[]", {2, 5})])
def test_all_who_name_the_best_configuration_name_the_same(tmp_path: Path, tie_break: str, expected: set[int]) -> None:
    spec = SPEC + f"repeat: {{seeds: [0, 1]}}\nreport: {{tie_break: {tie_break}}}\n"
    watcher = Last()
    summary = run(tmp_path, spec, job=LUCK, events=watcher)
    top = load("squares", tmp_path / "studies").best()
    assert top is not None
    assert top.params["x"] in expected
    assert watcher.seen is not None
    assert (watcher.seen.best_score, watcher.seen.best_params) == (2.0, top.params)
    standing = status(summary.folder)
    assert (standing.best, standing.best_params) == (2.0, top.params)
    source = Source(str(summary.folder.ledger), summary.folder.path, SystemClock())
    _, study = source.look()
    assert study is not None
    mirrored = source.best(study)
    source.close()
    assert mirrored is not None
    assert (mirrored.config_id, mirrored.metrics) == (top.config_id, top.metrics)


def test_a_single_lucky_repeat_is_not_shown_as_the_best_while_others_run(tmp_path: Path) -> None:
    """As soon as anything is shown, it is a mean over all repeats."""

    class Each(Silent):
        def __init__(self) -> None:
            self.scores: set[float | None] = set()

        def progress(self, progress: Progress) -> None:
            self.scores.add(progress.best_score)

    watcher = Each()
    summary = run(tmp_path, SPEC + "repeat: {seeds: [0, 1]}\n", job=LUCK, events=watcher)
    assert watcher.scores <= {None, 4.0, 2.0}
    with open_ledger(summary.folder) as ledger:
        assert min(record.score for record in ledger.trials() if record.score is not None) < 2.0
