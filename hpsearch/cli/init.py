"""`hpsearch init`: a first spec from a few questions, or from flags where nobody can be asked."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from hpsearch.core.errors import SpecError
from hpsearch.core.names import did_you_mean
from hpsearch.spec import parse_spec

# estimator: (space, fixed): a first grid that runs in minutes on a laptop.
_SPACES: dict[str, tuple[list[str], list[str]]] = {
    "xgboost": (
        ["max_depth: [3, 5, 7]", "learning_rate: {float: [0.03, 0.3], log: true, points: 3}", "n_estimators: [100, 300]"],
        ["tree_method: hist"],
    ),
    "forest": (["max_features: [sqrt, 0.5]", "min_samples_leaf: [1, 3, 10]", "n_estimators: [300]"], []),
    "linear": (["C: {float: [0.001, 100], log: true, points: 6}"], ["max_iter: 2000"]),
}
_PATHS = {
    ("xgboost", True): "xgboost.XGBClassifier",
    ("xgboost", False): "xgboost.XGBRegressor",
    ("forest", True): "sklearn.ensemble.RandomForestClassifier",
    ("forest", False): "sklearn.ensemble.RandomForestRegressor",
    ("linear", True): "sklearn.linear_model.LogisticRegression",
    ("linear", False): "sklearn.linear_model.Ridge",
}
_LINEAR_REGRESSION = ["alpha: {float: [0.001, 100], log: true, points: 6}"]


@dataclass(frozen=True)
class Columns:
    """What a first look at a table shows. `labels`: whether the target looks like classes, and how many."""

    names: tuple[str, ...]
    has_text: bool
    classes: int | None


@click.command()
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV or Parquet file.")
@click.option("--target", help="The column to predict.")
@click.option("--estimator", type=click.Choice(["xgboost", "forest", "linear"]), help="[xgboost]")
@click.option("--name", help="The study's name [the data file's].")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("spec.yaml"), show_default=True)
@click.option("--force", is_flag=True, help="Replace the output file.")
def init(data: Path | None, target: str | None, estimator: str | None, name: str | None, output: Path, force: bool) -> None:
    """Write a first spec for a table: asks what the flags do not say, if there is someone to ask.

    \b
    Examples:
      hpsearch init
      hpsearch init --data churn.csv --target churn --estimator xgboost -o churn.yaml
    """
    if output.exists() and not force:
        raise SpecError(f"{output} exists already; name another file with -o, or replace it with --force")
    table = data or Path(_ask("--data", "Data file (CSV or Parquet)"))
    names = _header(table)
    predict = target or _ask("--target", f"Target column ({', '.join(names)})", names[-1])
    if predict not in names:
        raise SpecError(
            f"--target {predict}: {table} has no such column{did_you_mean(predict, names)}; it has {', '.join(names)}"
        )
    kind = estimator or (_ask("--estimator", f"Estimator ({', '.join(_SPACES)})", "xgboost") if sys.stdin.isatty() else "xgboost")
    if kind not in _SPACES:
        raise SpecError(f"--estimator {kind}: there are {', '.join(_SPACES)}{did_you_mean(kind, _SPACES)}")
    columns = _look(table, predict)
    text = spec_text(
        name or re.sub(r"[^A-Za-z0-9._-]+", "-", table.stem)[:64] or "study",
        os.path.relpath(table.absolute(), output.absolute().parent),
        predict,
        kind,
        columns,
    )
    parse_spec(text, file=str(output), folder=output.absolute().parent)
    output.write_text(text, encoding="utf-8")
    click.echo(f"wrote {output}. Next: hpsearch plan {output}; hpsearch run {output}", err=True)


def spec_text(name: str, data: str, target: str, estimator: str, columns: Columns) -> str:
    """The spec, as a person would write it."""
    classify = columns.classes is not None
    path = _PATHS[estimator, classify]
    space, fixed = _SPACES[estimator]
    if (estimator, classify) == ("linear", False):
        space, fixed = _LINEAR_REGRESSION, []
    metric = ("roc_auc" if columns.classes == 2 else "accuracy") if classify else "neg_root_mean_squared_error"
    prefix = ""
    trial = [f"  estimator: {path}"]
    if columns.has_text or estimator == "linear":
        numeric = (
            "[sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]" if estimator == "linear" else "passthrough"
        )
        trial = ["  pipeline:", "    prep:", "      columns:", f"        numeric: {numeric}"]
        if columns.has_text:
            trial.append("        categorical: sklearn.preprocessing.OneHotEncoder")
            fixed = [*(f"model__{item}" for item in fixed), "prep__categorical__handle_unknown: ignore"]
        else:
            fixed = [f"model__{item}" for item in fixed]
        trial.append(f"    model: {path}")
        prefix = "model__"
    if fixed:
        trial.append("  fixed: {" + ", ".join(fixed) + "}")
    kind = "parquet" if data.endswith((".parquet", ".pq")) else "csv"
    lines = [
        f"name: {name}",
        "",
        "trial:",
        *trial,
        "",
        f"data: {{{kind}: {_quoted(data)}, target: {_quoted(target)}}}",
        "evaluate: {cv: {folds: 5}}",
        f"metric: {{name: {metric}, mode: max}}",
        "",
        "space:  # every combination is one trial; see `hpsearch plan`",
        *(f"  {prefix}{line}" for line in space),
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_./][A-Za-z0-9_./-]*", text) else "'" + text.replace("'", "''") + "'"


def _header(data: Path) -> list[str]:
    import pandas as pd
    import pyarrow.parquet as pq

    if not data.is_file():
        raise SpecError(f"--data {data}: there is no such file")
    try:
        if data.suffix in (".parquet", ".pq"):
            return [str(name) for name in pq.read_schema(data).names]
        return [str(name) for name in pd.read_csv(data, nrows=0).columns]
    except Exception as error:
        raise SpecError(f"--data {data}: cannot be read as a table: {error}") from error


def _look(data: Path, target: str) -> Columns:
    import pandas as pd

    table = pd.read_parquet(data) if data.suffix in (".parquet", ".pq") else pd.read_csv(data, nrows=20_000)
    labels = table[target]
    numeric = pd.api.types.is_float_dtype(labels) or (pd.api.types.is_integer_dtype(labels) and labels.nunique() > 20)
    features = table.drop(columns=[target])
    has_text = bool(len(features.select_dtypes(exclude=["number", "bool"]).columns))
    return Columns(tuple(table.columns), has_text, None if numeric else int(labels.nunique()))


def _ask(flag: str, question: str, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        raise SpecError(f"{flag} is missing, and there is nobody to ask (no terminal)")
    answer: str = click.prompt(question, default=default, err=True)
    return answer
