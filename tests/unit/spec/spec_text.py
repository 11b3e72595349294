"""Specs for tests: one line a block, any block replaced or added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import told

from hpsearch.core.errors import SpecError
from hpsearch.spec import StudySpec, parse_spec

ESTIMATOR = {
    "name": "churn",
    "trial": "{estimator: xgboost.XGBClassifier}",
    "data": "{csv: churn.csv, target: churn}",
    "metric": "{name: roc_auc, mode: max}",
    "space": "{max_depth: [3, 5]}",
}
CHOSEN = {
    "name": "churn",
    "data": "{csv: churn.csv, target: churn}",
    "metric": "{name: roc_auc, mode: max}",
    "space": "{estimator: [sklearn.svm.SVC, xgboost.XGBClassifier]}",
}
FUNCTION = {
    "trial": "{function: mylib.train:run}",
    "metric": "{name: loss, mode: min}",
    "space": "{lr: [0.1, 0.2]}",
}
COMMAND = {**FUNCTION, "trial": "{command: 'python train.py --lr {lr}'}"}
PIPELINE = {
    **ESTIMATOR,
    "trial": "{pipeline: {prep: {columns: {numeric: passthrough}}, clf: xgboost.XGBClassifier}}",
    "space": "{clf__max_depth: [3, 5]}",
}


def text_of(base: Mapping[str, str | None], changes: Mapping[str, str | None]) -> str:
    """`base` with blocks replaced, added at the end, or (None) left out: a line each."""
    return "".join(f"{key}: {value}\n" for key, value in {**base, **changes}.items() if value is not None)


def read(base: Mapping[str, str | None] = ESTIMATOR, /, overrides: Sequence[str] = (), **changes: str | None) -> StudySpec:
    return parse_spec(
        text_of(base, changes), file="s.yaml", folder=Path("/specs"), overrides=overrides, environ={"HOME": "/home/me"}
    )


def problems(base: Mapping[str, str | None] = ESTIMATOR, /, overrides: Sequence[str] = (), **changes: str | None) -> list[str]:
    """The problems' texts, without the file's name and the column: "LINE  path: message"."""
    try:
        read(base, overrides, **changes)
    except SpecError as error:
        return [told(problem).removeprefix("s.yaml:") for problem in error.problems]
    return []
