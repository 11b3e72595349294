"""Whether the scorers can score this target and this estimator at all: found on a dummy now, or in every trial later."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from hpsearch.trainables.choices import Setting
from hpsearch.trainables.estimators import Estimator, for_estimator
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.scorers import Scorer, Scorers
from hpsearch.trainables.table import Array, Table
from hpsearch.trainables.task import Task
from hpsearch.trainables.value_checks import sample_values

_SEVERAL = {"roc_auc": "roc_auc_ovr"} | {name: f"{name}_macro" for name in ("f1", "jaccard", "precision", "recall")}


def check_scorers(scorers: Scorers, table: Table, task: Task, names: Sequence[str], path: str = "evaluate.metrics") -> None:
    """Tries each of scikit-learn's scorers on a dummy that ignores the features.

    Raises:
        Finding: for every scorer that raises, as `roc_auc` does on more than two classes.
    """
    if task is Task.OPEN or table.y is None:
        return
    from sklearn.dummy import DummyClassifier, DummyRegressor

    dummy = DummyClassifier(strategy="prior")
    if task is not Task.CLASSIFICATION:
        # Beside the mean: that of three classes may be whole, and a whole number is what scorers take for a class.
        dummy = DummyRegressor(strategy="constant", constant=np.nextafter(np.mean(table.y, dtype=float), np.inf))
    X = np.zeros((table.n_rows, 1), dtype=np.int8)
    wrong: list[tuple[str, str]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a dummy predicts one class: many scores are ill-defined, which is not the matter here
        dummy.fit(X, table.y)
        for index, name in enumerate(names):
            if name in scorers.by_name and ":" not in name:  # a user's own may ask of an estimator what no dummy has
                wrong.extend(_try(scorers.by_name[name], dummy, X, table.y, f"{path}[{index}]", name, task))
    if wrong:
        raise Finding.of(wrong)


def _try(scorer: Scorer, dummy: Estimator, X: Array, y: Array, at: str, name: str, task: Task) -> list[tuple[str, str]]:
    try:
        scorer(dummy, X, y)
    except Exception as error:  # scikit-learn's own words say what does not fit
        reason = " ".join(str(error).split()).rstrip(".")
        several = task is Task.CLASSIFICATION and len(np.unique(y)) > 2
        instead = f"; for more than two classes use {_SEVERAL[name]}" if several and name in _SEVERAL else ""
        return [(at, f" = {name}: cannot score this {task} target: {reason}{instead}")]
    return []


def check_responses(
    scorers: Scorers, base: Estimator, settings: Sequence[Setting], names: Sequence[str], path: str = "evaluate.metrics"
) -> None:
    """Whether the estimator has the method that each scorer calls, with any configuration that may give it one.

    Raises:
        Finding: for every scorer whose method is missing whatever the trial: `neg_log_loss` needs predict_proba, say.
    """
    wrong: list[tuple[str, str]] = []
    for index, name in enumerate(names):
        methods = _response_methods(scorers.by_name.get(name))
        if methods and not any(hasattr(one, method) for one in _variants(base, settings) for method in methods):
            title = type(base.steps[-1][1] if hasattr(base, "steps") else base).__name__
            wrong.append((f"{path}[{index}]", f" = {name}: needs {' or '.join(methods)}, which {title} does not have"))
    if wrong:
        raise Finding.of(wrong)


def _response_methods(scorer: Scorer | None) -> tuple[str, ...]:
    methods = getattr(scorer, "_response_method", ())
    return (methods,) if isinstance(methods, str) else tuple(methods)


def _variants(base: Estimator, settings: Sequence[Setting]) -> Iterable[Estimator]:
    """The base with the fixed parameters, and with each value that one parameter may have: a `loss` may bring a method along."""
    from sklearn.base import clone

    known = base.get_params(deep=True)
    own = [each for each in settings if each.name in known]
    fixed = {each.name: for_estimator(each.domain.sample(0)) for each in own if each.is_fixed}
    start = clone(base).set_params(**fixed)
    yield start
    for each in own:
        if not each.is_fixed:
            for value in sample_values(each.domain):
                yield clone(start).set_params(**{each.name: for_estimator(value)})
