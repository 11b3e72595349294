"""What does quality cost? Each configuration's score by the seconds its trials took, and the front that nothing beats in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.core.durations import duration
from hpsearch.report import axis
from hpsearch.report.figures.points import RAW_POINTS, Blank, Cell, Point, Rows, density, point_rows, points_of
from hpsearch.report.wording import decimals
from hpsearch.results import StudyResults
from hpsearch.results.pareto import non_dominated

QUESTION = "What does quality cost in time?"
_ALIKE = 1.5  # longest to shortest, below which time is no question
_FASTER = 0.75  # of the best one's time, from which it is worth a word
_MANY_TIMES = 10.0  # from which the axis is logarithmic


@dataclass(frozen=True, slots=True)
class Cost:
    """Score by seconds.

    Attributes:
        points: every ranked configuration; `cells` stand for them where they are too many.
        front: (seconds, score) of those that none is both faster and better than, the fastest first.
        view, worse_is_low, off_scale: as for a parameter.
    """

    metric: str
    question: str
    reading: str
    log_x: bool
    points: tuple[Point, ...]
    cells: tuple[Cell, ...]
    front: tuple[tuple[float, float], ...]
    view: tuple[float, float]
    worse_is_low: bool
    off_scale: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its files."""
        return "cost"

    def rows(self) -> Rows:
        """The data, for other programs."""
        return point_rows("seconds", self.metric, self.points, self.cells)


def cost(results: StudyResults) -> Cost | Blank | None:
    """The figure; None where there are fewer than three configurations or their scores are all alike."""
    ranked, metric = results.rank(), results.metric
    seconds, scores = ranked["seconds"].to_numpy(np.float64), ranked["score"].to_numpy(np.float64)
    known = np.isfinite(seconds) & (seconds > 0)
    seconds, scores = seconds[known], scores[known]
    if len(seconds) < 3 or np.ptp(scores) == 0:
        return None
    ratio = float(seconds.max() / seconds.min())
    if ratio < _ALIKE:
        return Blank(QUESTION, f"Nothing to choose by: every configuration takes about {duration(float(np.median(seconds)))}.")
    in_set = ranked["in_best_set"].fillna(False).to_numpy(dtype=bool)[known] & results.tells_apart
    view = axis.view(scores.tolist(), metric)
    inside = (scores >= view[0]) & (scores <= view[1])
    front = np.flatnonzero(non_dominated(np.stack([seconds, metric.loss(1.0) * scores], axis=1)))
    front = front[np.argsort(seconds[front], kind="stable")]
    dense, log_x = len(seconds) > RAW_POINTS, ratio >= _MANY_TIMES
    return Cost(
        metric=metric.name,
        question=QUESTION,
        reading=_reading(results, bool(ranked["shared"].any())),
        log_x=log_x,
        points=() if dense else points_of(seconds[inside], scores[inside], in_set[inside]),
        cells=density(seconds, np.clip(scores, *view), view, log_x=log_x) if dense else (),
        front=tuple((float(seconds[at]), float(scores[at])) for at in front if inside[at]),
        view=view,
        worse_is_low=metric.is_better(1.0, 0.0),
        off_scale=tuple(seconds[~inside].tolist()[:200]),
    )


def _reading(results: StudyResults, shared: bool) -> str:
    ranked = results.rank()
    best, places = ranked.iloc[0], decimals(ranked)
    said = [f"The best takes {duration(float(best['seconds']))}."]
    alike = ranked[ranked["in_best_set"].fillna(False)]
    if len(alike) > 1:
        cheapest = alike.iloc[int(alike["seconds"].argmin())]
        if cheapest["seconds"] < _FASTER * best["seconds"]:
            said.append(
                f"{str(cheapest['config_id'])[:8]} of the best set takes {duration(float(cheapest['seconds']))} "
                f"and is {abs(best['score'] - cheapest['score']):.{places}f} worse."
            )
        else:
            said.append("None of the best set is much faster.")
    if shared:
        said.append("Of what was done once for several trials, each counts its part.")
    return " ".join(said)
