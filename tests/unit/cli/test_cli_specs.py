"""Commands on a spec, before it is a study: plan, try; and doctor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_commands import Typist, make_study

JOB = """
def run(params, trial):
    print("trying", params["x"], "with seed", trial.seed)
    if params["x"] == 4:
        raise ValueError("x = 4 is even")
    return {"loss": params["x"] ** 2}
"""
SPEC = """
name: squares
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: {int: [1, 4]}}
repeat: {seeds: [0, 7]}
tracking: {uri: "sqlite:///store.db"}
"""
SLOW = """
import time

def run(params, trial):
    time.sleep(0.02)
    return {"loss": params["x"]}
"""
BOOSTING = """
name: boosting
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.ensemble.GradientBoostingClassifier}}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {scale__with_mean: [true, false], clf__n_estimators: [5, 10], clf__n_iter_no_change: [null, 3]}
tracking: {uri: "sqlite:///store.db"}
"""


def sentences(out: str) -> str:
    """What was said, wherever its lines were broken."""
    return " ".join(out.split())


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    """Someone at the keyboard, in a folder with a spec that has not been run."""
    typist = Typist(tmp_path, capsys, monkeypatch)
    typist.write("job.py", JOB)
    typist.write("spec.yaml", SPEC)
    return typist


def test_plan_counts_and_creates_nothing(typed: Typist) -> None:
    done = typed("plan", "spec.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "squares: grid search over x",
        "  4 configurations x 2 seeds = 8 trials",
        "  to run: 8 (0 in the ledger)",
        "  fits: 8",
        "    function job:run: 8 times, once for each trial",
        "    not shared, and why:",
        "      function job:run: what it does is its own affair: nothing is known that",
        "        its trials have in common",
        "  expected time: unknown until the first trials have been measured",
        "  first: x=1",
        "         x=2",
        "         x=3",
        "  last:  x=4",
    ]
    assert {path.name for path in typed.folder.iterdir()} - {"__pycache__"} == {"job.py", "spec.yaml"}


def test_plan_json_has_the_promised_keys(typed: Typist) -> None:
    why = "what it does is its own affair: nothing is known that its trials have in common"
    assert typed("plan", "spec.yaml", "--json").json() == {
        "configurations": 4,
        "exact": True,
        "trials": 8,
        "to_run": 8,
        "reused": 0,
        "fits": 8,
        "fits_naive": 8,
        "work_units": 8,
        "prefix_fits": 0,
        "prefix_fits_naive": 0,
        "grid": 4,
        "off_grid": 0,
        "low": None,
        "high": None,
        "constants": {},
        "first": [{"x": 1}, {"x": 2}, {"x": 3}],
        "last": [{"x": 4}],
        "constraints": [],
        "duplicates": [],
        "warnings": [],
        "layers": [{"rule": "fits", "about": "function job:run", "why": "once for each trial", "times": 8, "naive": 8}],
        "rules": [{"rule": "all", "used": False, "about": "function job:run", "why": why, "text": f"function job:run: {why}"}],
        "expected_s": None,
        "expected": None,
    }


def test_plan_says_what_constraints_leave(typed: Typist) -> None:
    typed.write("spec.yaml", SPEC + "constraints: [x != 2]\n")
    assert "  constraints leave 3 of 4 configurations" in typed("plan", "spec.yaml").out.splitlines()
    wide = ("--set", "space.x={int: [1, 1000000]}", "--set", "constraints=[x > 250000]")
    counts = typed("plan", "spec.yaml", *wide, "--json").json()
    assert (counts["grid"], counts["exact"], counts["to_run"]) == (1_000_000, False, None)
    assert counts["low"] <= 750_000 <= counts["high"]
    assert "  constraints leave about " in typed("plan", "spec.yaml", *wide).out


def test_constraints_that_leave_nothing_are_said(typed: Typist) -> None:
    """Of a large grid a sample tells: it cannot be known that nothing is left."""
    typed.write("spec.yaml", SPEC + "constraints: [x == 77 and x != 77]\n")
    none = typed("plan", "spec.yaml", "--set", "space.x={int: [1, 9999]}")
    assert none.code == 2
    assert "constraints: they leave none of the grid's 9,999 configurations" in none.err
    few = typed("plan", "spec.yaml", "--set", "space.x={int: [1, 1000000000000]}")
    assert few.code == 0
    assert " constraints leave about 0 of 1,000,000,000,000 configurations, 95 % interval 0 to " in sentences(few.out)
    assert "  first: not found in a moment: constraints admit few, if any" in few.out
    assert "constraints[0] = x == 77 and x != 77: excludes every one of 4,000 configurations looked at" in few.err


def test_plan_shows_both_ends_of_a_grid_of_a_million_million(typed: Typist) -> None:
    """What lies at its end is excluded in blocks of a thousand million, and passed as the search passes those before it."""
    wide = "{a: {int: [1, 1000]}, b: {int: [1, 1000]}, c: {int: [1, 1000]}, d: {int: [1, 1000]}}"
    typed.write("spec.yaml", SPEC.replace("{x: {int: [1, 4]}}", wide) + "constraints: [10 < a < 990]\n")
    typed.write("job.py", "def run(params):\n    return {'loss': 0}\n")
    lines = typed("plan", "spec.yaml").out.splitlines()
    assert "  first: a=11 b=1 c=1 d=1" in lines
    assert lines[-1] == "         a=989 b=1000 c=1000 d=1000"
    assert max(map(len, lines)) <= 80


def test_plan_says_what_each_constraint_does(typed: Typist) -> None:
    typed.write("spec.yaml", SPEC + "constraints: [x != 2, x < 4, x > 0]\n")
    done = typed("plan", "spec.yaml")
    assert [line.strip() for line in done.out.splitlines()[1:5]] == [
        "constraints leave 2 of 4 configurations",
        "excludes 1: x != 2",
        "excludes 1: x < 4",
        "excludes 0: x > 0",
    ]
    assert done.err == (
        "warning: spec.yaml:8:30  constraints[2] = x > 0: excludes nothing: all 4 configurations of the grid meet it;"
        " drop it, or check what it says\n"
    )
    drawn = ("--set", "search={method: random, trials: 3}", "--set", "space.x={int: [1, 100]}", "--set", "constraints=[x > 50]")
    line = next(line for line in typed("plan", "spec.yaml", *drawn).out.splitlines() if "excludes" in line)
    assert abs(float(line.split()[1].rstrip("%")) - 50) < 5


def test_plan_tells_configurations_off_the_grid_from_its_own(typed: Typist) -> None:
    typed.write("spec.yaml", SPEC.replace("{int: [1, 4]}", "{int: [1, 9], step: 4}") + "constraints: [x > 1]\n")
    off = ("--set", "search={first: [{x: 9}, {x: 6}, {x: 7}]}")
    lines = typed("plan", "spec.yaml", *off).out.splitlines()
    assert lines[1:5] == [
        "  constraints leave 2 of 3 configurations",
        "    excludes 1: x > 1",
        "  search.first adds 2 configurations off the grid",
        "  4 configurations x 2 seeds = 8 trials",
    ]
    counts = typed("plan", "spec.yaml", *off, "--json").json()
    assert (counts["configurations"], counts["grid"], counts["off_grid"]) == (4, 3, 2)


def test_plan_shows_what_is_the_same_in_every_trial(typed: Typist) -> None:
    typed.write("spec.yaml", SPEC.replace("{x: {int: [1, 4]}}", "{x: {int: [1, 4]}, kernel: rbf}"))
    fixed = ("--set", "trial.fixed={tol: 1e-3, deep: {er: 2}}")
    done = typed("plan", "spec.yaml", *fixed)
    assert done.out.splitlines()[1] == '  in every trial: tol=0.001 deep={"er": 2} kernel=rbf'
    assert typed("plan", "spec.yaml", *fixed, "--json").json()["constants"] == {"tol": 0.001, "deep": {"er": 2}, "kernel": "rbf"}
    assert "in every trial" not in typed("plan", "spec.yaml", "--set", "space.kernel=[rbf, poly]").out


def test_plan_says_what_would_run_twice(typed: Typist) -> None:
    typed.write("spec.yaml", SPEC + "search: {first: [{x: 3}, {x: 2}]}\n")
    done = typed("plan", "spec.yaml", "--set", "space.x={int: [1, 5], points: 9}")
    assert " space.x: 4 duplicates left out: 9 points from 1 to 5 round to 5 whole numbers " in sentences(done.out)
    assert " search.first: 2 duplicates left out: the grid has them too; they come first, and run once " in sentences(done.out)
    assert "  first: x=3\n         x=2\n         x=1\n  last:  x=4\n         x=5\n" in done.out
    dropped = typed("plan", "spec.yaml", "--set", "space.x={int: [1, 5], points: 9}", "--json").json()["duplicates"]
    assert [(each["path"], each["count"]) for each in dropped] == [("space.x", 4), ("search.first", 2)]


def test_plan_warns_on_stderr_and_ends_well(typed: Typist) -> None:
    typed.write("spec.yaml", SPEC.replace("{int: [1, 4]}", "[0.1, 1]"))
    done = typed("plan", "spec.yaml", "--json")
    assert done.code == 0
    (warning,) = done.json()["warnings"]
    assert (warning["line"], warning["path"]) == (5, "space.x[1]")
    assert typed("plan", "spec.yaml").err == f"warning: {warning['text']}\n"
    assert warning["text"].startswith("spec.yaml:5:18  space.x[1] = 1: is a whole number, and 0.1 beside it is none")


def test_plan_draws_what_is_done_once_as_a_tree(typed: Typist) -> None:
    """For whoever never heard of a compiler: what, how often, and how often without it."""
    typed.write("spec.yaml", BOOSTING)
    lines = typed("plan", "spec.yaml").out.splitlines()
    assert lines[2:15] == [
        "  8 configurations = 8 trials",
        "  to run: 8 (0 in the ledger)",
        "  fits: 18 instead of 24 (1.33x fewer), in 6 units of work",
        "  what trials have in common is done once; every score is the one that the trial",
        "    has alone, to the last bit:",
        "    wine, 178 rows x 13 columns: read once, in memory once a machine",
        "    └ 3 folds: cut once on each worker, the same for every trial",
        "      └ scale: 6 times instead of 24 (4x fewer): once a fold for all trials that",
        "        share its settings",
        "        └ GradientBoostingClassifier: 18 times instead of 24 (1.33x fewer): one",
        "          fit answers for both values of clf__n_estimators, but for what is said",
        "          below",
        "    not shared, and why:",
    ]
    assert "clf__n_iter_no_change = 3: the fit ends by itself, after rounds of its own choice" in sentences("\n".join(lines))
    told = typed("plan", "spec.yaml", "--json").json()
    assert (told["fits"], told["fits_naive"], told["prefix_fits"], told["prefix_fits_naive"]) == (18, 24, 6, 24)
    assert [layer["rule"] for layer in told["layers"]] == ["data", "splits", "steps", "fits"]
    assert [(rule["rule"], rule["used"]) for rule in told["rules"]] == [("path", True), ("path", False), ("steps", True)]


BINNED = """
name: binned
trial:
  pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: xgboost.XGBClassifier}
data: {sklearn: wine}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {clf__max_depth: [2, 3], clf__max_bin: [16, 64], clf__learning_rate: [0.1, 0.2, 0.3], clf__booster: [gbtree, dart]}
tracking: {uri: "sqlite:///store.db"}
"""


def test_plan_says_how_often_rows_are_binned(typed: Typist) -> None:
    typed.write("spec.yaml", BINNED)
    out = sentences(typed("plan", "spec.yaml").out)
    assert "└ rows binned for XGBClassifier: 6 times instead of 36 (6x fewer): once a fold for all trials that bin alike" in out
    assert "clf__max_bin: rows are binned anew for each value, since their bins may depend on it" in out
    layer = next(each for each in typed("plan", "spec.yaml", "--json").json()["layers"] if each["rule"] == "bins")
    assert (layer["times"], layer["naive"]) == (2 * 3, 2 * 2 * 3 * 3)
    wide = typed("plan", "spec.yaml", "--set", "space.clf__reg_alpha={int: [1, 100000]}").out
    assert "└ rows binned for XGBClassifier: once a fold for all trials that bin alike" in sentences(wide)


WORDS = """
name: words
trial:
  pipeline: {words: sklearn.feature_extraction.text.TfidfVectorizer, clf: sklearn.linear_model.SGDClassifier}
data: {csv: texts.csv, target: y, text: text}
evaluate: {cv: {folds: 2}}
metric: {name: accuracy, mode: max}
space: {words__min_df: [1, 2], words__ngram_range: [[1, 1], [1, 2]], clf__alpha: [0.001, 0.01, 0.1]}
tracking: {uri: "sqlite:///store.db"}
"""


def test_plan_says_how_often_words_are_counted(typed: Typist) -> None:
    typed.write(
        "texts.csv", "text,y\n" + "\n".join(f"some words {'of one' if row % 2 else 'of two'} kind,{row % 2}" for row in range(20))
    )
    typed.write("spec.yaml", WORDS)
    out = sentences(typed("plan", "spec.yaml").out)
    line = "└ words counted: 2 times instead of 24 (12x fewer): once on each worker for all folds and all trials that count alike"
    assert line in out
    one = sentences(typed("plan", "spec.yaml", "--set", "space.words__ngram_range=[[1, 1]]").out)
    assert "└ words counted: 1 time instead of 12 (12x fewer)" in one
    told = typed("plan", "spec.yaml", "--json").json()
    assert [layer["rule"] for layer in told["layers"]] == ["data", "splits", "words", "steps", "fits"]
    given = typed("plan", "spec.yaml", "--set", "trial.fixed.words__vocabulary=[some, words]")
    assert "words__vocabulary = ['some', 'words']: terms that are given are counted alone" in sentences(given.out)
    assert "words counted" not in given.out


def test_a_large_ratio_is_written_out(typed: Typist) -> None:
    typed.write("spec.yaml", BINNED)
    out = sentences(typed("plan", "spec.yaml", "--set", "space.clf__max_depth={int: [1, 1500]}").out)
    assert "rows binned for XGBClassifier: 6 times instead of 27,000 (4,500x fewer)" in out


def test_what_two_rules_refuse_for_one_cause_is_said_once(typed: Typist) -> None:
    typed.write("spec.yaml", BINNED.replace("clf__max_bin: [16, 64]", "clf__n_estimators: [5, 10]"))
    dart = "clf__booster = 'dart': only gbtree leaves the trees of earlier rounds as they are"
    assert sentences(typed("plan", "spec.yaml").out).count(dart) == 1
    refused = [rule["rule"] for rule in typed("plan", "spec.yaml", "--json").json()["rules"] if rule["text"] == dart]
    assert refused == ["path", "bins"]


def test_trials_that_share_binned_rows_alone_need_not_come_together(typed: Typist) -> None:
    lone = BINNED.replace("pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: xgboost.XGBClassifier}",
                          "estimator: xgboost.XGBClassifier").replace("clf__", "")  # fmt: skip
    typed.write("spec.yaml", lone)
    out = sentences(typed("plan", "spec.yaml", "--set", "search={order: shuffled}").out)
    assert "rows binned for XGBClassifier: 6 times instead of 36" in out
    assert "come close together" not in out


def test_a_plan_of_very_many_trials_says_what_is_shared_without_counts(typed: Typist) -> None:
    typed.write("spec.yaml", BOOSTING)
    wide = ("--set", "space.clf__min_samples_leaf={int: [1, 100000]}")
    out = sentences(typed("plan", "spec.yaml", *wide).out)
    assert "└ scale: once a fold for all trials that share its settings" in out
    assert "instead of" not in out
    assert "fits:" not in out
    assert "expected time" not in out


def test_where_trials_meet_by_chance_plan_says_so(typed: Typist) -> None:
    typed.write("spec.yaml", BOOSTING)
    drawn = typed("plan", "spec.yaml", "--set", "search={method: random, trials: 5}").out
    assert "search.method = random: trials share where they happen to come close together" in sentences(drawn)
    shuffled = typed("plan", "spec.yaml", "--set", "search={order: shuffled}").out
    assert "search.order = shuffled: trials share where they happen to come close together" in sentences(shuffled)


def test_plan_expects_what_the_ledger_measured(typed: Typist) -> None:
    make_study(typed.folder, SPEC, SLOW)
    wider = ("--set", "space.x={int: [1, 6]}", "--set", "limits.concurrent=1")
    told = typed("plan", "spec.yaml", *wider, "--json").json()
    assert 4 * 0.02 <= told["expected_s"] <= 4 * 0.2
    assert (told["expected"]["workers"], told["expected"]["measured"]) == (1, 8)
    line = next(line for line in typed("plan", "spec.yaml", *wider).out.splitlines() if "expected time" in line)
    assert re.search(r" \d+ ms with 1 worker on this machine, by 8 trials measured$", line)
    assert "expected time" not in typed("plan", "spec.yaml").out, "there is nothing to run"


def test_plan_knows_what_the_ledger_has(typed: Typist) -> None:
    make_study(typed.folder, SPEC, JOB)
    counts = typed("plan", "spec.yaml", "--set", "space.x={int: [1, 6]}", "--json").json()
    assert (counts["trials"], counts["to_run"], counts["reused"]) == (12, 4, 8)
    assert "8 in the ledger" in typed("plan", "spec.yaml", "--set", "space.x={int: [1, 6]}").out


def test_a_plan_of_a_billion_is_not_listed(typed: Typist) -> None:
    counts = typed("plan", "spec.yaml", "--set", "space.x={int: [1, 1000000000]}", "--json").json()
    assert (counts["configurations"], counts["trials"]) == (10**9, 2 * 10**9)
    assert counts["to_run"] is None
    assert "not counted" in typed("plan", "spec.yaml", "--set", "space.x={int: [1, 1000000000]}").out


def test_a_wrong_override_is_refused_with_its_place(typed: Typist) -> None:
    done = typed("plan", "spec.yaml", "--set", "space.x={int: [5, 1]}")
    assert done.code == 2
    assert done.err.startswith("--set space.x={int: [5, 1]}  space.x.high = 1: ")


def test_try_runs_one_trial_and_shows_what_it_prints(typed: Typist) -> None:
    done = typed("try", "spec.yaml", "--index", 2)
    assert done.code == 0
    assert "trying 3 with seed 0" in done.out
    assert "loss: 9" in done.out
    assert not (typed.folder / "studies").exists()
    told = typed("try", "spec.yaml", "--set", "x=2", "--set", "repeat.seeds=[5]", "--json")
    assert told.json()["metrics"] == {"loss": 4.0}
    assert told.json()["status"] == "COMPLETED"
    assert "trying 2 with seed 5" in told.err


def test_a_trial_that_fails_under_try(typed: Typist) -> None:
    done = typed("try", "spec.yaml", "--index", 3)
    assert done.code == 3
    assert 'raise ValueError("x = 4 is even")' in done.err
    assert "attempt.py" not in done.err
    assert "the trial failed: ValueError: x = 4 is even" in done.err


def test_a_failed_trial_again_by_the_beginning_of_its_key(typed: Typist) -> None:
    folder = make_study(typed.folder, SPEC, JOB)
    failed = [row for row in typed("results", folder.path, "--json").json() if row["status"] == "FAILED"]
    view = typed("show", folder.path, failed[0]["config_id"], "--json").json()
    key = view["trials"][1]["key"]
    for beginning in (key, key[:10], key[3:10]):
        done = typed("try", "spec.yaml", "--key", beginning)
        assert done.code == 3
        assert "trying 4 with seed 7" in done.out
    assert "no trial of squares begin" in typed("try", "spec.yaml", "--key", "zzz").err


def test_a_trial_that_ran_with_other_code_is_said_to(typed: Typist) -> None:
    """Else someone looks for yesterday's failure in code that no longer has it."""
    folder = make_study(typed.folder, SPEC, JOB)
    view = typed("show", folder.path, typed("results", folder.path, "--json").json()[0]["config_id"], "--json").json()
    key = view["trials"][0]["key"]
    assert "ran with" not in typed("try", "spec.yaml", "--key", key).err
    typed.write("job.py", JOB + "\n# edited\n")
    done = typed("try", "spec.yaml", "--key", key, "--json")
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        f"{key[:11]} ran with other code or estimator than the spec has now;"
        " its parameters and seed are tried with what the spec has now"
    )
    assert done.json()["key"] == key


@pytest.mark.parametrize("part", ["data", "splits"])
def test_a_trial_that_ran_with_other_data_is_said_to(typed: Typist, part: str) -> None:
    spec = """
name: towns
trial: {estimator: sklearn.dummy.DummyClassifier}
data: {csv: t.csv, target: y}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {strategy: [prior, uniform]}
tracking: {uri: "sqlite:///store.db"}
"""
    typed.write("t.csv", "x,y\n" + "1,a\n2,b\n" * 9)
    folder = make_study(typed.folder, spec)
    view = typed("show", folder.path, typed("results", folder.path, "--json").json()[0]["config_id"], "--json").json()
    if part == "data":
        typed.write("t.csv", "x,y\n" + "1,a\n2,b\n" * 8)
    else:
        typed.write("spec.yaml", spec.replace("folds: 3", "folds: 4"))
    done = typed("try", "spec.yaml", "--key", view["trials"][0]["key"])
    assert f"ran with other {part} than the spec has now; " in done.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--index", 4), "--index 4: squares has 4 configurations, 0 to 3"),
        (("--index", -1), "-1 is not in the range"),
        (("--set", "y=3"), "space.y: "),
        (("--key", "v1:0"), "no study 'squares'"),
    ],
)
def test_a_trial_that_is_not_there(typed: Typist, arguments: tuple[object, ...], sentence: str) -> None:
    typed.write("job.py", "def run(x): return x\n")
    done = typed("try", "spec.yaml", *arguments)
    assert done.code == 2
    assert sentence in done.err


def test_schema_prints_what_is_installed(typed: Typist) -> None:
    printed = typed("schema")
    path = typed("schema", "--path").out.rstrip("\n")
    assert (printed.code, printed.err) == (0, "")
    assert printed.out == Path(path).read_text(encoding="utf-8")
    assert json.loads(printed.out)["else"]["required"] == ["metric", "space"]


def test_doctor_finds_all_well(typed: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    done = typed("doctor")
    assert done.code == 0, done.out
    assert "ok     mlflow store" in done.out
    assert "WRONG" not in done.out
    assert {"python", "ray", "mlflow", "studies", "mlflow store", "ray cluster", "machine"} <= {
        finding["subject"] for finding in typed("doctor", "--json").json()
    }
    assert not (typed.folder / "mlflow.db").exists()


def test_doctor_says_what_is_wrong(typed: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    done = typed("doctor")
    assert done.code == 4
    assert "WRONG  mlflow store" in done.out
    assert "WRONG  ray cluster" in done.out
    assert "not as it should be: mlflow store, ray cluster" in done.err
    assert {finding["subject"]: finding["ok"] for finding in typed("doctor", "--json").json()}["mlflow store"] is False
