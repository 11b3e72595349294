"""What a trial and a study become in MLflow, decided from records alone."""

from __future__ import annotations

import dataclasses
import math

import pytest
from tracking_builders import a_record, a_study

from hpsearch.core.best import BestRule
from hpsearch.core.trial import FailureKind, Report, SplitScore, Status
from hpsearch.ledger import StudyState
from hpsearch.ledger.leading import measured
from hpsearch.tracking.content import Labels, RunContent, common_tags, report_steps, run_name, trial_content
from hpsearch.tracking.limits import PARAM_CHARS, TAG_CHARS, key, value_text
from hpsearch.tracking.parent import parent_content

LABELS = Labels(("C", "gamma"), seeds=False)


def content_of(
    splits: tuple[SplitScore, ...] = (), reports: tuple[Report, ...] = (), labels: Labels = LABELS, **changes: object
) -> RunContent:
    return trial_content(a_record(**changes), splits, reports, labels=labels, common={})


def points_of(content: RunContent, name: str) -> list[tuple[int, float, int]]:
    return [(point.step, point.value, point.timestamp_ms) for point in content.points if point.key == name]


def test_names_say_what_varies() -> None:
    """A list of runs can be read: varying parameters only, short numbers, the seed where there are several."""
    params = {"C": 0.1 + 0.2, "gamma": 1e-5, "kernel": "rbf"}
    assert run_name(params, 3, LABELS) == "C=0.3 gamma=1e-05"
    assert run_name(params, 3, Labels(("C",), seeds=True)) == "C=0.3 seed=3"
    assert run_name({"gamma": 1}, 0, LABELS) == "gamma=1", "an inactive parameter is absent"
    assert run_name({}, 0, Labels((), False)) == "seed=0"
    assert len(run_name({"C": "x" * 999}, 0, LABELS)) <= 30
    many = Labels(tuple(f"p{number}" for number in range(99)), False)
    assert len(run_name({f"p{number}": number for number in range(99)}, 0, many)) == 120


def test_values_keep_their_text() -> None:
    """ "12345_00000" is a name and not a number; a list, None and a bool look as in Python or JSON."""
    assert [value_text(value) for value in ("12345_00000", "1e5", 3, 3.0, True, None, (1, 2), {"a": 1})] == [
        "12345_00000",
        "1e5",
        "3",
        "3.0",
        "True",
        "None",
        "[1, 2]",
        '{"a": 1}',
    ]
    assert content_of(params={"C": "12345_00000", "gamma": "nan"}).params == {"C": "12345_00000", "gamma": "nan"}


def test_params_and_constants_are_set_apart() -> None:
    """The comparison page shows what differs, and a constant is found as a tag."""
    content = content_of(params={"C": 1, "kernel": "rbf"}, labels=Labels(("C",), True), seed=4)
    assert content.params == {"C": "1", "seed": "4"}
    assert content.tags["hpsearch.const.kernel"] == "rbf"
    assert content.tags["hpsearch.seed"] == "4"


def test_what_is_too_long_is_cut_and_says_so() -> None:
    """MLflow would cut silently, or refuse the run."""
    content = content_of(
        params={"C": "x" * 10_000}, status=Status.FAILED, error="e" * 9000, traceback="first\n" + "t" * 9000 + "last"
    )
    assert len(content.params["C"]) == PARAM_CHARS
    assert content.params["C"].endswith("[cut]")
    assert content.tags["hpsearch.cut"] == "C"
    assert len(content.tags["hpsearch.traceback"]) <= TAG_CHARS
    assert content.tags["hpsearch.traceback"].endswith("last"), "the last frames are what is read"
    assert max(map(len, content.tags.values())) <= TAG_CHARS
    assert max(map(len, content_of(params={f"p{number}": number for number in range(300)}).tags)) < 250
    assert len(content_of(params={f"p{number}": number for number in range(300)}).tags) < 100


@pytest.mark.parametrize("name", ["a/b", "loss", "clf__C", "top-1 acc", "f1:macro"])
def test_names_that_mlflow_takes_stay(name: str) -> None:
    """A user finds a metric under the name that the study gave it."""
    assert key(name) == name


@pytest.mark.parametrize(
    ("name", "expected"), [("", "_"), ("a@b", "a_b"), ("/a", "_a"), ("a//b", "a_b"), ("../x", "_x"), ("a/", "a_")]
)
def test_names_that_mlflow_refuses_are_made_fit(name: str, expected: str) -> None:
    """One odd name would otherwise keep the whole run out."""
    assert key(name) == expected


def test_two_names_made_fit_alike_stay_two() -> None:
    """No metric takes another's place."""
    content = content_of(metrics={"a@b": 1.0, "a#b": 2.0})
    assert points_of(content, "a_b") == [(0, 1.0, 102_000)]
    assert points_of(content, "a_b_2") == [(0, 2.0, 102_000)]


def test_folds_are_steps_of_one_metric() -> None:
    """Repeats and folds in one chart: step = repeat * folds + fold."""
    splits = tuple(
        SplitScore(repeat, fold, {"accuracy": repeat + fold / 10}, 8, 2, 0.1, 0.01) for repeat in (0, 1) for fold in (0, 1, 2)
    )
    content = content_of(splits)
    assert [(step, value) for step, value, _ in points_of(content, "fold/accuracy")] == [
        (0, 0.0),
        (1, 0.1),
        (2, 0.2),
        (3, 1.0),
        (4, 1.1),
        (5, 1.2),
    ]
    assert len(points_of(content, "fold/fit_s")) == 6
    assert points_of(content, "accuracy") == [(0, 0.9, 102_000)]
    assert points_of(content, "seconds") == [(0, 2.0, 102_000)]


def test_a_metric_of_the_users_own_called_fit_s_stands() -> None:
    """`metrics: [fit_s]` means the study's own."""
    assert points_of(content_of(metrics={"fit_s": 7.0}), "fit_s") == [(0, 7.0, 102_000)]


def test_the_returned_value_is_the_latest() -> None:
    """MLflow shows and sorts by the point of the highest step and time: it must be the one that ranks."""
    reports = tuple(Report(seq, seq * 5, {"accuracy": seq / 10}, 100 + seq / 10) for seq in range(3))
    points = points_of(content_of(reports=reports), "accuracy")
    assert points[:3] == [(0, 0.0, 100_000), (5, 0.1, 100_100), (10, 0.2, 100_200)]
    assert max(points, key=lambda point: (point[0], point[2])) == (10, 0.9, 102_000)
    same = points_of(content_of(reports=reports, metrics={"accuracy": 0.2}), "accuracy")
    assert len(same) == 3, "a value that was reported last is not written twice"


def test_steps_are_whole_or_counted() -> None:
    """MLflow has no step 0.5; all of a trial's steps are then the reports' order."""
    at = [Report(seq, step, {}, 0.0) for seq, step in enumerate((0.5, 1.0, math.inf))]
    assert report_steps(at) == [0, 1, 2]
    assert report_steps(at[1:2]) == [1]


def test_delivering_twice_is_the_same() -> None:
    """Timestamps come from the ledger: a replay writes the points MLflow already has."""
    reports = (Report(0, 0, {"loss": 0.5}, 100.5),)
    assert content_of(reports=reports) == content_of(reports=reports)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.RUNNING, "RUNNING"),
        (Status.COMPLETED, "FINISHED"),
        (Status.STOPPED, "KILLED"),
        (Status.CANCELLED, "KILLED"),
        (Status.FAILED, "FAILED"),
        (Status.TIMEOUT, "FAILED"),
    ],
)
def test_statuses(status: Status, expected: str) -> None:
    """A run ended in MLflow as its trial truly ended."""
    content = content_of(status=status, error="e", error_kind=FailureKind.ERROR)
    assert content.status == expected
    assert content.tags["hpsearch.status"] == status.value
    assert (content.end_ms is None) == (status is Status.RUNNING)
    assert ("hpsearch.error" in content.tags) == (expected == "FAILED")


def test_hostile_text_is_made_harmless() -> None:
    """NUL and lone surrogates would make databases and JSON encoders refuse the run."""
    content = content_of(params={"C": "a\x00b\ud800c"}, status=Status.FAILED, error="\x00")
    for text in (*content.params.values(), *content.tags.values()):
        assert "\x00" not in text
        text.encode("utf-8")


def test_the_parent() -> None:
    """The study's own tags, its description, how it ended, and what is best."""
    study = a_study(
        tags={"team": "x", "hpsearch.study": "forged", "odd@name": "y"},
        description="words",
        state=StudyState.COMPLETED,
        started_at=10.0,
        ended_at=20.0,
        created_at=5.0,
    )
    common = common_tags(study, "ann")
    best = BestRule(study.metric).standing([measured(a_record(params={"C": 3.0}))])
    content = parent_content(study, common, killed_at=None, counts={Status.COMPLETED: 3, Status.TIMEOUT: 1}, best=best)
    assert content.tags["hpsearch.study"] == "svm"
    assert (content.tags["team"], content.tags["odd_name"], content.tags["mlflow.note.content"]) == ("x", "y", "words")
    assert content.tags["hpsearch.best.C"] == "3.0"
    assert (content.status, content.start_ms, content.end_ms) == ("FINISHED", 5000, 20_000)
    assert points_of(content, "best_accuracy") == [(1, 0.9, 20_000)]
    assert points_of(content, "trials_failed") == [(1, 1, 20_000)]
    running = parent_content(
        dataclasses.replace(study, state=StudyState.RUNNING, ended_at=None), common, killed_at=None, counts={}, best=None
    )
    assert (running.status, running.end_ms, running.points) == ("RUNNING", None, ())
    killed = parent_content(
        dataclasses.replace(study, state=StudyState.RUNNING, ended_at=None), common, killed_at=15.0, counts={}, best=None
    )
    assert (killed.status, killed.end_ms, killed.tags["hpsearch.state"]) == ("KILLED", 15_000, "INTERRUPTED")
