"""The physical plan in words and numbers: what is done once for several trials, what is not and why, and how long it will take.

As a database's EXPLAIN: values alone, which others draw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hpsearch.plan.cost import CostModel
from hpsearch.plan.study_plan import Missing, StudyPlan
from hpsearch.spec.model import EvaluateSpec
from hpsearch.trainables import Reason, Sharing, Table


@dataclass(frozen=True)
class Layer:
    """Work that is done once for all that is below it.

    Attributes:
        rule: "data", "splits", "words", "steps", "bins", "fits", from the outermost.
        about: what it is: the data, the step, what is fitted.
        why: for how many it is done at once.
        times: how often, for the trials to run; `naive`: if each trial were evaluated alone. None where that is not counted.
    """

    rule: str
    about: str
    why: str
    times: int | None = None
    naive: int | None = None


@dataclass(frozen=True)
class Expected:
    """How long the trials to run will take.

    Attributes:
        seconds: one after the other; `wall_s`: by `workers` at once, the longest part of it at least.
        measured: trials from which this is known.
    """

    seconds: float
    wall_s: float
    workers: int
    measured: int


@dataclass(frozen=True)
class Explanation:
    """`layers` from the outermost; `reasons` of each rule, used or not; `expected` None while nothing was measured."""

    layers: tuple[Layer, ...]
    reasons: tuple[Reason, ...]
    expected: Expected | None

    @property
    def unused(self) -> tuple[Reason, ...]:
        """Each once: what two rules refuse for the same cause is one thing to know."""
        return tuple({reason.sentence: reason for reason in self.reasons if not reason.used}.values())


def explain(
    plan: StudyPlan,
    sharing: Sharing,
    missing: Missing | None,
    *,
    table: Table | None = None,
    model: CostModel | None = None,
    workers: int = 1,
) -> Explanation:
    """What becomes of a plan.

    Args:
        missing: None where nobody went through the trials: then nothing is counted.
        model: by which `missing` was gone through.
        workers: that the machine has room for, at least 1.
    """
    layers = (
        *_data(table),
        *_splits(plan.spec.evaluate),
        *_words(plan, sharing, missing),
        *_steps(plan, sharing, missing),
        *_bins(plan, sharing, missing),
        _fits(plan, sharing, missing),
    )
    return Explanation(layers, (*sharing.reasons, *_by_chance(plan, sharing)), _expected(missing, model, workers))


def _data(table: Table | None) -> Iterator[Layer]:
    if table is not None:
        about = f"{table.name}, {table.n_rows:,} rows x {table.n_columns:,} columns"
        yield Layer("data", about, "read once, in memory once a machine")


def _splits(evaluate: EvaluateSpec | None) -> Iterator[Layer]:
    if evaluate is None:
        return
    if evaluate.holdout is not None:
        repeats = evaluate.holdout.repeats
        about = f"{repeats} holdout sets" if repeats > 1 else "a holdout set"
    else:
        assert evaluate.cv is not None, "a spec has one of both"
        folds, repeats = evaluate.cv.folds, evaluate.cv.repeats
        about = f"{folds} folds" + (f" x {repeats} repeats" if repeats > 1 else "")
    yield Layer("splits", about, "cut once on each worker, the same for every trial")


def _steps(plan: StudyPlan, sharing: Sharing, missing: Missing | None) -> Iterator[Layer]:
    is_shared = any(reason.rule == "steps" and reason.used for reason in sharing.reasons)
    for place, name in enumerate(plan.fitted_steps):
        times, naive = None, None
        if missing is not None:
            times, naive = plan.step_fits(missing, place), missing.trials * plan.splits
        why = "once a fold for all trials that share its settings" if is_shared else "once for each trial and fold"
        yield Layer("steps", name, why, times, naive)


def _words(plan: StudyPlan, sharing: Sharing, missing: Missing | None) -> Iterator[Layer]:
    if any(reason.rule == "words" and reason.used for reason in sharing.reasons):
        counts = (None, None) if missing is None else (missing.words, missing.worded * plan.splits)
        yield Layer("words", "words counted", "once on each worker for all folds and all trials that count alike", *counts)


def _bins(plan: StudyPlan, sharing: Sharing, missing: Missing | None) -> Iterator[Layer]:
    classes = dict.fromkeys(reason.about for reason in sharing.reasons if reason.rule == "bins" and reason.used)
    if classes:
        counts = (None, None) if missing is None else (missing.bins * plan.splits, missing.binned * plan.splits)
        yield Layer("bins", f"rows binned for {' or '.join(classes)}", "once a fold for all trials that bin alike", *counts)


def _fits(plan: StudyPlan, sharing: Sharing, missing: Missing | None) -> Layer:
    times, naive = (None, None) if missing is None else (missing.fits * plan.splits, missing.trials * plan.splits)
    trial = plan.spec.trial
    about = trial.path if trial.kind != "pipeline" else trial.steps[-1].path or trial.steps[-1].name
    if trial.scores_itself:
        return Layer("fits", f"{trial.kind} {about}", "once for each trial", times, naive)
    # What the space chooses has its name there.
    about = about.replace(":", ".").rpartition(".")[2] or "the estimator"
    axes = dict.fromkeys(reason.about for reason in sharing.reasons if reason.rule == "path" and reason.used)
    if not axes:
        return Layer("fits", about, "once for each trial and fold", times, naive)
    domains = plan.spec.space.domains(*axes) if len(axes) == 1 and plan.spec.search.method == "grid" else ()
    size = domains[0].grid_size() if len(domains) == 1 else 0
    several = "both" if size == 2 else f"all {size:,}" if size else "all"
    but = ", but for what is said below" if any(reason.rule == "path" and not reason.used for reason in sharing.reasons) else ""
    return Layer("fits", about, f"one fit answers for {several} values of {' or '.join(axes)}{but}", times, naive)


def _by_chance(plan: StudyPlan, sharing: Sharing) -> Iterator[Reason]:
    search = plan.spec.search
    if not sharing.has_kin or (search.method == "grid" and search.order == "sequential"):
        return
    about = "search.order = shuffled" if search.method == "grid" else f"search.method = {search.method}"
    yield Reason(
        "order", False, about, "trials share where they happen to come close together; a grid in its own order puts them so"
    )


def _expected(missing: Missing | None, model: CostModel | None, workers: int) -> Expected | None:
    if missing is None or model is None or missing.seconds is None or missing.longest_s is None or not missing.trials:
        return None
    at_once = max(1, min(workers, missing.fits))
    return Expected(missing.seconds, max(missing.seconds / at_once, missing.longest_s), at_once, model.measured)
