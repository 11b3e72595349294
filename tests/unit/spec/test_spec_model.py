"""What a spec means once it is read: every default filled in, every value of its own type."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from spec_text import ESTIMATOR, FUNCTION, PIPELINE, problems, read

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.values import canonical
from hpsearch.space import Choice, Constant, FloatRange, IntRange, Parameter
from hpsearch.spec import load_spec, parse_spec
from hpsearch.spec.model import (
    ColumnGroup,
    CvSpec,
    DataSpec,
    EvaluateSpec,
    HoldoutSpec,
    LimitsSpec,
    RepeatSpec,
    ReportSpec,
    ResourcesSpec,
    RetrySpec,
    ReuseSpec,
    SearchSpec,
    StepSpec,
    TrackingSpec,
    TrialSpec,
)


def test_a_short_spec_has_every_default() -> None:
    spec = read()
    assert spec.trial == TrialSpec("estimator", "xgboost.XGBClassifier")
    assert spec.data == DataSpec("csv", "churn.csv", target="churn")
    assert spec.evaluate == EvaluateSpec(CvSpec(5, 1, None, True, 0), None, ("roc_auc",))
    assert spec.metric == Metric("roc_auc", Mode.MAX)
    assert spec.search == SearchSpec("grid", None, 0)
    assert spec.repeat == RepeatSpec((0,))
    assert spec.resources == ResourcesSpec(1.0, 0.0, None)
    assert spec.limits == LimitsSpec(None, None)
    assert spec.retry == RetrySpec(crash=2, node_lost=5, out_of_memory=1, timeout=0, error=0)
    assert spec.reuse == ReuseSpec("keep")
    assert spec.tracking == TrackingSpec(None, None)
    assert spec.report == ReportSpec(20, ())
    assert (spec.version, spec.description, spec.tags, spec.overrides) == (1, "", {}, ())
    assert (spec.folder, spec.file) == (Path("/specs"), "s.yaml")


def test_every_setting_reaches_the_spec() -> None:
    spec = read(
        version="1",
        description="Boosting",
        tags="{team: growth, year: 2024, dry: true}",
        data="{csv: churn.csv, target: churn, drop: [id, 7], dtypes: {state: category}, na_values: [-999, N/A], "
        "positive: yes, float32: true}",
        evaluate="{holdout: {fraction: 0.25, repeats: 3, stratify: false, seed: 5}, metrics: [roc_auc, f1, 'my.mod:scorer']}",
        search="{method: random, trials: 50, seed: 7}",
        repeat="{seeds: [0, 1]}",
        resources="{cpu: 2, gpu: 0.25, memory: 1.5GiB}",
        limits="{concurrent: 8, failures: 10%}",
        retry="{crash: 0, error: 1}",
        reuse="{results: true, failed: rerun}",
        tracking="{uri: 'http://head:5000', experiment: churn}",
        report="{top: 5, tie_break: [f1, fit_s]}",
        execution="packed",
        ledger="sqlite",
        early_stop="{method: none}",
    )
    assert spec.tags == {"team": "growth", "year": "2024", "dry": "true"}
    assert spec.data == DataSpec(
        "csv", "churn.csv", "churn", (), ("id", "7"), {"state": "category"}, ("-999", "N/A"), "yes", True
    )
    assert spec.evaluate == EvaluateSpec(None, HoldoutSpec(0.25, 3, False, 5), ("roc_auc", "f1", "my.mod:scorer"))
    assert spec.search == SearchSpec("random", 50, 7)
    assert spec.repeat == RepeatSpec((0, 1))
    assert spec.resources == ResourcesSpec(2.0, 0.25, 3 * 2**29)
    assert spec.limits == LimitsSpec(8, 0.1)
    assert spec.retry == RetrySpec(crash=0, error=1)
    assert spec.reuse == ReuseSpec("rerun")
    assert spec.tracking == TrackingSpec("http://head:5000", "churn")
    assert spec.report == ReportSpec(5, ("f1", "fit_s"))


def test_a_pipeline_with_column_groups() -> None:
    spec = read(
        PIPELINE,
        trial="""
  pipeline:
    prep:
      columns:
        numeric: [sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]
        categorical: sklearn.preprocessing.OneHotEncoder
        state: drop
        money: {select: [day_charge, eve_charge], transform: passthrough}
        rest: {select: numeric, transform: [a.B]}
      remainder: passthrough
    maybe: passthrough
    clf: xgboost.XGBClassifier
  fixed: {clf__tree_method: hist, prep__categorical__handle_unknown: ignore}""",
    )
    groups = (
        ColumnGroup("numeric", "numeric", ("sklearn.impute.SimpleImputer", "sklearn.preprocessing.StandardScaler")),
        ColumnGroup("categorical", "categorical", ("sklearn.preprocessing.OneHotEncoder",)),
        ColumnGroup("state", ("state",), ("drop",)),
        ColumnGroup("money", ("day_charge", "eve_charge"), ("passthrough",)),
        ColumnGroup("rest", "numeric", ("a.B",)),
    )
    assert spec.trial.kind == "pipeline"
    assert spec.trial.path == ""
    assert spec.trial.steps == (
        StepSpec("prep", "", groups, "passthrough"),
        StepSpec("maybe", "passthrough"),
        StepSpec("clf", "xgboost.XGBClassifier"),
    )
    assert spec.trial.fixed == {"clf__tree_method": "hist", "prep__categorical__handle_unknown": "ignore"}


def test_a_function_scores_itself() -> None:
    spec = read(FUNCTION)
    assert spec.trial == TrialSpec("function", "mylib.train:run")
    assert (spec.data, spec.evaluate) == (None, None)
    assert spec.metric == Metric("loss", Mode.MIN)
    with_data = read(FUNCTION, data="{sklearn: digits}")
    assert with_data.evaluate is None


def test_a_function_may_ask_for_splits_of_its_data() -> None:
    spec = read(FUNCTION, data="{sklearn: digits}", evaluate="{cv: {folds: 3}}")
    assert spec.evaluate == EvaluateSpec(CvSpec(3), None, ("loss",))


def test_a_scorer_is_maximised_without_saying_so() -> None:
    assert read(metric="{name: neg_log_loss}").metric.mode is Mode.MAX
    assert read(metric="{name: fit_s, mode: min}").metric.mode is Mode.MIN


def test_every_domain_as_it_is_written() -> None:
    spec = read(
        space="""
  a: [1, 1.0, true, "1", [1, 2], null, no]
  b: rbf
  c:
  d: {int: [3, 9], step: 2}
  e: {int: [1, 100], points: 4, log: true, default: 10}
  f: {float: [0, 1], step: 0.25, default: 0.5}
  g: {float: [1e-4, 1], points: 3, log: true}
  h: {choice: [x, null], default: null}
  i: {const: {one: [1, 2]}}
  j: {const: [1, 2]}""",
    )
    assert canonical(spec.space.domains("a")[0].grid_at(0)) == "1"
    assert spec.space.parameters == (
        Parameter("a", Choice((1, 1.0, True, "1", (1, 2), None, "no"))),
        Parameter("b", Constant("rbf")),
        Parameter("c", Constant(None)),
        Parameter("d", IntRange(3, 9, step=2)),
        Parameter("e", IntRange(1, 100, points=4, log=True, default=10)),
        Parameter("f", FloatRange(0.0, 1.0, step=0.25, default=0.5)),
        Parameter("g", FloatRange(1e-4, 1.0, points=3, log=True)),
        Parameter("h", Choice(("x", None), default=None)),
        Parameter("i", Constant({"one": (1, 2)})),
        Parameter("j", Constant((1, 2))),
    )


def test_a_sub_space_and_a_condition_say_the_same() -> None:
    branch = read(
        FUNCTION,
        space="{booster: {choice: {gbtree: {}, dart: {rate_drop: [0.1, 0.2], skip: {choice: {1: {}, 2: {n: [1, 2]}}}}}}}",
    )
    when = read(
        FUNCTION,
        space="{booster: [gbtree, dart], rate_drop: {choice: [0.1, 0.2], when: {booster: dart}},"
        " skip: {choice: [1, 2], when: {booster: [dart]}}, n: {choice: [1, 2], when: {skip: 2}}}",
    )
    rows = [[spec.space.grid_at(index) for index in range(spec.space.grid_size())] for spec in (branch, when)]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 1 + 2 * (1 + 2)
    assert rows[0][0] == {"booster": "gbtree"}
    assert rows[0][-1] == {"booster": "dart", "rate_drop": 0.2, "skip": 2, "n": 2}
    assert branch.space.varying == ("booster", "rate_drop", "skip", "n")


def test_names_are_looked_for_from_the_inside_out() -> None:
    """`kind` of a sub-space is its own there, and another's elsewhere; the branch's name tells them apart."""
    spec = read(
        FUNCTION,
        space="{model: {choice: {pkg.Tree: {kind: [a, b], deep: {const: 1, when: {kind: a}}}, pkg.Line: {kind: [a, c]}}},"
        " extra: {const: 2, when: {Line.kind: c}}}",
    )
    rows = [spec.space.grid_at(index) for index in range(spec.space.grid_size())]
    assert rows == [
        {"model": "pkg.Tree", "kind": "a", "deep": 1},
        {"model": "pkg.Tree", "kind": "b"},
        {"model": "pkg.Line", "kind": "a"},
        {"model": "pkg.Line", "kind": "c", "extra": 2},
    ]


def test_a_random_search_takes_floats_without_points() -> None:
    spec = read(space="{a: {float: [0, 1]}}", search="{method: random, trials: 3}")
    assert spec.space.size() is None


def test_blocks_left_empty_are_left_out() -> None:
    """Commenting out a block's lines must not be an error."""
    assert read(search="", evaluate="", tags="", report="", constraints="", early_stop="none") == read(
        search="", evaluate="", tags="", report="", constraints="", early_stop="none"
    )
    assert read(search="").search == SearchSpec()


def test_one_seed_goes_with_a_seed_of_the_estimators_own() -> None:
    read(space="{random_state: 3}", repeat="{seeds: [1]}")
    read(space="{random_state: null}", repeat="{seeds: [1, 2]}")
    read(FUNCTION, space="{seed: [1, 2]}", repeat="{seeds: [1, 2]}")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1GiB", 2**30),
        ("512 MiB", 2**29),
        ("1.5GB", 1_500_000_000),
        ("1gib", 2**30),
        ("100kB", 100_000),
        ("2TiB", 2**41),
        ("8B", 8),
    ],
)
def test_memory_sizes(text: str, size: int) -> None:
    assert read(resources=f"{{memory: {text}}}").resources.memory_bytes == size


@pytest.mark.parametrize(
    ("text", "share"), [("10%", 0.1), ("0.1", 0.1), ("0%", 0.0), ("0", 0.0), ("100%", 1.0), ("12.5 %", 0.125)]
)
def test_shares_of_failed_trials(text: str, share: float) -> None:
    assert read(limits=f"{{failures: {text}}}").limits.failures == share


def test_the_name_is_the_files_where_none_is_given() -> None:
    base = {**ESTIMATOR, "name": None}
    assert read(base).name == "s"
    text = "\n".join(f"{key}: {value}" for key, value in base.items() if value)
    assert parse_spec(text, file="my specs/churn boost (2).yaml", folder=Path()).name == "churn-boost-2"
    assert parse_spec(text, file="???", folder=Path()).name == "study"


def test_environment_variables_stand_in_string_values_alone() -> None:
    spec = read(
        description="'${HOME}/x ${NOPE:-default} $${HOME} ${EMPTY:-}!'",
        tags="{'${HOME}': a}",
        space="{a: ['${HOME}', '${N:-3}']}",
    )
    assert spec.description == "/home/me/x default ${HOME} !"
    assert spec.tags == {"${HOME}": "a"}
    assert spec.space.domains("a") == (Choice(("/home/me", "3")),)
    assert "${HOME}/x" in spec.text


def test_a_function_with_values_named_like_a_path() -> None:
    assert read(FUNCTION, trial="{function: 'a.b:C.method'}").trial.path == "a.b:C.method"


def test_a_spec_travels_to_another_process() -> None:
    spec = read(PIPELINE)
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_later_checks_know_the_lines() -> None:
    """An estimator's unknown parameter is found after reading; its message needs the line all the same."""
    spec = read(space="\n  max_depth:\n    int: [3, 9]\n  gamma: 0")
    assert str(spec.problem("space.gamma", "is no parameter of SVC")) == "s.yaml:8:10  space.gamma: is no parameter of SVC"
    assert str(spec.problem("space.max_depth.int[1]", " = 9: too deep")) == "s.yaml:7:14  space.max_depth.int[1] = 9: too deep"
    assert str(spec.problem("evaluate.cv.folds", " = 5: more than rows")) == "s.yaml:1:1  evaluate.cv.folds = 5: more than rows"
    assert spec.problem("data.target", "x").column == 32


def test_the_folder_of_a_file_is_where_its_paths_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spec.yaml").write_text("".join(f"{key}: {value}\n" for key, value in ESTIMATOR.items()))
    monkeypatch.chdir(tmp_path)
    spec = load_spec("spec.yaml")
    assert (spec.folder, spec.file) == (tmp_path, "spec.yaml")


def test_good_specs_have_no_problems() -> None:
    for base in (ESTIMATOR, FUNCTION, PIPELINE):
        assert problems(base) == []


def test_an_environment_that_is_no_text_is_refused() -> None:
    """It could not be stored, and would end the run long after the start."""
    with pytest.raises(
        SpecError, match=r"1:\d+  description = \$\{NAME\}: its content in the environment is not UTF-8 text; set it again"
    ):
        parse_spec("description: ${NAME}", file="s.yaml", folder=Path(), environ={"NAME": "\udcff"})
