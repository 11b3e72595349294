"""What the signs of a figure mean: under a figure of the page as sentences, in a file of its own as a legend. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from hpsearch.report.figures.choose import Drawn
from hpsearch.report.figures.cost import Cost
from hpsearch.report.figures.failing import Failing
from hpsearch.report.figures.history import History
from hpsearch.report.figures.lines import Lines
from hpsearch.report.figures.matters import Matters
from hpsearch.report.figures.pair import Pair
from hpsearch.report.figures.parameter import ParameterFigure
from hpsearch.report.figures.path import Path
from hpsearch.results.notes import count, number


class Sign(Enum):
    """What stands in a drawing."""

    DOT = auto()
    DENSITY = auto()
    SET = auto()
    BEST = auto()
    LINE = auto()
    BAND = auto()
    STEPS = auto()
    FRONT = auto()
    BROKEN = auto()
    FAILED = auto()
    BELOW = auto()
    ABOVE = auto()
    BAR = auto()
    WORSE_BAR = auto()
    INTERVAL = auto()
    OVERALL = auto()
    SPECK = auto()
    BEST_LINE = auto()
    SET_LINE = auto()
    OTHER_LINE = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """A sign and its meaning. `name`: what a sentence of the page calls the sign; "" where the page needs none."""

    sign: Sign
    text: str
    name: str = ""


def keys(figure: Drawn) -> tuple[Key, ...]:
    """Of the signs that the figure has."""
    match figure:
        case ParameterFigure():
            return (*_points(figure), *_middle(figure), *_edges(figure))
        case History():
            return (*_points(figure), *_course(figure), *_edges(figure))
        case Cost():
            front = Key(Sign.FRONT, "those that none is both faster and better than", "Steps")
            return (*_points(figure), *([front] if figure.front else []), *_edges(figure))
        case Matters():
            known = any(bar.low is not None for bar in figure.bars)
            return (Key(Sign.BAR, "explained"), *([Key(Sign.INTERVAL, "95 % interval")] if known else []))
        case Pair():
            unseen = any(n == 0 for column in figure.tried for n in column)
            return (Key(Sign.SPECK, "nothing near was tried"),) if unseen else ()
        case Path():
            worse = any(step.gain < 0 for step in figure.steps)
            return (Key(Sign.BAR, "gains"), *([Key(Sign.WORSE_BAR, "loses")] if worse else []))
        case Failing():
            return (
                Key(Sign.WORSE_BAR, "share that failed"),
                Key(Sign.INTERVAL, "95 % intervals", "Thin lines"),
                Key(Sign.OVERALL, "of all configurations", "Broken line"),
            )
        case _:
            return tuple(_strokes(figure))


def note(figure: Drawn) -> str:
    """What must be said besides; "" where nothing must."""
    match figure:
        case Pair():
            return " ".join(["Stronger is better; the best is framed.", *_worse(figure)])
        case Path():
            whose = "as the trials foretell them" if figure.is_foretold else "as measured"
            return f"Scores {whose}; each bar goes from before the change to after it."
        case Matters():
            return figure.caution
        case Lines():
            few = f" {len(figure.lines):,} of {figure.n_ranked:,} are drawn." if len(figure.lines) < figure.n_ranked else ""
            return "The darker the better; a gap where a parameter does not exist." + few
        case _:
            return ""


def sentences(figure: Drawn) -> str:
    """The legend under a figure of the page."""
    named = [f"{key.name}: {key.text}." for key in keys(figure) if key.name]
    return " ".join([*named, *([note(figure)] if note(figure) else [])])


def _points(figure: ParameterFigure | History | Cost) -> Iterator[Key]:
    # Where the best's diamond lies: on its own point, at the last step, at the slow end of the front.
    is_shown = figure.best is not None if isinstance(figure, ParameterFigure) else True
    if is_shown and not (isinstance(figure, Cost) and not figure.front):
        yield Key(Sign.BEST, "best")
    # The best is of its set itself, under its diamond.
    if sum(point.in_best_set for point in figure.points) > is_shown:
        yield Key(Sign.SET, "may be the best too")
    if figure.cells:
        yield Key(Sign.DENSITY, "configurations: stronger or wider where there are more")
    elif not all(point.in_best_set for point in figure.points):
        yield Key(Sign.DOT, "other configurations")


def _middle(figure: ParameterFigure) -> Iterator[Key]:
    if figure.means:
        yield Key(Sign.LINE, "mean over all that the others may be")
        if any(mean.low == mean.low for mean in figure.means):
            yield Key(Sign.BAND, "its 95 % band")
    elif len(figure.typical) > 1:
        yield Key(Sign.LINE, "median")
    if figure.failed_x:
        yield Key(Sign.FAILED, "failed")


def _course(figure: History) -> Iterator[Key]:
    yield Key(Sign.STEPS, "the best so far", "Steps")
    if figure.expected:
        yield Key(Sign.BROKEN, "the best to be expected of so many, taken by lot", "Broken line")


def _edges(figure: ParameterFigure | History | Cost) -> Iterator[Key]:
    if figure.off_scale:
        yield Key(Sign.BELOW if figure.worse_is_low else Sign.ABOVE, "much worse, off the scale")


def _worse(figure: Pair) -> Iterator[str]:
    if n := figure.n_worse:
        worst, best = figure.view if figure.better_is_high else figure.view[::-1]
        shades = f"Shades go from {number(float(f'{best:.3g}'))} to {number(float(f'{worst:.3g}'))}"
        yield f"{shades}; {count(n, 'cell')} much worse {'is' if n == 1 else 'are'} grey."


def _strokes(figure: Lines) -> Iterator[Key]:
    yield Key(Sign.BEST_LINE, "best")
    if any(line.in_best_set for line in figure.lines[1:]):
        yield Key(Sign.SET_LINE, "may be the best too")
    if not all(line.in_best_set for line in figure.lines[1:]):
        yield Key(Sign.OTHER_LINE, "other configurations")
