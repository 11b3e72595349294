"""What a figure's file has around the drawing: its question above, its legend below, and room for every label."""

from __future__ import annotations

import textwrap

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from hpsearch.report.drawing import canvas
from hpsearch.report.drawing.svg import Theme
from hpsearch.report.figures.choose import Drawn
from hpsearch.report.figures.legend import Key, Sign, keys, note

_PAD, _GAP = 12 / canvas.POINTS_AN_INCH, 10 / canvas.POINTS_AN_INCH
_TITLE, _TEXT = 13.0, 10.5
_LETTER = 0.62  # a letter's width, about, in font sizes


def frame(drawn: Figure, figure: Drawn, theme: Theme) -> Bbox:
    """Puts question, legend and note around `drawn`.

    Returns:
        the box, in inches, that holds all of it: labels that are longer than their margin reach beyond the drawing's own.
    """
    inner = drawn.get_tightbbox()
    _write(drawn, figure.question, inner, inner.y1 + _GAP, theme.ink, _TITLE, va="bottom", weight="bold")
    below = inner.y0 - _GAP
    if named := keys(figure):
        below = _legend(drawn, named, inner, below, theme) - _GAP
    if said := note(figure):
        _write(drawn, said, inner, below, theme.muted, _TEXT, va="top", weight="normal")
    return drawn.get_tightbbox().padded(_PAD)


def _write(drawn: Figure, text: str, inner: Bbox, y: float, colour: str, size: float, *, va: str, weight: str) -> None:
    letters = max(20, int(inner.width * canvas.POINTS_AN_INCH / size / _LETTER))
    lines = "\n".join(textwrap.wrap(text, letters, break_on_hyphens=False))
    drawn.text(*_place(drawn, inner.x0, y), lines, va=va, fontsize=size, fontweight=weight, color=colour)


def _legend(drawn: Figure, named: tuple[Key, ...], inner: Bbox, top: float, theme: Theme) -> float:
    """In as many columns as there is room for; returns where it ends below."""
    for columns in range(len(named), 0, -1):
        made: Legend = drawn.legend(
            [_handle(key.sign, theme) for key in named], [key.text for key in named], ncols=columns, loc="upper left",
            bbox_to_anchor=_place(drawn, inner.x0, top), borderaxespad=0, borderpad=0, frameon=False,
            fontsize=_TEXT, labelcolor=theme.muted, handlelength=1.4, handletextpad=0.6, columnspacing=1.6,
        )  # fmt: skip
        box = made.get_window_extent().transformed(drawn.dpi_scale_trans.inverted())
        if columns == 1 or box.width <= inner.width:
            return float(box.y0)
        made.remove()
    return top


def _place(drawn: Figure, x: float, y: float) -> tuple[float, float]:
    """Inches as shares of the drawing: the one measure that stays where it is when the file's box is cut."""
    width, height = drawn.get_size_inches()
    return x / float(width), y / float(height)


def _handle(sign: Sign, theme: Theme) -> Artist:
    """As `marks` and the kinds of figures draw it."""

    def dot(colour: str, marker: str = "o", size: float = 6.0, alpha: float = 1.0) -> Line2D:
        return Line2D([], [], color=colour, marker=marker, markersize=size, linestyle="", markeredgewidth=0, alpha=alpha)

    def stroke(colour: str, width: float, dashes: tuple[int, ...] = (), alpha: float = 1.0) -> Line2D:
        return Line2D([], [], color=colour, linewidth=width, linestyle=(0, dashes) if dashes else "-", alpha=alpha)

    made: dict[Sign, Artist] = {
        Sign.DOT: dot(theme.point, alpha=0.7),
        Sign.DENSITY: Patch(facecolor=theme.point, alpha=0.62, linewidth=0),
        Sign.SET: dot(theme.set, alpha=0.85),
        Sign.BEST: dot(theme.best, "D"),
        Sign.LINE: stroke(theme.ink, 1.4),
        Sign.BAND: Patch(facecolor=theme.ink, alpha=0.16, linewidth=0),
        Sign.STEPS: stroke(theme.best, 1.8),
        Sign.FRONT: Line2D([], [], color=theme.ink, linewidth=1.3, marker="o", markersize=4),
        Sign.BROKEN: stroke(theme.ink, 1.3, (4, 3)),
        Sign.FAILED: Line2D([], [], color=theme.failed, marker="|", markersize=8, linestyle="", markeredgewidth=1.2),
        Sign.BELOW: dot(theme.point, "v"),
        Sign.ABOVE: dot(theme.point, "^"),
        Sign.BAR: Patch(facecolor=theme.set, linewidth=0),
        Sign.WORSE_BAR: Patch(facecolor=theme.failed, alpha=0.8, linewidth=0),
        Sign.INTERVAL: stroke(theme.ink, 1.3),
        Sign.OVERALL: stroke(theme.rule, 1.2, (3, 3)),
        Sign.SPECK: dot(theme.muted, size=2.5),
        Sign.BEST_LINE: stroke(theme.best, 2.2),
        Sign.SET_LINE: stroke(theme.set, 1.2, alpha=0.7),
        Sign.OTHER_LINE: stroke(theme.point, 1.2, alpha=0.7),
    }
    return made[sign]
