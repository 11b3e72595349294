"""A first spec for a table, as a person would write it: a grid that runs in minutes on a laptop."""

from __future__ import annotations

from hpsearch.cli.first_look import Look
from hpsearch.spec.model import DataSpec
from hpsearch.spec.writing import as_text

# estimator: (space, fixed)
_SPACES: dict[str, tuple[list[str], list[str]]] = {
    "xgboost": (
        ["max_depth: [3, 5, 7]", "learning_rate: {float: [0.03, 0.3], log: true, points: 3}", "n_estimators: [100, 300]"],
        ["tree_method: hist"],
    ),
    "forest": (["max_features: [sqrt, 0.5]", "min_samples_leaf: [1, 3, 10]", "n_estimators: [300]"], []),
    "linear": (["C: {float: [0.001, 100], log: true, points: 6}"], ["max_iter: 2000"]),
}
_LINEAR_REGRESSION = ["alpha: {float: [0.001, 100], log: true, points: 6}"]
_PATHS = {
    ("xgboost", True): "xgboost.XGBClassifier",
    ("xgboost", False): "xgboost.XGBRegressor",
    ("forest", True): "sklearn.ensemble.RandomForestClassifier",
    ("forest", False): "sklearn.ensemble.RandomForestRegressor",
    ("linear", True): "sklearn.linear_model.LogisticRegression",
    ("linear", False): "sklearn.linear_model.Ridge",
}
ESTIMATORS = tuple(_SPACES)
# One-hot columns of a text at most: beyond, the rare categories share one.
_MOST_CATEGORIES = 50
_FOLDS = 5


def spec_text(name: str, data: DataSpec, target: str, estimator: str, seen: Look) -> str:
    """The spec's YAML.

    Args:
        data: its kind and source alone; the target and what is left out come from the other arguments.
        estimator: one of ESTIMATORS.
    """
    classify = seen.classes is not None
    path = _PATHS[estimator, classify]
    space, fixed = _SPACES[estimator]
    if (estimator, classify) == ("linear", False):
        space, fixed = _LINEAR_REGRESSION, []
    metric = ("roc_auc" if seen.classes == 2 else "accuracy") if classify else "neg_root_mean_squared_error"
    prefix = ""
    trial = [f"  estimator: {path}"]
    if _needs_columns(estimator, seen):
        prefix = "model__"
        trial = ["  pipeline:", "    prep:", "      columns:", *_groups(estimator, seen), f"    model: {path}"]
        fixed = [*(f"model__{item}" for item in fixed), *_encoding(estimator, seen)]
    if fixed:
        trial.append("  fixed: {" + ", ".join(fixed) + "}")
    lines = [
        f"name: {as_text(name)}",
        "",
        "trial:",
        *trial,
        "",
        "data:",
        f"  {data.kind}: {_value(data.source)}",
        f"  target: {_value(target)}",
        *_left_out(seen),
        f"evaluate: {{cv: {{folds: {max(2, min(_FOLDS, seen.smallest))}}}}}",
        f"metric: {{name: {metric}, mode: max}}",
        "",
        "space:  # every combination is one trial; see `hpsearch plan`",
        *(f"  {prefix}{line}" for line in space),
    ]
    return "\n".join(lines) + "\n"


def reasons(seen: Look) -> list[str]:
    """A line for each column that is left out, and why."""
    return [f"left out: {_shown(name)} ({reason})" for name, reason in seen.left_out.items()]


def _needs_columns(estimator: str, seen: Look) -> bool:
    """Whether columns must be prepared: text for any estimator, all for linear ones, names that XGBoost refuses for it."""
    refused = estimator == "xgboost" and any(mark in name for name in seen.numbers for mark in "[]<")
    return bool(seen.texts) or estimator == "linear" or refused


def _groups(estimator: str, seen: Look) -> list[str]:
    scaled = "[sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]"
    numeric = [f"        numeric: {scaled if estimator == 'linear' else 'passthrough'}"] if seen.numbers else []
    return numeric + (["        categorical: sklearn.preprocessing.OneHotEncoder"] if seen.texts else [])


def _encoding(estimator: str, seen: Look) -> list[str]:
    if not seen.texts:
        return []
    many = seen.most_categories > _MOST_CATEGORIES
    settings = [f"handle_unknown: {'infrequent_if_exist' if many else 'ignore'}"]
    if many:
        settings.append(f"max_categories: {_MOST_CATEGORIES}")
    if estimator != "linear":
        # Forests refuse missing values in sparse matrices, and XGBoost takes what such a matrix leaves out for missing.
        settings.append("sparse_output: false")
    return [f"prep__categorical__{setting}" for setting in settings]


def _left_out(seen: Look) -> list[str]:
    if not seen.left_out:
        return []
    return [*(f"  # {line}" for line in reasons(seen)), f"  drop: [{', '.join(_value(name) for name in seen.left_out)}]"]


def _value(text: str) -> str:
    """A text as it must stand in a spec's value, where `${` would read the environment."""
    return as_text(text.replace("${", "$${"))


def _shown(name: str) -> str:
    return name if name.isprintable() else as_text(name)
