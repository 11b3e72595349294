"""What is printed of a study that was run: for people in columns, for programs in JSON and nothing else."""

from __future__ import annotations

import csv
import io
import re
import shutil
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
import yaml
from cli_commands import Typist, make_study

from hpsearch.cli.show import _print_config
from hpsearch.core.values import Params
from hpsearch.ledger import StudyLock
from hpsearch.results import ConfigView
from hpsearch.tracking.state import MirrorState

JOB = """
def run(params, trial):
    print("x is", params["x"])
    if params["x"] == 5:
        raise ValueError("x = 5 is odd")
    return {"loss": params["x"] ** 2 + 0.5, "speed": 10 - params["x"]}
"""
SPEC = """
name: squares
trial: {function: "job:run", fixed: {shape: [1, 2], kind: "yes"}}
metric: {name: loss, mode: min}
space: {x: {int: [1, 5]}, lr: [1e-5]}
report: {top: 3}
tracking: {uri: "sqlite:///store.db"}
"""
CLASSIFIERS = """
name: digits
trial: {estimator: sklearn.linear_model.RidgeClassifier}
data: {sklearn: iris}
evaluate: {cv: {folds: 4}, metrics: [accuracy, f1_macro]}
metric: {name: accuracy, mode: max}
space: {alpha: [0.1, 1.0, 1000.0]}
tracking: {uri: "sqlite:///store.db"}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_study(folder, SPEC, JOB)
    make_study(folder, CLASSIFIERS)
    return folder


@pytest.fixture
def typed(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    """A copy of two finished studies, and someone at the keyboard."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Typist(tmp_path, capsys, monkeypatch)


def test_list_for_people_and_programs(typed: Typist) -> None:
    digits, squares = typed("list", "--json").json()
    assert [line.split() for line in typed("list").out.splitlines()] == [
        ["digits", "COMPLETED", "3", "trials", "best", f"{digits['best']:.6g}"],
        ["squares", "COMPLETED", "5", "trials", "best", "1.5"],
    ]
    assert squares == {
        "name": "squares",
        "state": "COMPLETED",
        "trials": 5,
        "best": 1.5,
        "path": str(typed.folder / "studies" / "squares"),
    }
    assert digits["name"] == "digits"


def test_an_empty_folder_says_what_to_do(typed: Typist, tmp_path: Path) -> None:
    assert "`hpsearch run SPEC` makes one" in typed("list", "--dir", tmp_path / "none").out
    assert typed("list", "--dir", tmp_path / "none", "--json").json() == []
    assert "no study under" in typed("status", "--dir", tmp_path / "none").out


def test_status(typed: Typist) -> None:
    said = typed("status", "squares").out
    assert "squares: COMPLETED" in said
    assert "4 completed, 1 failed of 5 trials" in said
    assert "best 1.5" in said
    told = typed("status", "squares", "--json").json()
    assert told["state"] == "COMPLETED"
    assert told["best"] == 1.5
    assert told["planned"] == 5
    assert told["trials"] == {"RUNNING": 0, "COMPLETED": 4, "STOPPED": 0, "FAILED": 1, "TIMEOUT": 0, "CANCELLED": 0}
    assert told["mlflow"] == {"delivered": 0, "pending": 5, "error": None}
    assert [one["name"] for one in typed("status", "--json").json()] == ["digits", "squares"]


FOREST = """
name: forest
trial: {estimator: sklearn.ensemble.RandomForestClassifier}
data: {sklearn: iris}
metric: {name: accuracy, mode: max}
space: {n_estimators: [2, 4], max_depth: [2]}
tracking: {uri: "sqlite:///store.db"}
"""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"cursor": "none"}, "cursor is 'none', which is no number of events; delete it"),
        ({"error": "no \x1b[2J \udce9"}, "to go no \\x1b[2J \\udce9\n"),
    ],
)
def test_what_mirror_db_holds_stops_no_list_and_steers_no_terminal(typed: Typist, values: dict[str, object], said: str) -> None:
    with closing(MirrorState(typed.folder / "studies" / "squares" / "mirror.db")) as state:
        state.put(values)
    listed = typed("list")
    assert (listed.code, len(listed.out.splitlines())) == (0, 2)
    told = typed("status", "squares")
    assert (told.code, said in told.out) == (0, True), told
    assert typed("status", "squares", "--json").code == 0


def test_seconds_of_work_that_trials_share_are_marked(typed: Typist) -> None:
    make_study(typed.folder, FOREST, JOB)
    said = typed("results", "forest").out
    assert [line.split()[-2].startswith("~") for line in said.splitlines()[1:3]] == [True, True]
    assert "~ its part of what was done once for several trials" in said
    assert {row["shared"] for row in typed("results", "forest", "--json").json()} == {True}
    assert "done once for several trials" not in typed("results", "squares").out


def test_what_an_earlier_form_of_the_spec_left_is_counted_apart_and_marked(typed: Typist) -> None:
    """A narrowed space: "5 of 2 trials" would be nonsense, and who ranks first may be one that is no longer asked for."""
    make_study(typed.folder, SPEC.replace("[1, 5]", "[2, 3]"), JOB)
    assert "  2 completed of 2 trials; 3 more from earlier forms of the spec\n" in typed("status", "squares").out
    told = typed("status", "squares", "--json").json()
    assert (told["trials"]["COMPLETED"], told["planned"]) == (2, 2)
    assert told["earlier"] == {"RUNNING": 0, "COMPLETED": 2, "STOPPED": 0, "FAILED": 1, "TIMEOUT": 0, "CANCELLED": 0}
    shown = typed("results", "squares").out.splitlines()
    assert ["†" in line for line in shown[1:4]] == [True, False, False]
    assert "† of an earlier form of the spec" in shown
    assert [row["in_spec"] for row in typed("results", "squares", "--json").json()] == [False, True, True, False, False]
    best = typed("best", "squares")
    assert "x: 1\n" in best.out
    assert best.err == "note: of an earlier form of the spec; the present one does not ask for it\n"
    assert "with the results of 5 trials?" in typed("rm", "squares").err


def test_status_names_who_runs_the_study(typed: Typist) -> None:
    with StudyLock(typed.folder / "studies" / "squares"):
        assert "by process" in typed("status", "squares").out
        assert "process" in typed("status", "squares", "--json").json()["holder"]


def test_results_as_a_table(typed: Typist) -> None:
    lines = typed("results", "squares").out.splitlines()
    assert lines[0].split() == ["rank", "config", "loss", "speed", "x", "seconds"]
    assert [line.split()[0] for line in lines[1:4]] == ["1", "2", "3"], "as many as report.top says"
    assert lines[4] == "... and 1 configuration more"
    assert any(line == "failed: 1 x ValueError: x = 5 is odd" for line in lines)
    assert not any(line != line.rstrip() for line in lines)
    assert len([line for line in typed("results", "squares", "--top", 1).out.splitlines() if line.startswith("   1")]) == 1


def test_results_with_folds_say_how_much_is_luck(typed: Typist) -> None:
    lines = typed("results", "digits").out.splitlines()
    assert lines[0].split() == ["rank", "config", "accuracy", "P(best)", "ranks", "f1_macro", "alpha", "seconds"]
    assert re.search(r" ± 0\.\d+ +\d+ % +1–2 ", lines[1])
    assert "P(best): the chance of being the best of all; ranks: those that it may hold (95 %)" in lines
    # Settings that do nearly the same: no star for any, and a word about it.
    assert "± standard error over 4 splits, corrected for what they share" in lines
    assert "*" not in lines[1]
    assert any("cannot tell the configurations apart" in line for line in lines)


def test_results_as_json_have_the_promised_keys(typed: Typist) -> None:
    rows = typed("results", "squares", "--format", "json").json()
    assert list(rows[0]) == [
        "rank", "config_id", "params", "score", "se", "n", "status", "in_best_set", "in_spec", "metrics", "seconds",
            "shared", "p_best", "rank_low", "rank_high",
    ]  # fmt: skip
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, None]
    assert rows[0]["params"] == {"shape": [1, 2], "kind": "yes", "x": 1, "lr": 1e-5}
    assert (rows[0]["score"], rows[0]["metrics"]) == (1.5, {"loss": 1.5, "speed": 9.0})
    assert (rows[4]["status"], rows[4]["score"]) == ("FAILED", None)
    assert typed("results", "squares", "--json", "--top", 2).json() == rows[:2]


def test_results_as_csv_and_into_files(typed: Typist) -> None:
    text = typed("results", "squares", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["param.x"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert len(typed("results", "squares", "--format", "csv", "--top", 2).out.splitlines()) == 3
    done = typed("results", "squares", "--format", "csv", "-o", "ranking.csv")
    assert (done.code, done.out) == (0, "")
    assert (typed.folder / "ranking.csv").read_text() == text
    typed("results", "squares", "--format", "json", "-o", "ranking.json")
    assert (typed.folder / "ranking.json").read_text() == typed("results", "squares", "--format", "json").out


def test_results_as_parquet(typed: Typist) -> None:
    paths = typed("results", "squares", "--format", "parquet", "-o", "tables").out.splitlines()
    assert [Path(path).name for path in paths] == [
        f"{name}.parquet" for name in ("configs", "trials", "evaluations", "failures", "params")
    ]
    assert pd.read_parquet(typed.folder / "tables" / "configs.parquet")["param.x"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-o", "x.txt"), "-o x.txt: a table goes to stdout; choose --format json, csv or parquet"),
        (("--format", "csv", "-o", "none/x.csv"), "none/x.csv: cannot be written: No such file or directory"),
        (("--format", "xml"), "'xml' is not one of"),
    ],
)
def test_results_that_cannot_be_had(typed: Typist, arguments: tuple[object, ...], sentence: str) -> None:
    done = typed("results", "squares", *arguments)
    assert done.code == 2
    assert sentence in done.err
    assert not done.out


def test_what_is_shown_of_a_configuration_can_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    params: Params = {"lr": 0.008146718329, "C": 1.0, "n": 3, "names": ("a", "b"), "kind": "rbf\x1b"}
    _print_config(ConfigView("3f9a", params, ("lr",), 1, 2, 0.5, None, None, "COMPLETED", (), ""))
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  lr = 0.008146718329", "  C = 1.0", "  n = 3", '  names = ["a","b"]', "  kind = rbf\\x1b"
    ]  # fmt: skip


def test_show_a_configuration_and_a_failed_trial(typed: Typist) -> None:
    rows = typed("results", "squares", "--json").json()
    said = typed("show", "squares", rows[0]["config_id"][:6]).out
    assert "rank 1 of 4  score 1.5" in said
    assert "  x = 1\n" in said
    assert "it printed:\nx is 1" in said
    failed = typed("show", "squares", rows[4]["config_id"]).out
    assert "no rank" in failed
    assert "Traceback (most recent call last):" in failed
    assert "ValueError: x = 5 is odd" in failed
    assert 'job.py", line' in failed
    assert "attempt.py" not in failed
    assert "  loss: -\n" in failed
    assert "nan" not in failed
    (trial,) = typed("show", "squares", rows[4]["config_id"], "--json").json()["trials"]
    assert "attempt.py" in trial["traceback"]
    assert (trial["status"], trial["error"], trial["log"]) == ("FAILED", "x = 5 is odd", "x is 5\n")
    assert typed("show", "squares", trial["key"][3:11], "--json").json()["config_id"] == rows[4]["config_id"]
    assert "begins with 'zzzz'" in typed("show", "squares", "zzzz").err


def test_show_has_every_fold(typed: Typist) -> None:
    best = typed("results", "digits", "--json").json()[0]
    view = typed("show", "digits", best["config_id"], "--json").json()
    folds = [fold["scores"]["accuracy"] for fold in view["trials"][0]["folds"]]
    assert len(folds) == 4
    assert sum(folds) / 4 == pytest.approx(best["score"])
    assert "folds:" in typed("show", "digits", best["config_id"]).out


def test_best_is_the_parameters_and_nothing_else(typed: Typist) -> None:
    as_yaml = typed("best", "squares")
    assert (as_yaml.code, as_yaml.err) == (0, "")
    assert yaml.safe_load(as_yaml.out) == {"shape": [1, 2], "kind": "yes", "x": 1, "lr": 1e-5}
    assert typed("best", "squares", "--format", "json").json() == {"shape": [1, 2], "kind": "yes", "x": 1, "lr": 1e-5}
    assert set(typed("best", "digits", "--rule", "1se", "--format", "json").json()) == {"alpha"}
    one_split = typed("best", "squares", "--rule", "1se")
    assert one_split.code == 2
    assert "needs standard errors" in one_split.err


def test_best_of_a_study_that_has_none(typed: Typist) -> None:
    make_study(typed.folder, SPEC.replace("squares", "hopeless").replace("{int: [1, 5]}", "[5]"), JOB)
    done = typed("best", "hopeless")
    assert done.code == 3
    assert "hopeless has no best configuration" in done.err
    assert not done.out


def test_report(typed: Typist) -> None:
    done = typed("report", "squares", "-o", "page.html")
    assert (done.code, done.out) == (0, "page.html\n")
    page = (typed.folder / "page.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "squares" in page
    assert typed("report", "squares").out == f"{typed.folder}/studies/squares/report.html\n"
    nowhere = typed("report", "squares", "-o", "none/page.html")
    assert nowhere.code == 2
    assert "there is no folder" in nowhere.err


def test_a_study_by_its_folder(typed: Typist) -> None:
    assert typed("best", "studies/squares").code == 0
    assert typed("best", "squares", "--dir", "studies").code == 0


def test_rm_asks_and_no_means_no(typed: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = typed.folder / "studies" / "squares"
    for answer in ("n\n", "\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        done = typed("rm", "squares")
        assert done.code == 130
        assert "with the results of 5 trials?" in done.err
        assert "aborted" in done.err
        assert folder.is_dir()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert typed("rm", "squares").code == 0
    assert not folder.exists()


def test_rm_yes_does_not_ask(typed: Typist) -> None:
    done = typed("rm", "digits", "--yes")
    assert (done.code, done.err) == (0, f"deleted {typed.folder}/studies/digits\n")
    assert [one["name"] for one in typed("list", "--json").json()] == ["squares"]


def test_what_a_study_depends_on(typed: Typist) -> None:
    said = typed("results", "digits", "--importance", "--no-color")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "What accuracy depends on: ANOVA of 3 configurations"
    (alpha,) = (line for line in lines if line.startswith("alpha  "))
    assert "█" in alpha
    assert "alpha: 3 values: what lies between them is unseen" in said.out
    (row, rest) = typed("results", "digits", "--importance", "--json").json()
    assert (row["term"], row["order"], rest["term"]) == ("alpha", 1, "(unexplained)")
    assert row["share"] + rest["share"] == pytest.approx(1)


def test_where_nothing_can_be_explained_that_is_said(typed: Typist) -> None:
    said = typed("results", "digits", "--importance", "--target", "failed")
    assert (said.code, said.out) == (0, "No configuration failed: there is nothing to explain.\n")
    assert typed("results", "digits", "--importance", "--top", "2").code == 2


def test_figures_as_files(typed: Typist) -> None:
    said = typed("report", "digits", "--figures", "pictures")
    assert said.code == 0
    written = sorted(str(path.relative_to(typed.folder)) for path in (typed.folder / "pictures").iterdir())
    assert written == sorted(said.out.split())
    assert "pictures/score-by-alpha.png" in written
    assert typed("report", "digits", "--figures", "pictures", "-o", "x.html").code == 2


def test_two_configurations_side_by_side(typed: Typist) -> None:
    first, second = (row["config_id"] for row in typed("results", "digits", "--json").json()[:2])
    said = typed("compare", "digits", first[:6], second[:6], "--no-color")
    assert (said.code, said.err) == (0, "")
    header, a, b, difference, *_ = said.out.splitlines()
    assert header.split() == ["config", "rank", "accuracy", "alpha"]
    assert (a.split()[:2], b.split()[:2]) == (["a", first[:8]], ["b", second[:8]])
    assert difference.startswith("a - b: ")
    assert "split by split, 4" in said.out
    told = typed("compare", "digits", first, second, "--rope", 0.01, "--json").json()
    assert (told["metric"], told["a"]["config_id"], told["difference"]["rope"]) == ("accuracy", first, 0.01)
    assert sum(told["difference"][name] for name in ("p_a", "p_same", "p_b")) == pytest.approx(1)


def test_the_best_of_two_studies_side_by_side(typed: Typist) -> None:
    make_study(typed.folder, CLASSIFIERS.replace("name: digits", "name: other").replace("[0.1, 1.0, 1000.0]", "[1.0e+5, 1.0e+6]"))
    said = typed("compare", "digits", "other", "--no-color")
    assert said.code == 0
    assert "split by split, 4 splits" in said.out
    assert [line.split()[:2] for line in said.out.splitlines()[1:3]] == [["a", "digits"], ["b", "other"]]
    refused = typed("compare", "digits", "squares")
    assert (refused.code, "ranked by accuracy (max), squares by loss (min)" in refused.err) == (2, True)
    alone = typed("compare", "digits", "3f9a")
    assert (alone.code, "name both: hpsearch compare digits A B" in alone.err) == (2, True)
    once = typed("results", "squares", "--json").json()
    assert "Scored once" in typed("compare", "squares", once[0]["config_id"], once[1]["config_id"]).out
