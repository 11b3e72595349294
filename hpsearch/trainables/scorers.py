"""Scoring a fitted estimator: scikit-learn's scorers by name, a user's by dotted path, and the seconds spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from hpsearch.core.errors import SHOWN
from hpsearch.core.names import did_you_mean
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.importing import import_path
from hpsearch.trainables.metrics import as_float
from hpsearch.trainables.table import Array, Features

Scorer: TypeAlias = Callable[..., Any]

# Of one split: fitting, scoring, both.
TIMES = ("fit_s", "score_s", "seconds")
_LATER = frozenset({"predict_ms", "model_bytes", "peak_rss", "silhouette", "calinski_harabasz", "davies_bouldin"})


@dataclass(frozen=True)
class Scorers:
    """The scorers of a study, by the names that the spec gives them.

    Attributes:
        by_name: scikit-learn scorers, and callables (estimator, X, y) → number.
        times: those of TIMES that the spec asks for as metrics.
    """

    by_name: Mapping[str, Scorer]
    times: tuple[str, ...]

    @property
    def see_predictions_alone(self) -> bool:
        """Whether no scorer looks into the estimator: each is scikit-learn's own form, which asks it to predict."""
        return not self.that_may_look_inside

    @property
    def that_may_look_inside(self) -> tuple[str, ...]:
        """The names of scorers that are functions of the estimator itself."""
        from sklearn.metrics._scorer import _BaseScorer

        return tuple(name for name, scorer in self.by_name.items() if not isinstance(scorer, _BaseScorer))

    def score(self, estimator: Estimator, X: Features, y: Array | None) -> dict[str, float]:
        """Every scorer's score; predictions are made once where several scorers need the same.

        Raises:
            ObjectiveError: a scorer gives something that is no number. Whatever a scorer raises goes through.
        """
        if not self.by_name:
            return {}
        from sklearn.metrics import check_scoring

        shared = check_scoring(estimator, scoring=dict(self.by_name), raise_exc=True)
        given = shared(estimator, X) if y is None else shared(estimator, X, y)
        return {name: as_float(value, name, "a scorer gave") for name, value in given.items()}


def find_scorers(names: Sequence[str], path: str = "evaluate.metrics") -> Scorers:
    """The scorers of these names.

    Raises:
        Finding: for every name that is neither scikit-learn's nor importable, with the nearest, at `path`[i].
    """
    from sklearn.metrics import get_scorer, get_scorer_names

    known = get_scorer_names()
    found: dict[str, Scorer] = {}
    wrong: list[tuple[str, str]] = []
    for index, name in enumerate(names):
        at = f"{path}[{index}]"
        if name in TIMES:
            continue
        if name in _LATER:
            wrong.append((at, f" = {name}: is not supported yet"))
        elif name in known:
            found[name] = get_scorer(name)
        elif ":" in name:
            try:
                found[name] = _own_scorer(name, at)
            except Finding as finding:
                wrong.extend(finding.items)
        else:
            # To look for near names takes long, and of more nobody reads.
            near = did_you_mean(name, [*known, *TIMES]) if len(wrong) < SHOWN else ""
            wrong.append(
                (at, f" = {name}: scikit-learn has no scorer of that name{near or '; one of your own is written pkg.mod:scorer'}")
            )
    if wrong:
        raise Finding.of(wrong)
    return Scorers(found, tuple(name for name in names if name in TIMES))


def _own_scorer(name: str, at: str) -> Scorer:
    from sklearn.metrics import check_scoring

    scorer = import_path(name, at, example="mylib.scores:profit")
    if not callable(scorer):
        raise Finding(at, f" = {name}: a {type(scorer).__name__}, not a function of (estimator, X, y)")
    try:
        return check_scoring(scoring=scorer)  # type: ignore[no-any-return]
    except ValueError as error:  # a metric of (y_true, y_pred), which wants make_scorer
        raise Finding(at, f" = {name}: {error}") from error
