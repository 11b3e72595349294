"""Which must be tuned together? The mean score over both parameters of the pair that adds most to what each does alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.core.metric import Metric
from hpsearch.report.figures.matters import percent
from hpsearch.report.figures.points import Rows
from hpsearch.report.wording import short
from hpsearch.results.notes import number
from hpsearch.results.sensitivity import Importance, interactions, together
from hpsearch.results.sensitivity.anova import Anova
from hpsearch.results.statistics import Floats

QUESTION = "Which must be tuned together?"
_SHADED = 0.9  # of the cells, at least: the worst of them may lie so far off that all others would look alike
_FAR = 1.5  # times what the others span, from which they do
_FEWEST = 8  # cells, of which any are called far


@dataclass(frozen=True, slots=True)
class Pair:
    """A heat map.

    Attributes:
        first, second: the parameters; along and up. x, y: their values, in order.
        means: [i of x][j of y], the mean score over all that the other parameters may be.
        tried: likewise, the number of configurations at or near it.
        view: the lowest and highest mean that the shades tell apart; what is worse has none of its own.
    """

    metric: str
    question: str
    reading: str
    first: str
    second: str
    x: tuple[str, ...]
    y: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]
    tried: tuple[tuple[int, ...], ...]
    better_is_high: bool
    view: tuple[float, float]

    @property
    def name(self) -> str:
        """Of its files."""
        return "together"

    @property
    def n_worse(self) -> int:
        """Cells that are worse than all shades."""
        worst = self.view[0] if self.better_is_high else self.view[1]
        return sum(mean < worst if self.better_is_high else mean > worst for column in self.means for mean in column)

    def rows(self) -> Rows:
        """The data, for other programs."""
        named: Rows = [(self.first, self.second, f"mean_{self.metric}", "configurations")]
        return named + [(x, y, self.means[i][j], self.tried[i][j]) for i, x in enumerate(self.x) for j, y in enumerate(self.y)]


def pair(found: Importance, metric: Metric) -> Pair | None:
    """The figure; None where no pair explains enough to be looked at, or what it explains may be chance."""
    terms = together(found, unknown=True)
    if not found.is_readable or terms.empty:
        return None
    term, share = str(terms["term"].iloc[0]), float(terms["share"].iloc[0])
    # Pairs with larger shares, which may be chance, come before it.
    before = list(found.table.loc[found.table["order"] == 2, "term"]).index(term)
    surfaces = interactions(found, surfaces=before + 1).surfaces
    surface = next((each for each in surfaces if f"{each.first} x {each.second}" == term), None)
    if surface is None:
        return None
    rows = surface.table
    x, y = list(dict.fromkeys(rows["first"])), list(dict.fromkeys(rows["second"]))
    means = rows["mean"].to_numpy().reshape(len(x), len(y))
    tried = rows["n"].to_numpy().reshape(len(x), len(y))
    at = np.unravel_index(np.argmin(metric.loss(1.0) * means), means.shape)
    texts_x, texts_y = _texts(x), _texts(y)
    of_others = "On average over the others the best" if len(found.features.names) > 2 else "The best"
    reading = (
        f"{surface.first} and {surface.second} explain {percent(share)} of the differences in {metric.name} together, beyond "
        f"what each does alone. {of_others}{'' if isinstance(found.fit, Anova) else ' foretold'} is "
        f"{number(float(means[at]))}, at {surface.first} = "
        f"{texts_x[at[0]]} and {surface.second} = {texts_y[at[1]]}."
    )
    if together(found).empty:
        reading += " Each was scored once: how much of that is chance is not known."
    if (tried == 0).any():
        reading += " Where there is a dot nothing near was tried."
    return Pair(
        metric=metric.name,
        question=QUESTION,
        reading=reading,
        first=surface.first,
        second=surface.second,
        x=texts_x,
        y=texts_y,
        means=tuple(tuple(row) for row in means.tolist()),
        tried=tuple(tuple(row) for row in tried.tolist()),
        better_is_high=metric.is_better(1.0, 0.0),
        view=shaded(means, metric),
    )


def shaded(means: Floats, metric: Metric) -> tuple[float, float]:
    """The lowest and the highest mean to tell apart: all, unless the worst tenth lies so far off that others would not be."""
    loss = np.sort(metric.loss(1.0) * means.ravel())
    last = float(loss[-1])
    tenth = float(np.quantile(loss, _SHADED, method="lower"))
    if len(loss) >= _FEWEST and tenth > loss[0] and last - loss[0] > _FAR * (tenth - loss[0]):
        last = tenth
    low, high = sorted((metric.score(float(loss[0])), metric.score(last)))
    return low, high


def _texts(values: list[object]) -> tuple[str, ...]:
    return tuple(f"{value:.3g}" if isinstance(value, float) else short(str(value), 20) for value in values)
