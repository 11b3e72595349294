"""Would more trials have helped? The scores in the order they came, the best so far, and what fewer trials would have found.

The expected best of m configurations drawn from those that there are, without replacement, is a sum over the sorted scores (after
J. Dodge et al., "Show Your Work: Improved Reporting of Experimental Results", EMNLP 2019, who draw with replacement).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from hpsearch.core.metric import Metric
from hpsearch.core.trial import Status
from hpsearch.report import axis
from hpsearch.report.figures.points import RAW_POINTS, Blank, Cell, Point, Rows, density, point_rows, points_of
from hpsearch.report.wording import decimals
from hpsearch.results import StudyResults
from hpsearch.results.notes import count
from hpsearch.results.statistics import Floats

QUESTION = "Would more trials have helped?"
FEWEST = 4
_SIZES = 40  # points of the curve
_BY_CHOICE = ("grid", "random", "list")  # designs that do not look at scores: any order of theirs was as likely


@dataclass(frozen=True, slots=True)
class History:
    """Scores by when they were complete.

    Attributes:
        points: x is how many configurations were complete by then; `cells` stand for them where they are too many.
        best_so_far: (x, y) where the best score changes, and the end.
        expected: (m, best score to be expected of m); empty where the search looked at scores to choose.
        view, worse_is_low, off_scale: as for a parameter.
    """

    metric: str
    question: str
    reading: str
    points: tuple[Point, ...]
    cells: tuple[Cell, ...]
    best_so_far: tuple[tuple[float, float], ...]
    expected: tuple[tuple[float, float], ...]
    view: tuple[float, float]
    worse_is_low: bool
    off_scale: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its files."""
        return "history"

    def rows(self) -> Rows:
        """The data, for other programs."""
        return point_rows("configurations", self.metric, self.points, self.cells)


def history(results: StudyResults) -> History | Blank:
    """The figure; a sentence where there is too little for one."""
    ranked, metric = results.rank(), results.metric
    n = len(ranked)
    if n < FEWEST:
        return Blank(QUESTION, f"{count(n, 'ranked configuration')}: too few to tell.")
    when = _completion(results.trials, ranked["config_id"])
    order = np.argsort(when, kind="stable")
    scores = ranked["score"].to_numpy()[order]
    if np.ptp(scores) == 0:
        return Blank(QUESTION, f"No: all {n:,} configurations have the same {metric.name}.")
    x = np.arange(1, n + 1, dtype=np.float64)
    in_set = ranked["in_best_set"].fillna(False).to_numpy(dtype=bool)[order] & results.tells_apart
    view = axis.view(scores.tolist(), metric)
    inside = (scores >= view[0]) & (scores <= view[1])
    dense = n > RAW_POINTS
    best = metric.loss(1.0) * np.minimum.accumulate(metric.loss(1.0) * scores)
    steps = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist()]
    expected = _expected(scores, metric) if results.design.method in _BY_CHOICE else ()
    return History(
        metric=metric.name,
        question=QUESTION,
        reading=_reading(results, scores, steps[-1] + 1, metric),
        points=() if dense else points_of(x[inside], scores[inside], in_set[inside]),
        cells=density(x, np.clip(scores, *view), view, log_x=False) if dense else (),
        best_so_far=(*((float(x[at]), float(best[at])) for at in steps), (float(n), float(best[-1]))),
        expected=expected,
        view=view,
        worse_is_low=metric.is_better(1.0, 0.0),
        off_scale=tuple(x[~inside].tolist()[:200]),
    )


def expected_best(losses: Floats, sizes: NDArray[np.int64]) -> Floats:
    """(n_sizes,): the smallest loss to be expected among m of `losses`, drawn without replacement."""
    losses = np.sort(losses)
    n = len(losses)
    after = np.arange(n - 1, -1, -1, dtype=np.float64)  # how many are worse
    found = []
    for size in sizes.tolist():
        # The i-th best is the best of m when the m - 1 others are all among the worse: C(after, m - 1) of C(n, m) draws.
        possible = after >= size - 1
        left = after[possible]
        ways = gammaln(left + 1) - gammaln(left - size + 2) - gammaln(size)
        draws = gammaln(n + 1) - gammaln(n - size + 1) - gammaln(size + 1)
        chances = np.exp(ways - draws)
        # Their sum is one but for rounding, which grows with n.
        found.append(float((chances * losses[possible]).sum() / chances.sum()))
    return np.array(found)


def _expected(scores: Floats, metric: Metric) -> tuple[tuple[float, float], ...]:
    n = len(scores)
    sizes = np.unique(np.round(np.geomspace(1, n, min(n, _SIZES))).astype(np.int64))
    best = expected_best(metric.loss(1.0) * scores, sizes)
    return tuple((float(size), metric.score(loss)) for size, loss in zip(sizes.tolist(), best.tolist(), strict=True))


def _completion(trials: pd.DataFrame, config_ids: pd.Series) -> NDArray[np.int64]:
    """When each configuration's last trial was complete, as a place in an order; by number where times are equal."""
    done = trials[trials["status"] == Status.COMPLETED.value].sort_values(["ended_at", "number"], kind="stable")
    place = pd.Series(np.arange(len(done)), index=done["config_id"].astype(str))
    last = place.groupby(level=0).max()
    return last.reindex(config_ids.astype(str)).fillna(len(done)).to_numpy(dtype=np.int64)


def _reading(results: StudyResults, scores: Floats, found_at: int, metric: Metric) -> str:
    n = len(scores)
    places = decimals(results.rank())
    said = [f"The best score came with number {found_at:,} of {n:,}."]
    if results.design.method in _BY_CHOICE:
        half, whole = (metric.score(float(loss)) for loss in expected_best(metric.loss(1.0) * scores, np.array([n // 2, n])))
        lost = abs(whole - half)
        said.append(f"Half as many, chosen by lot, would have found one that is {lost:.{places}f} worse on average.")
        best = results.best()
        if best is not None and best.se is not None:
            little = lost < best.se
            said.append(
                f"That is {'less' if little else 'more'} than the best one's standard error ({best.se:.{places}f}): "
                + ("more of the same would hardly help." if little else "more may help.")
            )
        if results.design.method == "grid":
            said.append("A grid has no more than it holds: for more, take wider or finer ranges.")
    else:
        early = float(metric.loss(1.0) * np.min(metric.loss(1.0) * scores[: max(1, n // 2)]))
        gained = abs(float(metric.loss(1.0) * np.min(metric.loss(1.0) * scores)) - early)
        said.append(
            f"The second half of them gained {gained:.{places}f}." if gained else "The second half of them gained nothing."
        )
    return " ".join(said)
