"""What led to the best? From a reference configuration to the best one, one parameter after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpsearch.core.metric import Metric
from hpsearch.report.figures.points import Rows
from hpsearch.report.wording import short
from hpsearch.results import StudyResults
from hpsearch.results.sensitivity import Importance, ablation

QUESTION = "Which changes made the best what it is?"
_MOST_STEPS = 8
_MOST_OF_IT = 0.95


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `before`, `after`: the scores. `gain`: above 0 where it is better."""

    change: str
    before: float
    after: float
    gain: float


@dataclass(frozen=True, slots=True)
class Path:
    """The path, the largest gain first; steps beyond the first eight are one. `is_foretold`: the scores, by a forest."""

    metric: str
    question: str
    reading: str
    start: float
    steps: tuple[Step, ...]
    is_foretold: bool

    @property
    def name(self) -> str:
        """Of its files."""
        return "ablation"

    def rows(self) -> Rows:
        """The data, for other programs."""
        named: Rows = [("change", f"{self.metric}_before", f"{self.metric}_after", "gain")]
        return named + [(step.change, step.before, step.after, step.gain) for step in self.steps]


def path(results: StudyResults, found: Importance) -> Path | None:
    """The figure; None where nothing tells what a change does, or the reference is the best itself."""
    if not found.is_readable:
        return None
    ranked = [results.params[config_id] for config_id in results.rank()["config_id"].tolist()]
    walked = ablation(found, results.metric, ranked, given=None, defaults=results.design.defaults())
    scores = walked.table["score"].tolist()
    rows = walked.table.iloc[1:]
    if len(rows) < 2:
        return None
    steps = []
    for place, (_, row) in enumerate(rows.iterrows()):
        others = f" (with {short(row['with'], 24)})" if row["with"] else ""
        change = f"{short(row['parameter'], 24)}: {_plain(row['from'])} → {_plain(row['to'])}{others}"
        steps.append(Step(change, scores[place], scores[place + 1], float(row["gain"])))
    if len(steps) > _MOST_STEPS:
        kept, rest = steps[: _MOST_STEPS - 1], steps[_MOST_STEPS - 1 :]
        last = Step(f"{len(rest)} more", rest[0].before, rest[-1].after, sum(step.gain for step in rest))
        steps = [*kept, last]
    return Path(
        metric=results.metric.name,
        question=QUESTION,
        reading=_reading(walked.notes[0], scores, steps, results.metric),
        start=scores[0],
        steps=tuple(steps),
        is_foretold=walked.is_foretold,
    )


def _plain(text: str) -> str:
    """A value to three digits, where it is a number."""
    try:
        return f"{float(text):.3g}"
    except ValueError:
        return short(text, 12)


def _reading(whence: str, scores: list[float], steps: Sequence[Step], metric: Metric) -> str:
    whole = metric.loss(scores[0]) - metric.loss(scores[-1])
    said = [whence]
    if whole > 0:
        said.append(f"The first step, {steps[0].change}, gains {steps[0].gain:.2g} of {whole:.2g} in all.")
        made = next(n for n in range(1, len(steps) + 1) if sum(step.gain for step in steps[:n]) >= _MOST_OF_IT * whole)
        if 1 < made < len(steps):
            said.append(f"The first {made} of {len(steps)} steps make 95 % of it.")
    else:
        said.append("On this path nothing is gained: what the best has is luck, or of several parameters together.")
    return " ".join(said)
