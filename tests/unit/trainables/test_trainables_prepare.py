"""What a user is told before any trial starts, all at once, each with its place in the spec."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trainables_builders import problems_of, spec_of

from hpsearch.trainables import prepare

CLASSIFIER = """
trial: {estimator: %s, fixed: {%s}}
data: {sklearn: %s}
evaluate: {cv: {folds: 3}, metrics: [%s]}
metric: {name: %s, mode: max}
space: {%s}
"""


def classifier(
    estimator: str = "sklearn.svm.SVC", fixed: str = "", data: str = "iris", metrics: str = "accuracy", space: str = "C: [1, 2]"
) -> str:
    return CLASSIFIER % (estimator, fixed, data, metrics, metrics.split(",")[0], space)


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    rows = 30
    frame = pd.DataFrame(
        {
            "age": np.arange(rows) % 7,
            "pay": np.where(np.arange(rows) % 9 == 0, np.nan, np.arange(rows) * 1.5),
            "plan": ["a", "b", "c"] * (rows // 3),
            "churn": ["yes", "no"] * (rows // 2),
        }
    )
    frame.to_csv(tmp_path / "churn.csv", index=False)
    return tmp_path


def test_everything_wrong_is_said_at_once(churn: Path) -> None:
    said = problems_of(
        """
        trial:
          estimator: sklearn.svm.SVCC
        data: {csv: churn.csv, target: chur, drop: [pla]}
        evaluate: {metrics: [roc_au, accurac]}
        metric: {name: roc_au, mode: max}
        space: {C: [1, 2]}
        """,
        churn,
    )
    assert said == [
        "trial.estimator = sklearn.svm.SVCC: sklearn.svm has no SVCC; did you mean SVC?",
        "data.target = chur: churn.csv has no such column; did you mean churn?",
        "data.drop[0] = pla: churn.csv has no such column; did you mean plan?",
        "evaluate.metrics[0] = roc_au: scikit-learn has no scorer of that name; did you mean roc_auc?",
        "evaluate.metrics[1] = accurac: scikit-learn has no scorer of that name; did you mean accuracy?",
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sklern.svm.SVC", "there is no module sklern; did you mean sklearn?"),
        ("sklearn.svn.SVC", "there is no module sklearn.svn; did you mean svm?"),
        ("own.Broken", "importing own failed: ZeroDivisionError: division by zero"),
        ("lacks.Thing", "importing lacks failed: there is no module no_such_package, which it imports; install it"),
        ("sklearn.svm.l1_min_c", "a function, not a class; name the estimator's class"),
        ("fractions.Fraction", "no scikit-learn estimator: it has no get_params and set_params"),
        ("duck.Duck", "no scikit-learn estimator: derive it from sklearn.base.BaseEstimator"),
        ("sklearn.ensemble.VotingClassifier", "cannot be made without estimators; set it in trial.fixed or space"),
        ("duck.Refuses", "it cannot be made: ValueError: not today"),
    ],
)
def test_an_estimator_that_is_none(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "own.py").write_text("1 / 0\n")
    (tmp_path / "lacks.py").write_text("import no_such_package\n")
    (tmp_path / "duck.py").write_text(
        "class Duck:\n"
        "    def get_params(self, deep=True): return {}\n"
        "    def set_params(self): return self\n"
        "    def fit(self, X, y): return self\n"
        "class Refuses(Duck):\n"
        "    def __init__(self): raise ValueError('not today')\n"
    )
    assert problems_of(classifier(path, space="a: [1, 2]"), tmp_path) == [f"trial.estimator = {path}: {said}"]


def test_a_metric_that_is_no_scorer_is_told_where_it_is_written(tmp_path: Path) -> None:
    text = "data: {sklearn: iris}\nmetric: {name: acuracy}\ntrial: {estimator: sklearn.svm.SVC}\nspace: {C: [1, 2]}"
    said = "metric.name = acuracy: scikit-learn has no scorer of that name; did you mean accuracy?"
    assert problems_of(text, tmp_path) == [said]
    both = f"{text}\nevaluate: {{metrics: [acuracy]}}"
    assert problems_of(both, tmp_path) == [said.replace("metric.name", "evaluate.metrics[0]")]


def test_a_module_beside_the_spec_is_nearer_than_pythons_own(tmp_path: Path) -> None:
    (tmp_path / "training.py").write_text("")
    said = "trial.estimator = strining.Model: there is no module strining; did you mean training?"
    assert problems_of(classifier("strining.Model", space="a: [1, 2]"), tmp_path) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (classifier(space="c: [1, 2]"), "space.c: SVC takes no such parameter; did you mean C?"),
        (classifier(space="gama: [1, 2]"), "space.gama: SVC takes no such parameter; did you mean gamma?"),
        (classifier(fixed="kernell: rbf"), "trial.fixed.kernell: SVC takes no such parameter; did you mean kernel?"),
        (classifier(space="C__x: [1, 2]"), "space.C__x: C is 1.0, which takes no parameters"),
        (classifier(space="kernal__x: [1, 2]"), "space.kernal__x: SVC has no part kernal; did you mean kernel?"),
        (
            classifier("xgboost.XGBClassifier", space="max_dept: [1, 2]"),
            "space.max_dept: XGBClassifier takes no such parameter; did you mean max_depth?",
        ),
        (
            classifier("xgboost.XGBClassifier", fixed="eta: 0.1", space="learning_rate: [0.1, 0.2]"),
            "trial.fixed.eta: is the same parameter as learning_rate, which is given too; keep one",
        ),
        (
            classifier("xgboost.XGBClassifier", space="early_stopping_rounds: [5, 10]"),
            "space.early_stopping_rounds: is not supported yet: it needs rows held back from each fit; leave it out",
        ),
    ],
)
def test_parameters_that_the_estimator_does_not_take(tmp_path: Path, text: str, said: str) -> None:
    assert problems_of(text, tmp_path) == [said]


def test_xgboost_s_own_names_are_taken(tmp_path: Path) -> None:
    """XGBoost hands any keyword on; the library's names are no mistake."""
    text = classifier(
        "xgboost.XGBClassifier", fixed="booster: dart", space="eta: [0.1, 0.2], rate_drop: [0.1, 0.2], lambda: [1, 2]"
    )
    assert problems_of(text, tmp_path) == []


def test_an_estimator_that_takes_anything(tmp_path: Path) -> None:
    """Unknown names go through, for we cannot know them; near misses of known ones do not."""
    (tmp_path / "anything.py").write_text(
        "from sklearn.base import ClassifierMixin, BaseEstimator\n"
        "class Any(ClassifierMixin, BaseEstimator):\n"
        "    def __init__(self, num_leaves=31, **kwargs): self.num_leaves = num_leaves; self.kwargs = kwargs\n"
        "    @classmethod\n"
        "    def _get_param_names(cls): return ['num_leaves']\n"
        "    def fit(self, X, y): return self\n"
        "    def predict(self, X): return X[:, 0]\n"
    )
    text = classifier("anything.Any", fixed="bagging_freq: 3", space="num_leafs: [1, 2]")
    assert problems_of(text, tmp_path) == ["space.num_leafs: Any has no parameter of that name; did you mean num_leaves?"]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (
            classifier(space="C: [1, -1]"),
            "space.C = -1: The 'C' parameter of SVC must be a float in the range (0.0, inf]. Got -1 instead.",
        ),
        (classifier(fixed="kernel: rfb"), "trial.fixed.kernel = 'rfb': The 'kernel' parameter of SVC must be"),
        (
            classifier("sklearn.ensemble.RandomForestClassifier", space="n_estimators: [100.0, 200.0]"),
            "space.n_estimators = 100.0: The 'n_estimators' parameter of RandomForestClassifier must be an int",
        ),
        (classifier(space="C: {float: [0.0, 1.0], points: 3}"), "space.C = 0.0: The 'C' parameter of SVC must be"),
    ],
)
def test_values_that_scikit_learn_refuses(tmp_path: Path, text: str, starts: str) -> None:
    (said,) = problems_of(text, tmp_path)
    assert said.startswith(starts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            classifier(metrics="roc_auc"),
            "evaluate.metrics[0] = roc_auc: cannot score this classification target: multi_class must be in ('ovo', 'ovr')"
            "; for more than two classes use roc_auc_ovr",
        ),
        (
            classifier("sklearn.linear_model.Ridge", data="diabetes", metrics="accuracy", space="alpha: [1, 2]"),
            "evaluate.metrics[0] = accuracy: cannot score this regression target: Classification metrics can't handle a mix of",
        ),
        (  # the mean of its three classes is whole, as a class is
            classifier("sklearn.linear_model.Ridge", data="iris", metrics="accuracy", space="alpha: [1, 2]"),
            "evaluate.metrics[0] = accuracy: cannot score this regression target: Classification metrics can't handle a mix of",
        ),
        (
            classifier("sklearn.svm.LinearSVC", metrics="neg_log_loss"),
            "evaluate.metrics[0] = neg_log_loss: needs predict_proba, which LinearSVC does not have",
        ),
        (classifier(metrics="accuracy, silhouete"), "evaluate.metrics[1] = silhouete: scikit-learn has no scorer of that name"),
        (
            classifier(metrics="accuracy, 'scores:none'"),
            "evaluate.metrics[1] = scores:none: scores has no none; did you mean nine?",
        ),
        (
            classifier(metrics="accuracy, 'scores:nine'"),
            "evaluate.metrics[1] = scores:nine: a int, not a function of (estimator, X, y)",
        ),
    ],
)
def test_scorers_that_cannot_score(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "scores.py").write_text("nine = 9\n")
    (found,) = problems_of(text, tmp_path)
    assert found.startswith(said)


def test_a_method_that_one_configuration_brings_is_enough(tmp_path: Path) -> None:
    text = classifier("sklearn.linear_model.SGDClassifier", metrics="neg_log_loss", space="loss: [hinge, log_loss]")
    assert problems_of(text, tmp_path) == []


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (
            "estimator: sklearn.svm.SVC\n  fixed: {C: 1}",
            "trial.estimator: SVC takes no missing values, and churn.csv has some in pay;"
            " put a sklearn.impute.SimpleImputer before it, or drop the columns",
        ),
        (
            "estimator: xgboost.XGBClassifier",
            "trial.estimator: plan of churn.csv are categories, which XGBClassifier takes only with enable_categorical: true"
            " in trial.fixed; or encode them in a pipeline",
        ),
        (
            "estimator: sklearn.ensemble.RandomForestClassifier",
            "trial.estimator: RandomForestClassifier takes numbers alone, and plan of churn.csv hold text;"
            " encode them in a pipeline (sklearn.preprocessing.OneHotEncoder), or drop them",
        ),
        (
            "pipeline:\n    prep: {columns: {numeric: sklearn.preprocessing.StandardScaler,"
            " categorical: sklearn.preprocessing.OneHotEncoder}}\n    clf: sklearn.svm.SVC",
            "trial.pipeline.clf: SVC takes no missing values, and churn.csv has some in pay;"
            " put a sklearn.impute.SimpleImputer before it, or drop the columns",
        ),
        (
            "pipeline:\n    prep: {columns: {numeric: sklearn.decomposition.PCA}}\n    clf: sklearn.svm.SVC",
            "trial.pipeline.prep.columns.numeric: PCA takes no missing values, and churn.csv has some in pay;"
            " put a sklearn.impute.SimpleImputer before it, or drop the columns",
        ),
        (
            "pipeline:\n    scale: sklearn.preprocessing.StandardScaler\n    clf: xgboost.XGBClassifier",
            "trial.pipeline.scale: StandardScaler takes numbers alone, and plan of churn.csv hold text;"
            " encode them in a pipeline (sklearn.preprocessing.OneHotEncoder), or drop them",
        ),
    ],
)
def test_columns_that_an_estimator_cannot_take(churn: Path, trial: str, said: str) -> None:
    text = f"trial:\n  {trial}\ndata: {{csv: churn.csv, target: churn}}\nmetric: {{name: accuracy, mode: max}}\nspace: {{}}\n"
    assert problems_of(text, churn) == [said]


@pytest.mark.parametrize(
    "trial",
    [
        "estimator: xgboost.XGBClassifier\n  fixed: {enable_categorical: true}",
        "estimator: sklearn.ensemble.HistGradientBoostingClassifier",
        "pipeline:\n    prep: {columns: {numeric: [sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler],"
        " categorical: sklearn.preprocessing.OneHotEncoder}}\n    clf: sklearn.svm.SVC",
        "pipeline:\n    prep: {columns: {pay: drop, plan: sklearn.preprocessing.OrdinalEncoder}, remainder: passthrough}\n"
        "    clf: sklearn.svm.SVC",
        "pipeline:\n    prep: {columns: {numeric: passthrough, plan: sklearn.preprocessing.TargetEncoder}}\n"
        "    clf: sklearn.ensemble.RandomForestClassifier",
    ],
)
def test_columns_that_an_estimator_can_take(churn: Path, trial: str) -> None:
    """A good spec is never refused."""
    text = f"trial:\n  {trial}\ndata: {{csv: churn.csv, target: churn}}\nmetric: {{name: accuracy, mode: max}}\nspace: {{}}\n"
    assert problems_of(text, churn) == []


@pytest.mark.parametrize(
    ("prep", "said"),
    [
        (
            "{columns: {plam: sklearn.preprocessing.OneHotEncoder}}",
            "trial.pipeline.prep.columns.plam = plam: churn.csv has no such feature; did you mean plan?",
        ),
        (
            "{columns: {categorcal: sklearn.preprocessing.OneHotEncoder}}",
            "trial.pipeline.prep.columns.categorcal = categorcal: churn.csv has no such feature; did you mean categorical?",
        ),
        (
            "{columns: {numeric: sklearn.svm.SVC}}",
            "trial.pipeline.prep.columns.numeric = sklearn.svm.SVC: has no transform; a column group takes transformers",
        ),
        ("sklearn.svm.SVC", "trial.pipeline.prep: SVC has no transform; only the last step may be without"),
        (
            "sklearn.preprocesing.OneHotEncoder",
            "trial.pipeline.prep = sklearn.preprocesing.OneHotEncoder: there is no module sklearn.preprocesing;"
            " did you mean preprocessing?",
        ),
    ],
)
def test_steps_that_are_none(churn: Path, prep: str, said: str) -> None:
    text = f"""
trial:
  pipeline:
    prep: {prep}
    clf: sklearn.tree.DecisionTreeClassifier
data: {{csv: churn.csv, target: churn}}
metric: {{name: accuracy, mode: max}}
space: {{clf__max_depth: [1, 2]}}
"""
    assert problems_of(text, churn) == [said]


def test_a_group_without_columns(churn: Path) -> None:
    text = """
trial:
  pipeline:
    prep: {columns: {numeric: sklearn.impute.SimpleImputer, categorical: sklearn.preprocessing.OneHotEncoder}}
    clf: sklearn.tree.DecisionTreeClassifier
data: {csv: churn.csv, target: churn, drop: [plan]}
metric: {name: accuracy, mode: max}
space: {clf__max_depth: [1, 2]}
"""
    assert problems_of(text, churn) == [
        "trial.pipeline.prep.columns.categorical: churn.csv has no categorical column; leave the group out"
    ]


@pytest.mark.parametrize(
    ("evaluate", "said"),
    [
        (
            "{cv: {folds: 40}}",
            "evaluate.cv.folds = 40: class no has 15 members, and each fold needs one; use at most 15 folds, or stratify: false",
        ),
        ("{cv: {folds: 40, stratify: false}}", "evaluate.cv.folds = 40: the table has 30 rows; a fold needs one at least"),
        (
            "{holdout: {fraction: 0.01}}",
            "evaluate.holdout.fraction = 0.01: The test_size = 1 should be greater or equal to the number of classes = 2",
        ),
    ],
)
def test_more_folds_than_the_data_has(churn: Path, evaluate: str, said: str) -> None:
    text = f"""
trial: {{estimator: sklearn.ensemble.HistGradientBoostingClassifier}}
data: {{csv: churn.csv, target: churn}}
evaluate: {evaluate}
metric: {{name: accuracy, mode: max}}
space: {{max_depth: [1, 2]}}
"""
    assert problems_of(text, churn) == [said]


def test_a_class_with_one_member(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{row},{'rare' if row == 3 else 'usual'}\n" for row in range(20)))
    text = """
trial: {estimator: sklearn.svm.SVC}
data: {csv: t.csv, target: y}
metric: {name: accuracy, mode: max}
space: {C: [1, 2]}
"""
    assert problems_of(text, tmp_path) == [
        "evaluate.cv.folds = 5: class rare has 1 member, and each fold needs one; leave that class out, or stratify: false"
    ]


def test_an_amount_is_not_taken_for_labels(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{row},{row % 97}.0\n" for row in range(100)))
    text = """
trial: {estimator: sklearn.svm.SVC}
data: {csv: t.csv, target: y}
metric: {name: accuracy, mode: max}
space: {C: [1, 2]}
"""
    assert problems_of(text, tmp_path) == [
        "evaluate.cv.folds = 5: class 3.0 has 1 member, and each fold needs one; the target has 97 different numbers: for an "
        "amount take a regressor; for labels, leave that class out, or stratify: false"
    ]


def test_numbers_cannot_be_stratified(tmp_path: Path) -> None:
    text = """
trial: {estimator: sklearn.linear_model.Ridge}
data: {sklearn: diabetes}
evaluate: {cv: {stratify: true}}
metric: {name: r2, mode: max}
space: {alpha: [1, 2]}
"""
    assert problems_of(text, tmp_path) == ["evaluate.cv.stratify = true: the target is numbers, not labels; leave it out"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def load(): raise RuntimeError('no disk')", "it raised RuntimeError: no disk"),
        ("def load(): return 1, 2, 3", "it returned 3 things; return (X, y), or X alone"),
        (
            "import numpy\ndef load(): return numpy.zeros(4), numpy.zeros(4)",
            "X has the shape (4,); it must have rows and columns",
        ),
        ("import numpy\ndef load(): return numpy.zeros((4, 2)), numpy.zeros(3)", "it returned 4 rows of X and 3 of y"),
        ("import numpy\ndef load(): return numpy.array([['a']]), [1]", "X is an array of <U1; return numbers, or a DataFrame"),
        ("def lod(): pass", "mine has no load; did you mean lod?"),
        ("load = 3", "a int, not a function"),
    ],
)
def test_a_loading_function_that_fails(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "mine.py").write_text(source + "\n")
    text = """
trial: {estimator: sklearn.svm.SVC}
data: {function: "mine:load"}
metric: {name: accuracy, mode: max}
space: {C: [1, 2]}
"""
    assert problems_of(text, tmp_path) == [f"data.function = mine:load: {said}"]


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [
        ("pd.DataFrame({'age': pd.cut([1, 2] * 9, 2)}), [0, 1] * 9", "column age", "Interval"),
        ("[[1.0]] * 18, [object(), object()] * 9", "y", "object"),
    ],
)
def test_what_a_loading_function_may_not_return(tmp_path: Path, body: str, name: str, kind: str) -> None:
    """An object's repr may hold its address: every run would be of other trials."""
    (tmp_path / "mine.py").write_text(f"import pandas as pd\ndef load():\n    return {body}\n")
    text = """
trial: {estimator: sklearn.dummy.DummyClassifier}
data: {function: "mine:load"}
metric: {name: accuracy, mode: max}
space: {strategy: [prior, uniform]}
"""
    (said,) = problems_of(text, tmp_path)
    assert said.startswith(f"data: {name} holds a {kind}, which cannot be told from another one in the next run")


@pytest.mark.parametrize(
    ("body", "kind", "names"),
    [
        ("pd.DataFrame({'a': [1, 2] * 9, 'b': ['u', 'v'] * 9}), ['n', 'y'] * 9", "frame", ("a", "b")),
        ("np.ones((18, 2)), np.array([0, 1] * 9)", "dense", ("x0", "x1")),
        ("sp.csr_matrix(np.eye(18)), [0, 1] * 9", "sparse", tuple(f"x{index}" for index in range(18))),
    ],
)
def test_what_a_loading_function_may_return(tmp_path: Path, body: str, kind: str, names: tuple[str, ...]) -> None:
    source = f"import numpy as np, pandas as pd, scipy.sparse as sp\ndef load():\n    return {body}\n"
    (tmp_path / "mine.py").write_text(source)
    text = """
trial: {estimator: sklearn.dummy.DummyClassifier}
data: {function: "mine:load"}
metric: {name: accuracy, mode: max}
space: {strategy: [prior, uniform]}
"""
    table = prepare(spec_of(text, tmp_path)).table
    assert table is not None
    assert (table.is_frame, table.is_dense) == (kind == "frame", kind == "dense")
    assert table.feature_names == names
    assert table.y is not None
    assert table.y.tolist() == [0, 1] * 9


def test_a_program_is_small_and_pickles(churn: Path) -> None:
    """It goes to every worker; the table goes on its own."""
    text = """
trial: {estimator: xgboost.XGBClassifier, fixed: {enable_categorical: true}}
data: {csv: churn.csv, target: churn}
metric: {name: accuracy, mode: max}
space: {max_depth: [1, 2]}
"""
    program = prepare(spec_of(text, churn)).program
    data = pickle.dumps(program)
    assert pickle.loads(data) == program
    assert len(data) < 2000


def test_a_function_s_worker_needs_neither_pandas_nor_scikit_learn(tmp_path: Path) -> None:
    """Each import costs every worker of a big cluster seconds and memory."""
    (tmp_path / "light.py").write_text("def run(x):\n    return x\n")
    code = f"""
import sys
from pathlib import Path
from hpsearch.spec.loader import parse_spec
from hpsearch.trainables import build, prepare
text = "version: 1\\nname: a\\ntrial: {{function: 'light:run'}}\\nmetric: {{name: m, mode: max}}\\nspace: {{x: [1, 2]}}\\n"
prepared = prepare(parse_spec(text, file="a.yaml", folder=Path({str(tmp_path)!r})))
build(prepared.program, None)
heavy = {{"pandas", "sklearn", "xgboost", "mlflow", "ray", "matplotlib"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path.parent)


def test_two_names_of_one_parameter_may_stand_in_branches_that_exclude_each_other(tmp_path: Path) -> None:
    apart = "booster: {choice: {gbtree: {eta: [0.1]}, dart: {learning_rate: [0.2]}}}"
    assert not problems_of(classifier("xgboost.XGBClassifier", space=apart), tmp_path)
    together = "booster: {choice: {gbtree: {eta: [0.1]}, dart: {}}}, learning_rate: [0.2]"
    (said,) = problems_of(classifier("xgboost.XGBClassifier", space=together), tmp_path)
    assert "is the same parameter as" in said
