"""Scores that diverged, and names that no text may have: programs get JSON that they can read, and people a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from cli_commands import Typist

from hpsearch.core.clock import SystemClock
from hpsearch.core.identity import Context, config_id, trial_key
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.trial import Evaluation, SplitScore, Trial, TrialResult, Usage
from hpsearch.ledger import Ledger, StudyRecord, StudyState

CONTEXT = Context(what="tests", data="d")


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    return Typist(tmp_path, capsys, monkeypatch)


def record(folder: Path, *rows: Sequence[float], **others: float) -> list[str]:
    """A study "odd" of one configuration a row, with these scores of its folds, and other metrics; the configurations' ids."""
    done = []
    for C, folds in enumerate(rows):
        params = {"C": C}
        trial = Trial(trial_key(CONTEXT, params, 0), config_id(params), params, 0)
        splits = tuple(SplitScore(0, fold, {"loss": score, **others}, 80, 20, 0.5, 0.1) for fold, score in enumerate(folds))
        scores = {"loss": sum(folds) / len(folds), **others}
        done.append(TrialResult(trial, 1, Evaluation(scores, splits), 1.0, 2.0, Usage(1.0, 1.0, 1), "w", "n"))
    study = StudyRecord("odd", CONTEXT.digest, Metric("loss", Mode.MIN), varying=("C",))
    with closing(Ledger.open(folder / "studies" / "odd" / "ledger.db", clock=SystemClock())) as ledger:
        epoch = ledger.begin_run(study)
        ledger.commit(epoch, results=done)
        ledger.end_run(epoch, StudyState.COMPLETED)
    return [each.trial.config_id for each in done]


def test_an_infinite_score_is_null_for_programs(typed: Typist) -> None:
    """As `results --json` has it: JSON knows no infinity."""
    diverged, _ = record(typed.folder, [math.inf, 0.5, 0.6], [0.5, 0.6, 0.7])
    shown = typed("show", "odd", diverged, "--json")
    assert shown.code == 0, shown.err
    assert (shown.json()["rank"], shown.json()["score"]) == (None, None)
    assert [fold["scores"]["loss"] for fold in shown.json()["trials"][0]["folds"]] == [None, 0.5, 0.6]


def test_what_diverged_is_compared_without_nan(typed: Typist) -> None:
    a, b, _ = record(typed.folder, [1e300, -1e300, 0.0], [-1e300, 1e300, 0.0], [0.5, 0.6, 0.7])
    for arguments in ((), ("--json",), ("--rope", "1e308")):
        said = typed("compare", "odd", a, b, *arguments)
        assert (said.code, "nan" in said.out.lower()) == (0, False), said
    difference = typed("compare", "odd", a, b, "--json").json()["difference"]
    assert (difference["low"], difference["p_better"], difference["capped"]) == (None, None, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("results", "odd"),
        ("results", "odd", "--json"),
        ("results", "odd", "--table", "trials", "--format", "csv"),
        ("results", "odd", "--table", "evaluations"),
        ("results", "odd", "--where", "loss < 0.7"),
        ("results", "odd", "--importance"),
        ("results", "odd", "--format", "parquet", "-o", "tables"),
        ("show", "odd", "{id}"),
        ("show", "odd", "{id}", "--json"),
        ("best", "odd"),
        ("status", "odd"),
        ("report", "odd", "-o", "page.html"),
        ("report", "odd", "--figures", "figures"),
    ],
    ids=" ".join,
)
def test_a_metrics_name_that_is_no_text_stops_nobody_who_reads(typed: Typist, arguments: tuple[str, ...]) -> None:
    """A ledger may hold such: a file's name in another encoding, that was made a metric's."""
    first, *_ = record(typed.folder, [0.5, 0.6, 0.7], [0.4, 0.5, 0.6], [0.9, 0.8, 0.9], **{"acc\udce9": 1.0})
    said = typed(*(each.format(id=first) for each in arguments))
    assert (said.code, said.err) == (0, "") or "shown\n" in said.err, said.err
    if "--json" in arguments:
        assert "acc\\\\udce9" in said.out
