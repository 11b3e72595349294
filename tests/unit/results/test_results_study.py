"""What is asked of results: the best, the rules, the rows, and sentences where there is nothing to give."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from results_builders import Study

from hpsearch.core.errors import ObjectiveError, SpecError
from hpsearch.core.trial import FailureKind, Status
from hpsearch.core.values import Value
from hpsearch.results import show
from hpsearch.results.ranked_study import TABLES


def three() -> Study:
    """C = 2 is best; C = 1 nearly as good and much cheaper; C = 3 clearly worse."""
    study = Study()
    study.add({"C": 1, "kernel": "rbf"}, folds=[0.79, 0.83, 0.77, 0.84, 0.76], seconds=1.0)
    study.add({"C": 2, "kernel": "rbf"}, folds=[0.80, 0.82, 0.78, 0.84, 0.76], seconds=9.0)
    study.add({"C": 3, "kernel": "rbf"}, folds=[0.50, 0.53, 0.47, 0.55, 0.46], seconds=0.1)
    return study


def test_selecting_gives_the_parameters_as_they_were() -> None:
    """They are pasted into code: types and fixed parameters included."""
    assert three().results().select() == {"C": 2, "kernel": "rbf"}
    best = three().results().best()
    assert best is not None
    assert (best.rank, best.params["C"], best.n, best.in_best_set) == (1, 2, 5, True)


def test_the_other_rules_prefer_what_is_cheaper_but_no_worse() -> None:
    """C = 1 takes a ninth of the time; C = 3 even less, and is out of the question."""
    results = three().results()
    assert results.select("1se")["C"] == 1
    assert results.select("cheapest")["C"] == 1


@pytest.mark.parametrize(("saved", "chosen"), [(0.05, 2), (0.2, 1)])
def test_a_timers_noise_is_no_reason_to_leave_the_better_one(saved: float, chosen: int) -> None:
    """Times within a tenth are equal, and the rank decides; also against one that is a little cheaper still."""
    study = Study(varying=("C",))
    study.add({"C": 2}, folds=[0.80, 0.82, 0.78, 0.84, 0.76], seconds=1.0)
    study.add({"C": 1}, folds=[0.79, 0.83, 0.77, 0.84, 0.76], seconds=1.0 - saved)
    study.add({"C": 0}, folds=[0.79, 0.82, 0.77, 0.84, 0.75], seconds=(1.0 - saved) * 0.97)
    results = study.results()
    assert [results.select(rule)["C"] for rule in ("best", "1se", "cheapest")] == [2, chosen, chosen]


def test_rules_that_cannot_be_followed_say_why() -> None:
    """An unknown rule, no standard error, nothing completed: three sentences, two kinds of exit."""
    with pytest.raises(SpecError, match=r"no rule 'bset'.*did you mean best\?"):
        three().results().select("bset")
    once = Study()
    once.add({"C": 1}, 0.5)
    once.add({"C": 2}, 0.6)
    with pytest.raises(SpecError, match="the rule '1se' needs standard errors"):
        once.results().select("1se")
    failed = Study()
    failed.fail({"C": 1}, "ValueError", "C is negative")
    with pytest.raises(ObjectiveError, match=r"No trial has completed: 1 FAILED\. The first error: ValueError: C is negative"):
        failed.results().select()
    assert failed.results().best() is None


@pytest.mark.parametrize(
    ("study", "sentence"),
    [
        (Study(), "No trial has been recorded yet."),
        (lambda s: s.add({"C": 1}, 0.5), "One configuration has a rank: there is nothing yet to compare it with."),
        (lambda s: [s.add({"C": c}, 0.5) for c in (1, 2)], "All 2 ranked configurations score the same, 0.5: as if"),
        (lambda s: s.add({"C": 1}, status=Status.RUNNING), "No trial has completed: 1 RUNNING."),
        (lambda s: [s.add({"C": 1}, math.nan), s.add({"C": 2}, math.nan)], "no completed trial has a finite accuracy"),
        (lambda s: [s.add({"C": 1}, 0.5), s.add({"C": 2}, 0.6, seed=1)], "2 configurations have some repeats completed"),
        (lambda s: [s.add({"C": 1}, 0.5), s.fail({"C": 2}), s.fail({"C": 3}, "KeyError")], "2 trials of 3 failed: KeyError 1, V"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_there_is_to_know(study: object, sentence: str) -> None:
    """An empty table would leave the user guessing."""
    given = Study()
    if callable(study):
        study(given)
    assert any(sentence in note for note in given.results().notes), given.results().notes


def test_a_crash_without_an_exception_is_counted_by_its_kind() -> None:
    """A killed worker has no exception type; it must not vanish from the counts."""
    study = Study()
    study.add({"C": 1}, status=Status.FAILED, error=(FailureKind.CRASH, "", "the worker died", ""))
    study.fail({"C": 2})
    study.fail({"C": 3})
    assert [(group.name, group.n) for group in study.results().failure_groups()] == [("ValueError", 2), ("crash", 1)]
    assert study.results().failure_groups()[0].params == {"C": 2}


def test_json_rows_are_the_documented_ones_and_strict_json() -> None:
    """Scripts read this: its keys, its nulls and its order are a promise."""
    study = three()
    study.fail({"C": -1, "kernel": "rbf"})
    study.add({"C": math.inf, "kernel": ("a", 1)}, math.nan)
    rows = study.results().to_json_rows()
    text = json.dumps(rows, allow_nan=False)
    promised = ["rank", "config_id", "params", "score", "se", "n", "status", "in_best_set", "in_spec", "metrics"]
    assert list(rows[0]) == [*promised, "seconds", "shared", "p_best", "rank_low", "rank_high"]
    assert [row["rank"] for row in json.loads(text)] == [1, 2, 3, None, None]
    by_c = {row["params"]["C"]: row for row in json.loads(text)}
    assert by_c[2]["score"] == pytest.approx(0.8)
    assert by_c[2]["in_best_set"] is True
    assert by_c[3]["in_best_set"] is False
    assert (by_c[-1]["status"], by_c[-1]["score"], by_c[-1]["in_best_set"]) == ("FAILED", None, None)
    assert (by_c[".inf"]["params"]["kernel"], by_c[".inf"]["metrics"]) == (["a", 1], {"accuracy": None})
    assert len(study.results().to_json_rows(top=2)) == 2


def test_ranked_columns_by_name_and_an_unknown_one_with_the_nearest() -> None:
    """`C` means param.C; a typo names what was meant."""
    results = three().results()
    assert list(results.rank(top=2, columns=["C", "score", "metric.accuracy"]).columns) == ["param.C", "score", "metric.accuracy"]
    assert len(results.rank(top=2)) == 2
    with pytest.raises(SpecError, match=r"no column 'kernl' in the results of example.*did you mean kernel\?"):
        results.rank(columns=["kernl"])


def test_exports_come_back_as_they_were(tmp_path: Path) -> None:
    """Types survive Parquet, and the file says which schema it has."""
    results = three().results()
    paths = results.to_parquet(tmp_path / "out")
    assert [path.name for path in paths] == [f"{name}.parquet" for name in (*TABLES, "params")]
    pd.testing.assert_frame_equal(pd.read_parquet(paths[0]), results.configs)
    pd.testing.assert_frame_equal(pd.read_parquet(paths[1]), results.trials)
    assert pq.read_schema(paths[0]).metadata[b"hpsearch.schema_version"] == b"6"
    results.to_csv(tmp_path / "configs.csv")
    assert pd.read_csv(tmp_path / "configs.csv")["rank"].tolist() == [1, 2, 3]


def test_a_notebook_shows_it_without_running_what_is_in_it() -> None:
    """Names and values come from files that others wrote."""
    study = Study(name="example", varying=("<script>alert(1)</script>",))
    study.add({"<script>alert(1)</script>": "<img src=x onerror=alert(2)>"}, 0.5)
    html = study.results()._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;img" in html


def test_printed_it_is_a_line() -> None:
    """print(results) in a script is for a glance; the tables are there to be asked for."""
    assert repr(three().results()) == "<StudyResults example: 3 trials, 3 configurations; best accuracy 0.8: C=2>"
    assert str(Study().results()) == "<StudyResults example: 0 trials, 0 configurations; none with a rank>"


def test_a_large_best_set_says_what_would_make_it_smaller() -> None:
    """Fifty "equally good" configurations are a statement about five folds, not about the configurations."""
    study = Study()
    for c in range(12):
        study.add({"C": c}, folds=[0.8 + 0.01 * ((c * fold) % 3) for fold in range(3)])
    assert any("More folds or repeats would tell more." in note for note in study.results().notes)


def test_what_tells_trials_apart_is_shown_though_the_spec_no_longer_varies_it() -> None:
    """`fixed: {kernel: rbf}` changed to linear: two rows with C = 2 and nothing else would look like one run twice."""
    study = Study(varying=("C",))
    study.add({"C": 1, "kernel": "rbf", "tol": 0.1}, 0.5)
    study.add({"C": 2, "kernel": "rbf", "tol": 0.1}, 0.6)
    study.add({"C": 2, "kernel": "linear", "tol": 0.1}, 0.7)
    results = study.results()
    assert results.varying == ("C", "kernel")
    assert "<th>kernel</th>" in results._repr_html_()
    assert show(results, str(results.configs["config_id"].iloc[0])).varying == ("C", "kernel")
    assert (
        "Trials of an earlier form of the spec are among these: they differ in kernel, which the present form does not vary."
        in results.notes
    )
    study.add({"C": 2, "kernel": "linear"}, 0.7)
    study.add({"C": 2, "kernel": "linear", "tol": 0.1, "new": 1}, 0.7)
    assert study.results().varying == ("C", "kernel", "tol", "new")
    assert any("they differ in kernel, tol and new, which" in note for note in study.results().notes)


def test_the_specs_own_parameters_are_shown_before_they_have_varied() -> None:
    """A run's first trial says what it tried; and nothing is said of an earlier form where there is none."""
    study = Study(varying=("C", "gamma"))
    assert study.results().varying == ("C", "gamma")
    study.add({"gamma": math.nan, "kernel": "rbf", "shape": (1, 2)}, 0.5)
    study.add({"gamma": math.nan, "kernel": "rbf", "shape": (1, 2)}, 0.5, seed=1)
    assert study.results().varying == ("gamma", "C")
    assert not any("earlier form" in note for note in study.results().notes)


@pytest.mark.parametrize("values", [(1, 1.0), (True, 1), (None, "null"), ((1,), (1.0,)), ({"a": 1}, {"a": 2})])
def test_values_that_make_two_configurations_make_a_parameter_vary(values: tuple[Value, Value]) -> None:
    study = Study(varying=())
    for value in values:
        study.add({"p": value}, 0.5)
    assert study.results().varying == ("p",)


def test_results_that_were_not_loaded_say_who_writes_a_page(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"^these results were put together by hand: hpsearch\.load\(STUDY\)\.report\(PATH\) "):
        three().results().report(tmp_path / "page.html")
