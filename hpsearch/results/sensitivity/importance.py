"""Which parameters matter: the importance table, by the method that the trials allow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.metric import Metric
from hpsearch.results.columns import IMPORTANCE
from hpsearch.results.design import OBSERVED, Design
from hpsearch.results.failures import failed_configs
from hpsearch.results.notes import count, percent
from hpsearch.results.sensitivity.anova import Anova, analyse_grid
from hpsearch.results.sensitivity.features import Features, features_of
from hpsearch.results.sensitivity.forest import MOST_LEARNT, TREES, ForestFit, fit_forest
from hpsearch.results.sensitivity.target import Target, target_of
from hpsearch.results.sheet import Sheet, Shown
from hpsearch.results.statistics import Floats, all_alike

GRID, FOREST = "ANOVA", "fANOVA"
UNEXPLAINED = "(unexplained)"
PAIRED, HIGHER = "(of two and more)", "(of three and more)"

ANYHOW = (
    "How these runs were chosen is not known: of a search that learns (TPE, for one) most lie where scores are good, and shares "
    "and curves, which are of the whole space, may be far off elsewhere."
)
# A forest that foretells less than this tells nothing about parameters.
READABLE_R2 = 0.3
_NONE, _ALL = 0.005, 0.995  # shares that are read as 0 and 100 %
OF_SOME = (
    "The share of a parameter that only some configurations have is of the differences among those: "
    "the shares together may come to more than 100 %."
)
LEAST_LISTED = 0.005  # of a pair's share: what is below is counted, not listed
TARGET_NAMES = {"score": "the score", "failed": "failing", "seconds": "the time that a configuration takes"}
NEXT_TO_NOTHING = 0.02  # a share below which there is no use in searching further
FEWEST = 8  # configurations that a forest is grown on
_MOST_PAIRED = 12  # of the parameters with the largest totals, pairs are looked at
_FEW_LEVELS = 5
_TOGETHER = 0.6  # a rank correlation from which two parameters' effects cannot be told apart


@dataclass(frozen=True, repr=False)
class Importance(Shown):
    """What a target depends on.

    Attributes:
        table: one row a term, the largest share first; its columns are in `results.columns.IMPORTANCE`. The rows in brackets
            are what no parameter explains: chance, or what the forest cannot foretell, and interactions of more parameters than
            `order`.
        notes: what must be known to read it, in sentences.
        features, y: of the configurations that have the target, and their values of it.
        fit: what the shares of the parameters that every configuration has were taken from; None where there is nothing.
    """

    target: str
    table: pd.DataFrame
    notes: tuple[str, ...]
    features: Features = field(repr=False)
    y: Floats = field(repr=False)
    fit: Anova | ForestFit | None = field(repr=False)

    @property
    def is_readable(self) -> bool:
        """Whether the shares mean something."""
        return self.fit is not None and (isinstance(self.fit, Anova) or self.fit.r2 >= READABLE_R2)

    @property
    def listed(self) -> pd.DataFrame:
        """The rows of the table that people are shown: the parameters, what none explains, and pairs of some weight."""
        return self.table[(self.table["order"] < 2) | (self.table["share"] >= LEAST_LISTED)]

    def sheet(self) -> Sheet:
        if self.table.empty:
            return Sheet(said=self.notes)
        rows = []
        for _, row in self.listed.iterrows():
            interval = "" if np.isnan(row["ci_low"]) else f"{percent(row['ci_low'])} to {percent(row['ci_high'])}"
            rows.append(
                (str(row["term"]), percent(row["share"]), interval, "" if np.isnan(row["total"]) else percent(row["total"]))
            )
        n = count(int(self.table["n"].max()), "configuration")
        warnings = [f"{term}: {said}" for term, said in zip(self.listed["term"], self.listed["warnings"], strict=True) if said]
        title = f"What {TARGET_NAMES[self.target]} depends on: {self.table['method'].iloc[0]} of {n}"
        return Sheet(title, ("", "share", "95 %", "with others"), rows, (*warnings, *self.notes))

    def explains(self, name: str) -> bool:
        """Whether a parameter by itself is known to make more than next to no difference.

        Its interval leaves zero out. Where nothing is known of chance (a grid scored once), interactions stand in for it.
        """
        rows = self.table[(self.table["order"] == 1) & (self.table["term"] == name)]
        if rows.empty or not rows["share"].iloc[0] >= NEXT_TO_NOTHING or rows["r2_oob"].iloc[0] < READABLE_R2:
            return False
        if isinstance(self.fit, Anova) and not self.fit.knows_chance:
            return self.fit.stands_out(self.features.names.index(name))
        return bool(rows["ci_low"].iloc[0] > 0)


def says_something(r2: float, low: float, high: float) -> bool:
    """Whether a row of the table means something: its forest foretells enough, and its interval leaves some share out.

    Args:
        r2: NaN where there is no forest. low, high: NaN where nothing is known of luck.
    """
    return not r2 < READABLE_R2 and not (low < _NONE and high > _ALL)


def _doubts(r2: float, low: float, high: float) -> tuple[str, ...]:
    """The row's warning where it says nothing."""
    if says_something(r2, low, high):
        return ()
    why = f"the forest foretells {max(0.0, r2):.0%}" if r2 < READABLE_R2 else "the interval holds every share"
    return (f"not interpretable: {why}",)


@dataclass(frozen=True)
class _Row:
    """A line of the table before it is one."""

    names: tuple[str, ...]
    share: float
    total: float
    low: float
    high: float
    warnings: tuple[str, ...] = ()
    n: int | None = None
    r2: float | None = None


def importance(
    configs: pd.DataFrame,
    evaluations: pd.DataFrame,
    metric: Metric,
    varying: Sequence[str],
    *,
    target: str = "score",
    order: int = 2,
    design: Design,
) -> Importance:
    """The shares of the target's variance that single parameters (`order` 1) and pairs of them (2) explain.

    A complete grid is taken apart exactly (`anova`); anything else by a forest (`forest`). A parameter that only some
    configurations have is looked at among those alone, and its row says so.

    Args:
        configs, evaluations: as `StudyResults` has them.
        design: how the configurations were chosen; a complete grid is recognised by itself.

    Raises:
        SpecError: an unknown target.
    """
    aim = target_of(target, configs, evaluations, metric)
    features = features_of(configs[aim.rows], varying, design)
    reason = _nothing_to_say(aim, features)
    if reason:
        return Importance(target, _table([], "", design.method, 0), (reason, *aim.notes), features, aim.y, None)
    grid = analyse_grid(features, aim.columns)
    lost = _lost(configs, aim, varying, design, is_grid=grid is not None)
    if grid is not None:
        rows, notes = _of_grid(grid, features, order), _grid_notes(grid, target)
        table = _table(rows, GRID, "grid", len(aim.y))
        return Importance(target, table, (*notes, *lost, *aim.notes), features, aim.y, grid)
    rows, fit, notes = _of_forests(features, aim.y, order)
    notes = (*notes, *lost, *_design_notes(features), *((ANYHOW,) if design.method == OBSERVED else ()))
    return Importance(target, _table(rows, FOREST, design.method, len(aim.y)), (*notes, *aim.notes), features, aim.y, fit)


def _lost(configs: pd.DataFrame, aim: Target, varying: Sequence[str], design: Design, *, is_grid: bool) -> tuple[str, ...]:
    """What failures have made of a complete grid: another method, or a smaller grid."""
    failed, _ = failed_configs(configs)
    n, whole = int((failed & ~aim.rows).sum()), aim.rows | failed
    if not n or analyse_grid(features_of(configs[whole], varying, design), np.zeros((int(whole.sum()), 1))) is None:
        return ()
    lead = f"{n:,} of {count(int(whole.sum()), 'configuration')} failed"
    if is_grid:
        return (f"{lead}; the {len(aim.y):,} others are a complete grid by themselves, and the shares are of these.",)
    return (f"{lead}, so the grid is not complete: the shares are a forest's, not an analysis of variance.",)


def _nothing_to_say(aim: Target, features: Features) -> str:
    n = len(aim.y)
    if not n:
        return "No configuration has a score: there is nothing to explain." if aim.name == "score" else "No trial has ended."
    if aim.name == "failed" and not aim.y.any():
        return "No configuration failed: there is nothing to explain."
    if n == 1:
        return f"There is one configuration alone{' with a score' if aim.name == 'score' else ''}: nothing to compare it with."
    if all_alike(aim.y):
        alike = "that all failed" if aim.name == "failed" else f"with the same {aim.name}"
        return f"{count(n, 'configuration')} {alike}: there is nothing to explain."
    if not features.features:
        return "No parameter varies among these configurations."
    if n < FEWEST and analyse_grid(features, aim.columns) is None:
        return f"{count(n, 'configuration')}: too few to tell what matters; from {FEWEST} on it is tried."
    return ""


def _of_grid(grid: Anova, features: Features, order: int) -> list[_Row]:
    names, totals = features.names, grid.totals()
    effects = [*grid.main_effects(), *(grid.pairs() if order > 1 else ())]
    rows = []
    for effect in effects:
        total = float(totals[effect.features[0]]) if len(effect.features) == 1 else np.nan
        warnings = _grid_warnings(features, effect.features) if len(effect.features) == 1 else ()
        warnings = (*warnings, *_doubts(np.nan, effect.low, effect.high))
        terms = tuple(names[feature] for feature in effect.features)
        rows.append(_Row(terms, effect.share, total, effect.low, effect.high, warnings))
    noise = grid.noise_share if grid.knows_chance else 0.0
    rest = 1 - noise - sum(row.share for row in rows)
    if len(names) > order:
        rows.append(_Row((HIGHER if order > 1 else PAIRED,), rest, np.nan, np.nan, np.nan))
        rest = 0.0
    if grid.knows_chance:
        rows.append(_Row((UNEXPLAINED,), noise + rest, np.nan, np.nan, np.nan))
    return rows


def _grid_warnings(features: Features, term: Sequence[int]) -> tuple[str, ...]:
    feature = features.features[term[0]]
    few = feature.is_number and 2 <= len(feature.levels) < _FEW_LEVELS and not isinstance(feature.levels[0], str)
    return (f"{len(feature.levels)} values: what lies between them is unseen",) if few else ()


def _grid_notes(grid: Anova, target: str) -> tuple[str, ...]:
    if not grid.knows_chance:
        once = "Each configuration was scored once" if target == "score" else "Of each configuration one value is known"
        return (f"{once}: what is chance counts as effects here, mostly of many parameters.",)
    if grid.noise_share > 1 - READABLE_R2:
        return (f"Chance makes {grid.noise_share:.0%} of the differences between configurations: read the shares with care.",)
    return ()


def _of_forests(features: Features, y: Floats, order: int) -> tuple[list[_Row], ForestFit | None, tuple[str, ...]]:
    """Rows of the parameters that all configurations have, then of each set of configurations that have others besides."""
    active = ~np.isnan(features.places)
    rows: list[_Row] = []
    notes: list[str] = []
    first: ForestFit | None = None
    done: set[int] = set()
    for mask in _branches(active):
        columns = features.varying_in(mask)
        new = [column for column in columns if column not in done]
        done.update(columns)
        if not new:
            continue
        among, values = features.within(mask, columns), y[mask]
        partial = not mask.all()
        warning = (f"among the {int(mask.sum()):,} of {len(y):,} configurations that have it",) if partial else ()
        if len(values) < FEWEST or all_alike(values):
            names = [(features.names[column],) for column in new]
            why = "too few to tell" if len(values) < FEWEST else "all with the same value"
            rows += [_Row(name, np.nan, np.nan, np.nan, np.nan, (*warning, why), len(values)) for name in names]
            continue
        fit = fit_forest(among, values)
        fresh = [index for index, name in enumerate(among.names) if name in {features.names[column] for column in new}]
        rows += _of_forest(fit, among, fresh, order, warning, len(values))
        if not partial:
            first = fit
            rows.append(_Row((UNEXPLAINED,), 1 - fit.explained, np.nan, np.nan, np.nan, r2=fit.r2))
            notes += forest_notes(fit, among, len(values))
    if any(row.n is not None and row.n < len(y) and not np.isnan(row.share) for row in rows):
        notes.append(OF_SOME)
    return rows, first, tuple(notes)


def _branches(active: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """All configurations, then those that have a parameter that not all have: each set once, the largest first."""
    masks = {active[:, column].tobytes(): active[:, column] for column in range(active.shape[1])}
    partial = sorted((mask for mask in masks.values() if not mask.all()), key=lambda mask: -int(mask.sum()))
    return [np.ones(len(active), dtype=bool), *partial]


def _of_forest(
    fit: ForestFit, features: Features, fresh: Sequence[int], order: int, warning: tuple[str, ...], n: int
) -> list[_Row]:
    names, totals = features.names, fit.totals()
    shares = [share for share in fit.main_effects() if share.term[0] in fresh]
    if order > 1:
        leading = sorted(range(len(names)), key=lambda feature: -totals[feature])[:_MOST_PAIRED]
        shares += [share for share in fit.pairs(leading) if any(feature in fresh for feature in share.term)]
    rows = []
    for share in shares:
        low, high = max(0.0, share.share - 1.96 * share.se), min(1.0, share.share + 1.96 * share.se)
        total = float(totals[share.term[0]]) if len(share.term) == 1 else np.nan
        terms = tuple(names[feature] for feature in share.term)
        doubts = _doubts(fit.r2, low, high)
        rows.append(_Row(terms, share.share, total, low, high, (*warning, *doubts), n, fit.r2))
    return rows


def forest_notes(fit: ForestFit, features: Features, n: int) -> list[str]:
    """What must be known to read what a forest says that was grown on `n` configurations."""
    found = []
    if fit.r2 < READABLE_R2:
        found.append(
            f"Not interpretable: from the parameters, {max(0.0, fit.r2):.0%} of the variation can be foretold for configurations "
            "that were not learnt from. The shares say little."
        )
    if n > MOST_LEARNT:
        found.append(f"Each of the {TREES} trees learnt from {MOST_LEARNT:,} of the {n:,} configurations, drawn at random.")
    if n < 10 * len(features.names):
        found.append(
            f"{count(n, 'configuration')} for {count(len(features.names), 'parameter')}: "
            "with ten for each the shares are steadier."
        )
    return found


def _design_notes(features: Features) -> tuple[str, ...]:
    found = []
    places = features.places[~np.isnan(features.places).any(axis=1)]
    if len(places) > FEWEST and len(features.names) > 1:
        ranks = pd.DataFrame(places).corr("spearman").to_numpy()
        for a, b in itertools.combinations(range(len(features.names)), 2):
            if abs(ranks[a, b]) > _TOGETHER:
                found.append(
                    f"{features.names[a]} and {features.names[b]} go together in these configurations (rank correlation "
                    f"{ranks[a, b]:.2f}): what is due to which cannot be told."
                )
    return tuple(found)


def _table(rows: Sequence[_Row], method: str, design: str, n: int) -> pd.DataFrame:
    apart = [row for row in rows if row.names[0].startswith("(")]
    terms = sorted((row for row in rows if row not in apart), key=lambda row: (-np.nan_to_num(row.share, nan=-1.0), row.names))
    listed = [*terms, *apart]
    columns: dict[str, list[object]] = {
        "term": [" x ".join(row.names) for row in listed],
        "order": [0 if row in apart else len(row.names) for row in listed],
        "share": [row.share for row in listed],
        "total": [row.total for row in listed],
        "ci_low": [row.low for row in listed],
        "ci_high": [row.high for row in listed],
        "method": [method for _ in listed],
        "design": [design or OBSERVED for _ in listed],
        "n": [n if row.n is None else row.n for row in listed],
        "r2_oob": [np.nan if row.r2 is None else row.r2 for row in listed],
        "warnings": ["; ".join(row.warnings) for row in listed],
    }
    return pd.DataFrame({name: pd.Series(columns[name], dtype=dtype) for name, dtype in IMPORTANCE.items()})
