"""Contexts, version 1, as `prepare` makes them of real studies: held still, for every key is hashed from one.

The studies are written here and what they become in identity_v1.json, which is never renewed. Where one of these fails, an
upgrade would compute every result of every user again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hpsearch.core.values import canonical
from hpsearch.spec.loader import parse_spec
from hpsearch.trainables import Prepared, prepare

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("identity_v1.json").read_text(encoding="utf-8"))

FILES = {
    "towns.csv": "city,size,rate,label\n" + "Rome,3,1.5,yes\nOslo,,2.5,no\n" * 6,
    "golden_package/__init__.py": "",
    "golden_package/train.py": 'from golden_package.model import answer\n\ndef run(x, trial):\n    return {"m": answer(x)}\n',
    "golden_package/model.py": "def answer(x):\n    return 42.0 * x\n",
    "golden_scores.py": "def profit(estimator, X, y):\n    return 1.0\n",
    "golden_data.py": (
        "import pandas\n\ndef load():\n"
        '    X = pandas.DataFrame({"city": ["Rome", "Oslo", None] * 4, "size": [1.0, 2.0, 3.0] * 4, "open": [True] * 12})\n'
        '    return X, pandas.Series(["yes", "no"] * 6, dtype=object)\n'
    ),
    # No trial reaches these.
    "__init__.py": "UNRELATED = 1\n",
    "golden_package/unused.py": "UNRELATED = 1\n",
}

FUNCTION = """
trial: {function: "golden_package.train:run"}
metric: {name: m, mode: max}
space: {x: [1, 2]}
"""

STUDIES = {
    "an estimator on a bundled set": """
trial: {estimator: sklearn.svm.SVC, fixed: {kernel: rbf}}
data: {sklearn: iris}
evaluate: {cv: {folds: 5}, metrics: [accuracy, f1_macro, seconds]}
metric: {name: accuracy, mode: max}
space: {C: [1.0, 10.0]}
""",
    "an estimator on a CSV file, every option given": """
trial: {estimator: sklearn.ensemble.HistGradientBoostingRegressor}
data: {csv: towns.csv, target: rate, columns: [size, city], dtypes: {city: category}, na_values: [unknown], float32: true}
evaluate: {holdout: {fraction: 0.25, repeats: 2, seed: 7}}
metric: {name: r2, mode: max}
space: {max_iter: [10, 20]}
""",
    "a pipeline on a CSV file": """
trial:
  pipeline:
    prep:
      columns:
        numeric: [sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler]
        categorical: sklearn.preprocessing.OneHotEncoder
    keep: passthrough
    clf: sklearn.linear_model.LogisticRegression
data: {csv: towns.csv, target: label, positive: "no"}
evaluate: {cv: {folds: 3, repeats: 2, seed: 1}}
metric: {name: accuracy, mode: max}
space: {clf__C: [1.0, 2.0]}
""",
    "a pipeline scored by a scorer of one's own": """
trial: {pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.svm.SVC}}
data: {sklearn: iris}
evaluate: {cv: {folds: 5, shuffle: false}, metrics: ["golden_scores:profit", accuracy]}
metric: {name: accuracy, mode: max}
space: {clf__C: [1.0, 2.0]}
""",
    "an estimator on a function's data": """
trial: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
data: {function: "golden_data:load"}
evaluate: {cv: {folds: 2}}
metric: {name: accuracy, mode: max}
space: {max_iter: [10, 20]}
""",
    "a function with its code": FUNCTION,
    "a function with data alone": FUNCTION + "data: {sklearn: iris}\n",
    "a function with data and splits": FUNCTION + "data: {sklearn: iris}\nevaluate: {cv: {folds: 3}}\n",
    "a command with its code": """
trial: {command: "python -m golden_package.train --data=towns.csv --x {x} {args}"}
metric: {name: m, mode: max}
space: {x: [1, 2]}
""",
    "a command of another's": """
trial: {command: [sh, -c, "true", "{x}"]}
metric: {name: m, mode: max}
space: {x: [1, 2]}
""",
}


def prepared(text: str, folder: Path) -> Prepared:
    for path, content in FILES.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    return prepare(parse_spec(f"version: 1\nname: golden\n{text}", file="golden.yaml", folder=folder))


def test_every_study_has_its_context() -> None:
    assert [case["why"] for case in GOLDEN["contexts"]] == list(STUDIES)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in GOLDEN["contexts"]])
def test_the_context_of_a_study(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    context = prepared(STUDIES[case["why"]], tmp_path).context
    # Part by part first: a difference is then shown where it is.
    for part in ("what", "data", "splits", "fidelity", "environment"):
        assert canonical(getattr(context, part)) == canonical(case["context"].get(part)), part
    assert context.digest == case["digest"]
