"""Steps that trials have in common: fitted once, they give each trial the scores that it has alone, to the last bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # what it is for
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from step_cases import NUMBERS, STUDIES, assert_alike, evaluated, text_of, written
from threadpoolctl import threadpool_limits
from trainables_builders import spec_of

from hpsearch.trainables import prepare
from hpsearch.trainables.sharing.prefixes import Prefixes
from hpsearch.trainables.sharing.steady import is_known_to_be_steady


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Some take all that the machine has, and wait for one another on a busy one."""
    with threadpool_limits(1):
        yield


class CountedSteps:
    """How often each setting of the steps, up to some step, was fitted to each split."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times: Counter[str] = Counter()
        whole = Prefixes._fitted

        def counted(prefixes: Prefixes, before: Any, name: str, *rest: Any) -> Any:
            self.times[name] += 1
            return whole(prefixes, before, name, *rest)

        monkeypatch.setattr(Prefixes, "_fitted", counted)


@pytest.mark.parametrize("name", STUDIES)
def test_scores_are_those_of_each_trial_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_of(name, tmp_path)
    prepared = prepare(spec_of(text, tmp_path))
    alone = evaluated(prepared, text, tmp_path, together=False)
    counted = CountedSteps(monkeypatch)
    shared = evaluated(prepared, text, tmp_path, together=True)
    assert_alike(shared, alone)
    splits = len(next(iter(alone.values())).splits)
    assert counted.times, "some are shared"
    assert max(counted.times.values()) < len(alone) * splits
    assert len({evaluation.metrics[prepared.program.metric.name] for evaluation in alone.values()}) > 1


STATEFUL = (
    NUMBERS
    + """
trial: {pipeline: {own: own_steps.STEP, clf: sklearn.tree.DecisionTreeClassifier}}
space: {own__SETTING: [1.0, 2.0], clf__max_depth: [2, 4, 6]}
"""
)


@pytest.mark.parametrize(("step", "setting"), [("Shaking", "far"), ("Reusing", "factor")])
def test_a_step_that_does_not_give_the_same_again_is_fitted_for_each_trial(step: str, setting: str, tmp_path: Path) -> None:
    """Of scores by classes and by probabilities, each has the rows transformed anew; and what a step works in, it writes over."""
    written(tmp_path)
    text = STATEFUL.replace("STEP", step).replace("SETTING", setting)
    prepared = prepare(spec_of(text, tmp_path))
    shared, alone = (evaluated(prepared, text, tmp_path, together=together) for together in (True, False))
    assert_alike(shared, alone)


@pytest.mark.parametrize(
    ("step", "is_known"),
    [
        (StandardScaler(), True),
        (make_pipeline(SimpleImputer(), PCA(2)), True),
        (FunctionTransformer(np.log1p), True),
        (ColumnTransformer([("all", StandardScaler(), [0])]), True),
        (FunctionTransformer(written), False),
        (IterativeImputer(), True),
        (IterativeImputer(sample_posterior=True), False),
        (ColumnTransformer([("all", make_pipeline(IterativeImputer(sample_posterior=True)), [0])]), False),
    ],
    ids=str,
)
def test_steps_that_are_not_scikit_learns_own_are_looked_at(step: Any, is_known: bool) -> None:
    assert is_known_to_be_steady(step) is is_known
