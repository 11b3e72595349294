"""The ranking in part: rows by a condition or a rule, columns by name, every table and format; and the questions beside it."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest
from cli_commands import Typist, make_study

import hpsearch
from hpsearch.core.errors import SpecError
from hpsearch.results.columns import IMPORTANCE

JOB = """
def run(params, trial):
    if params["C"] == 3 and params["kernel"] == "linear":
        raise ValueError("C = 3 is too much")
    return {"loss": params["C"] + params.get("gamma", 0.25), "speed": 10.0 - params["C"]}
"""
CURVES = """
name: curves
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space:
  C: [1, 2, 3]
  kernel: {choice: {rbf: {gamma: [0.1, 0.5]}, linear: {}}}
report: {top: 4}
tracking: {uri: "sqlite:///store.db"}
"""
RIDGES = """
name: ridges
trial: {estimator: sklearn.linear_model.RidgeClassifier}
data: {sklearn: iris}
evaluate: {cv: {folds: 4}, metrics: [accuracy, f1_macro]}
metric: {name: accuracy, mode: max}
space: {alpha: [0.1, 1.0, 1000.0], fit_intercept: [true, false]}
tracking: {uri: "sqlite:///store.db"}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_study(folder, CURVES, JOB)
    make_study(folder, RIDGES)
    return folder


@pytest.fixture
def typed(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Typist(tmp_path, capsys, monkeypatch)


def test_rows_that_meet_a_condition_keep_their_ranks(typed: Typist) -> None:
    whole = typed("results", "curves", "--json").json()
    told = typed("results", "curves", "--where", 'C > 1 and kernel == "rbf" and loss <= 3.1', "--json")
    assert told.err == "3 of 9 configurations shown\n"
    rows = told.json()
    assert [(row["rank"], row["params"]["C"], row["params"]["gamma"]) for row in rows] == [(4, 2, 0.1), (6, 2, 0.5), (7, 3, 0.1)]
    assert all(row in whole for row in rows)
    assert typed("results", "curves", "--top", 2, "--format", "csv").err == "2 of 9 configurations shown\n"
    lines = typed("results", "curves", "--where", "C > 1", "--top", 2).out.splitlines()
    assert lines[0].split() == ["rank", "config", "loss", "speed", "C", "kernel", "gamma", "seconds"]
    assert [line.split()[0] for line in lines[1:3]] == ["4", "5"]
    assert "2 of 9 configurations shown; 6 meet the condition" in lines
    assert not any(line.startswith("failed:") for line in lines)


def test_what_is_inactive_meets_no_comparison(typed: Typist) -> None:
    """A kernel without gamma has none that is small, none that is large, and none that is another."""
    for condition in ("gamma < 9", "gamma != 0.1 or gamma == 0.1", "abs(gamma) >= 0", "gamma in [0.1, 0.5]"):
        assert len(typed("results", "curves", "--where", condition, "--json").json()) == 6, condition
    assert len(typed("results", "curves", "--where", "not gamma > 0", "--json").json()) == 3
    assert len(typed("results", "curves", "--where", "rank <= 2 or in_best_set", "--json").json()) == 2


def test_what_failed_is_found_by_its_status(typed: Typist) -> None:
    said = typed("results", "curves", "--where", 'status == "FAILED"')
    assert said.out.splitlines()[1].split()[0] == "-"
    assert "1 of 9 configurations shown" in said.out
    assert not any(word in said.out for word in ("standard error", "may be the best", "scored once"))
    assert "scored once" in typed("results", "curves", "--where", "C == 1").out
    misspelt = typed("results", "curves", "--where", 'kernel == "rfb"', "--json")
    assert misspelt.json() == []
    assert misspelt.err.splitlines()[0] == "note: where = kernel == \"rfb\": kernel is never 'rfb'; did you mean rbf?"
    front = typed("results", "ridges", "--pareto", "accuracy,f1_macro", "--where", "alpha == 7")
    assert "note: where = alpha == 7: alpha is never 7; write 0.1, 1.0 or 1000.0\n" in front.err
    (row,) = typed(
        "results", "curves", "--where", "score > 99 or status == 'FAILED'", "--columns", "rank,C,gamma", "--json"
    ).json()
    assert row == {"rank": None, "C": 3, "gamma": None}


def test_columns_are_those_that_are_named_in_that_order(typed: Typist) -> None:
    lines = typed("results", "curves", "--columns", "C,rank, score", "--top", 2).out.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["C", "rank", "score"], ["1", "1", "1.1"], ["1", "2", "1.25"], ["2", "of", "9", "configurations", "shown"]
    ]  # fmt: skip
    assert typed("results", "curves", "--columns", "score,param.C", "--top", 1, "--json").json() == [{"score": 1.1, "param.C": 1}]
    text = typed("results", "curves", "--columns", "score,C", "--format", "csv").out
    assert next(iter(csv.DictReader(io.StringIO(text)))) == {"score": "1.1", "C": "1"}


def test_a_rule_names_one_configuration(typed: Typist) -> None:
    (row,) = typed("results", "ridges", "--rule", "1se", "--json").json()
    assert row["params"] == typed("best", "ridges", "--rule", "1se", "--format", "json").json()
    folds = typed("results", "ridges", "--rule", "1se", "--table", "evaluations", "--json").json()
    assert {fold["config_id"] for fold in folds} == {row["config_id"]}
    assert [fold["split_id"] for fold in folds] == ["r0f0", "r0f1", "r0f2", "r0f3"]
    assert (row["p_best"] is None, row["rank_low"] <= row["rank"] <= row["rank_high"]) == (False, True)


def test_every_table_in_every_format(typed: Typist) -> None:
    trials = typed("results", "curves", "--table", "trials", "--where", "gamma == 0.5 and speed > 7", "--json").json()
    assert [(trial["number"] > 0, trial["param.C"], trial["metric.speed"]) for trial in trials] == [
        (True, 1, 9.0),
        (True, 2, 8.0),
    ]
    assert trials[0]["started_at"].endswith("+00:00")
    head, first, *_ = typed("results", "curves", "--table", "trials").out.splitlines()
    names = ["trial_key", "C", "kernel", "gamma", "loss", "speed", "status", "seed", "seconds", "error_type"]
    assert (head.split(), len(first.split())) == (names, 10)
    failed = typed("results", "curves", "--table", "failures").out
    assert "C = 3 is too much" in failed
    assert "1 of 1 failed trial shown" in failed
    path = typed("results", "ridges", "--table", "evaluations", "--top", 5, "--format", "parquet").out.strip()
    assert path == "ridges-evaluations.parquet"
    assert len(pd.read_parquet(typed.folder / path)) == 5
    path = typed("results", "ridges", "--columns", "rank,alpha", "--format", "parquet", "-o", "some.parquet").out.strip()
    assert list(pd.read_parquet(typed.folder / path).columns) == ["rank", "alpha"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--where", "C >"), 2, "where = C >: cannot be read as a condition"),
        (("--where", "1 > 0"), 2, "where = 1 > 0: names neither a parameter nor a column"),
        (("--where", "gama > 1"), 2, "no column 'gama' in the results of curves; there are config_id, rank, C, kernel, gamma, "),
        (("--where", "gama > 1"), 2, "did you mean gamma?"),
        (("--where", "kernel == rbf"), 2, "write it in quotes if it is a text: 'rbf'"),
        (("--where", "kernel > 1"), 2, "kernel is the text 'rbf' and 1 is the number 1 (where kernel = rbf)"),
        (("--where", "__import__('os')"), 2, "is not in the language of constraints"),
        (("--columns", "rnak,score"), 2, "did you mean rank?"),
        (("--columns", "rank,,score"), 2, "--columns rank,,score: a name is missing; write them with commas between"),
        (("--rule", "1se"), 2, "needs standard errors"),
        (("--table", "folds"), 2, "'folds' is not one of"),
        (("--pareto", "loss,speed", "--top", 2), 2, "--pareto is shown whole: leave --top out"),
        (("--importance", "--where", "C > 1"), 2, "--importance is shown whole: leave --where out"),
        (("--pareto", "loss,fit_s", "--where", "gama > 1"), 2, "did you mean gamma?"),
        (("--importance", "--ablation"), 2, "--importance and --ablation are two questions: ask one at a time"),
        (("--from", "97b4"), 2, "--from says where an ablation starts: add --ablation, or leave it out"),
        (("--target", "failed"), 2, "--target failed goes with --importance or --dependence: add one, or leave it out"),
        (("--pareto", "loss"), 2, "a front needs two metrics or more, not loss"),
        (("--pareto", "loss,speed"), 2, "which way speed is better is not known"),
        (("--pareto", "loss,sped:max"), 2, "did you mean speed?"),
        (("--dependence", "gama"), 2, "did you mean gamma?"),
        (("--ablation", "--from", "zzz"), 2, "begins with 'zzz'"),
        (("--format", "parquet", "-o", "spec.yaml/x"), 2, "cannot be written"),
    ],
)
def test_what_cannot_be_had_is_a_sentence(typed: Typist, arguments: tuple[object, ...], code: int, sentence: str) -> None:
    done = typed("results", "curves", *arguments)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_a_report_of_no_name_is_a_sentence(typed: Typist) -> None:
    done = typed("report", "curves", "-o", "")
    assert (done.code, done.err) == (2, "error: -o is empty; name a file, such as report.html, or leave it out\n")


def test_a_front_with_its_knee(typed: Typist) -> None:
    said = typed("results", "curves", "--pareto", "loss,speed:min", "--no-color").out.splitlines()
    assert said[0] == "3 of 8 ranked configurations are beaten by none in all of loss (min), speed (min)"
    assert said[1].split() == ["rank", "config", "loss", "speed", "C", "kernel", "gamma"]
    told = typed("results", "curves", "--pareto", "loss,speed:min", "--json").json()
    assert told["metrics"] == [{"name": "loss", "mode": "min"}, {"name": "speed", "mode": "min"}]
    assert [row["values"] for row in told["front"]] == [{"loss": c + 0.1, "speed": 10.0 - c} for c in (1, 2, 3)]
    assert told["front"][0]["rank"] == 1
    assert (told["knee"], told["hypervolume"] > 0, set(told["reference"])) == (None, True, {"loss", "speed"})


def test_a_front_of_those_that_meet_a_condition(typed: Typist) -> None:
    """Bounds on metrics: the fastest of those that are good enough."""
    told = typed("results", "curves", "--pareto", "loss,speed:min", "--where", "loss < 3", "--json").json()
    assert [row["values"] for row in told["front"]] == [{"loss": c + 0.1, "speed": 10.0 - c} for c in (1, 2)]
    whole = typed("results", "curves", "--json").json()
    out = sum(row["rank"] is not None and row["score"] >= 3 for row in whole)
    assert told["notes"] == [f"{out} ranked configurations left out by the condition."]
    nothing = typed("results", "curves", "--pareto", "loss,speed:min", "--where", "loss < 0", "--no-color")
    assert (nothing.code, nothing.out.splitlines()[0]) == (
        0,
        "0 of 0 ranked configurations are beaten by none in all of loss (min), speed (min)",
    )


def test_answers_are_tables_for_other_programs_too(typed: Typist) -> None:
    shares = pd.read_csv(io.StringIO(typed("results", "ridges", "--importance", "--format", "csv").out))
    assert list(shares.columns) == list(IMPORTANCE)
    assert shares["term"].tolist()[:2] == [row["term"] for row in typed("results", "ridges", "--importance", "--json").json()][:2]
    for arguments, name, first in (
        (("--importance",), "importance", "term"),
        (("--dependence", "alpha"), "dependence", "value"),
        (("--ablation",), "ablation", "step"),
        (("--pareto", "accuracy,fit_s"), "pareto", "config_id"),
    ):
        written = typed("results", "ridges", *arguments, "--format", "parquet")
        path = written.out.strip()
        assert path == f"ridges-{name}.parquet"
        assert ("From the" in written.err) == (name == "ablation"), "notes are said beside it"
        assert next(iter(pd.read_parquet(typed.folder / path).columns)) == first


def test_how_the_score_goes_with_a_parameter(typed: Typist) -> None:
    said = typed("results", "ridges", "--dependence", "alpha", "--no-color").out.splitlines()
    assert said[0] == "The mean accuracy at values of alpha"
    assert [line.split()[0] for line in said[1:5]] == ["value", "0.1", "1", "1000"]
    told = typed("results", "ridges", "--dependence", "alpha", "--json").json()
    assert [(row["value"], row["n"]) for row in told["values"]] == [(0.1, 2), (1.0, 2), (1000.0, 2)]
    assert told["values"][0]["low"] < told["values"][0]["mean"] < told["values"][0]["high"]


def test_what_led_to_the_best(typed: Typist) -> None:
    rows = typed("results", "ridges", "--json").json()
    told = typed("results", "ridges", "--ablation", "--from", rows[-1]["config_id"][:8], "--json").json()
    assert told["steps"][0] == {
        "step": 0,
        "parameter": "",
        "from": "",
        "to": "",
        "with": "",
        "score": rows[-1]["score"],
        "gain": None,
    }
    assert told["steps"][-1]["score"] == pytest.approx(rows[0]["score"])
    assert "From the configuration that was given to the best." in told["notes"]
    said = typed("results", "ridges", "--ablation", "--no-color").out.splitlines()
    assert said[0] == "What led to the best, by the accuracy measured"
    assert said[1].split() == ["step", "parameter", "from", "to", "score", "gain"]


def test_an_export_is_a_study_to_look_at(typed: Typist) -> None:
    assert typed("results", "ridges", "--format", "parquet", "-o", "tables").code == 0
    shutil.rmtree(typed.folder / "studies")
    typed("results", "tables")
    assert typed("best", "tables").code == 0
    first, second, *_ = typed("results", "tables", "--columns", "config_id", "--json").json()
    assert typed("compare", "tables", first["config_id"], second["config_id"]).code == 0
    assert typed("report", "tables").out.strip() == "ridges-report.html"
    assert (typed.folder / "ridges-report.html").is_file()
    missing = typed("show", "tables", first["config_id"])
    assert (missing.code, "no study 'tables' under" in missing.err) == (2, True)
    for arguments in (("--top", 3), ("--json",), ("--importance", "--json"), ("--table", "trials", "--format", "csv")):
        assert typed("results", "tables", *arguments).code == 0, arguments
    assert hpsearch.load(str(typed.folder / "tables")).study.name == "ridges"


HOPELESS = {
    "only failures": ("C: [3]\n  kernel: [linear]", "No trial has completed: 1 FAILED"),
    "not a number": ("C: [1, 2]\n  kernel: [a]", "no completed trial has a finite loss"),
    "one trial": ("C: [1]\n  kernel: [linear]", "there is nothing yet to compare it with"),
    "all equal": ("C: [1]\n  kernel: [a, b, c]", "score the same"),
}


@pytest.mark.parametrize("case", HOPELESS)
def test_studies_of_which_little_can_be_said(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, and a sentence that says why there is nothing."""
    space, sentence = HOPELESS[case]
    has_none = case in ("only failures", "not a number")
    job = JOB.replace('"loss": params["C"]', '"loss": float("nan")') if case == "not a number" else JOB
    make_study(tmp_path, f"{CURVES.partition('space:')[0]}space:\n  {space}\ntracking: {{uri: 'sqlite:///s.db'}}\n", job)
    typed = Typist(tmp_path, capsys, monkeypatch)
    assert sentence in typed("results", "curves").out
    choice = typed("results", "curves", "--rule", "best")
    assert (choice.code, "has no best configuration" in choice.err) == ((3, True) if has_none else (0, False))
    for arguments in (("--importance",), ("--ablation",), ("--pareto", "loss,fit_s"), ("--where", "loss < 5")):
        done = typed("results", "curves", *arguments)
        assert (done.code, bool(done.out.strip()), "Traceback" in done.err) == (0, True, False), (arguments, done)
        assert typed("results", "curves", *arguments, "--json").code == 0
    # A folder of tables has no trials to show.
    assert ("hpsearch show curves" in typed("results", "curves").out) == (case == "only failures")
    assert typed("results", "curves", "--format", "parquet", "-o", "tables").code == 0
    assert "hpsearch show" not in typed("results", "tables").out
    curve = typed("results", "curves", "--dependence", "C")
    assert (curve.code, "is no parameter that varies" in curve.err) == (2, True)


def test_a_page_from_python_is_the_commands(typed: Typist) -> None:
    """With the rows that the spec asks for; of a study's folder, and of its export."""
    (written,) = (Path(line) for line in typed("report", "curves").out.splitlines())
    typed("results", "curves", "--format", "parquet", "-o", "tables")
    for name in ("curves", typed.folder / "studies" / "curves"):
        page = hpsearch.load(str(name)).report(typed.folder / "pages" / "page.html")
        assert page == typed.folder / "pages" / "page.html"
        assert page.read_text() == written.read_text()
    assert hpsearch.load("tables").report("from-tables.html") == Path("from-tables.html")
    assert Path("from-tables.html").read_text().count("<table") == written.read_text().count("<table")
    with pytest.raises(SpecError, match=r"^report\(''\): name a file, such as report.html$"):
        hpsearch.load("curves").report("")
