"""From trials and their split scores to ranked configurations, each with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.best import COSTS, BestRule, exact_mean
from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric
from hpsearch.core.names import did_you_mean
from hpsearch.core.trial import Status
from hpsearch.core.values import Params
from hpsearch.results import statistics
from hpsearch.results.bounds import scorer_range
from hpsearch.results.columns import CONFIGS, METRIC, PARAM
from hpsearch.results.comparison import p_of_being_best
from hpsearch.results.luck import standing
from hpsearch.results.statistics import Floats
from hpsearch.results.tables import Tables

ALPHA = 0.05  # of studies, at most so many leave the truly best configuration out of the best set

_NEARLY_ALL = 0.9
_SCORED = ("split_id", "seed", "n_train", "n_test")

# A configuration's status is the first of these that one of its trials has.
_WORST_FIRST = (Status.RUNNING, Status.FAILED, Status.TIMEOUT, Status.CANCELLED, Status.STOPPED, Status.COMPLETED)


@dataclass(frozen=True)
class Basis:
    """What the standard errors stand on.

    `unit`: "splits" (folds, the seeds averaged within each), "seeds" (trials without splits) or "repeats" (runs of equal
    parameters from elsewhere, whose seeds are not known). `n`: how many of them.
    `test_over_train`: the correction's n_test/n_train.
    """

    unit: str
    n: int
    test_over_train: float

    @property
    def over(self) -> str:
        """The unit; "" where there is one evaluation or none, and nothing can be said."""
        return self.unit if self.n > 1 else ""


@dataclass(frozen=True)
class Ranking:
    """`configs`: best first, then those without a rank. `expected_seeds`: what a complete configuration has been run with."""

    configs: pd.DataFrame
    basis: Basis
    expected_seeds: tuple[int, ...]


def rank_configs(
    tables: Tables,
    metric: Metric,
    *,
    tie_break: Sequence[str] = (),
    expected_seeds: Sequence[int] | None = None,
    asked: Callable[[Params], bool] | None = None,
) -> Ranking:
    """One row a configuration: score, uncertainty, rank.

    A configuration is ranked when every expected repeat is COMPLETED and its mean score is finite. Equal scores share the
    smallest rank; among them `tie_break` columns order, then config_id.

    Args:
        tie_break: metric names or costs (`fit_s`, `score_s`, `seconds`, `peak_rss_bytes`), the first decides first. Less is
            better for a cost; a scorer's more is better; any other metric goes the way of the study's own.
        expected_seeds: the repeats a complete configuration has; by default every seed that any trial has.
        asked: whether the spec as it was last run asks for a configuration (`in_spec`); None where that cannot be told.

    Raises:
        SpecError: an unknown name in `tie_break`.
    """
    trials, ids, codes = tables.trials, list(tables.params), tables.trial_configs
    completed = (trials["status"] == Status.COMPLETED.value).to_numpy(dtype=bool)
    seeds = tuple(sorted({int(seed) for seed in (trials["seed"].unique() if expected_seeds is None else expected_seeds)}))
    done = completed & trials["seed"].isin(seeds).to_numpy(dtype=bool)

    columns: dict[str, pd.Series | NDArray[np.generic]] = {"config_id": pd.Series(ids, dtype="string"), **tables.param_columns}
    metric_columns = [name for name in trials.columns if name.startswith(METRIC)]
    for name in [*metric_columns, "fit_s", "score_s"]:
        columns[name] = _means(codes[done], trials[name].to_numpy()[done], len(ids))
    columns["seconds"] = _sums(codes, trials["seconds"].to_numpy(), len(ids))
    columns["shared"] = np.bincount(codes, weights=trials["shared"].to_numpy(dtype=np.float64), minlength=len(ids)) > 0
    peaks = trials["peak_rss_bytes"].to_numpy(dtype=np.float64, na_value=np.nan)
    columns["peak_rss_bytes"] = pd.Series(_highest(codes, peaks, len(ids))).astype("Int64")
    columns["score"] = columns.get(METRIC + metric.name, np.full(len(ids), np.nan))
    columns["n_trials"] = np.bincount(codes[done], minlength=len(ids)).astype(np.int32)
    columns["n_expected"] = np.full(len(ids), len(seeds), dtype=np.int32)
    columns["complete"] = np.asarray(columns["n_trials"]) >= len(seeds)  # of runs from elsewhere, several may be one seed
    told = [asked(params) for params in tables.params.values()] if asked is not None else None
    columns["in_spec"] = pd.Series(_unknown(len(ids)) if told is None else pd.array(told, dtype="boolean"))
    columns["status"] = _statuses(codes, trials["status"], len(ids))

    owners, evaluations = tables.evaluation_configs, tables.evaluations
    counted = evaluations["seed"].isin(seeds).to_numpy(dtype=bool)
    # The columns of texts that nothing here looks at are not carried along.
    looked_at = [name for name in evaluations.columns if name in _SCORED or name == METRIC + metric.name]
    matrix, basis = _score_matrix(evaluations.loc[counted, looked_at], owners[counted], len(ids), metric.name)
    columns["n"] = np.bincount(owners[counted], minlength=len(ids)).astype(np.int32)
    configs = pd.DataFrame(columns)
    _add_uncertainty(configs, matrix, metric, basis)
    costs = {
        name: _highest(codes[done], peaks[done], len(ids))
        if name == "peak_rss_bytes"
        else _means(codes[done], trials[name].to_numpy()[done], len(ids))
        for name in COSTS
        if name in tie_break
    }
    rule = BestRule(metric, seeds, tuple(tie_break), scorers=bool(tables.evaluations["split_id"].notna().any()))
    ties = tie_break_columns(rule, configs, costs)
    order, rank = _order(configs, metric, ties)
    configs["rank"] = rank
    configs, matrix = configs.iloc[order].reset_index(drop=True), matrix[order]
    _add_comparison(configs, matrix, metric, basis)
    return Ranking(_arranged(configs), basis, seeds)


def tells_apart(configs: pd.DataFrame) -> bool:
    """Whether the best set says something: one that holds nearly all ranked configurations speaks of the evaluations alone."""
    n_ranked, n_best = int(configs["rank"].notna().sum()), int(configs["in_best_set"].fillna(False).sum())
    return 0 < n_best <= _NEARLY_ALL * n_ranked


def score_matrix(evaluations: pd.DataFrame, ids: Sequence[str], metric: str, seeds: set[int]) -> tuple[Floats, Basis]:
    """(n_configs, J) scores, NaN where one is missing; J are the splits, or the seeds of trials that have no splits.

    Seeds are averaged within a split: they rerun on the same rows, so they add no independent view of the data.
    """
    codes = pd.Index(list(ids), dtype="string").get_indexer(pd.Index(evaluations["config_id"], dtype="string"))
    rows = (codes >= 0) & evaluations["seed"].isin(seeds).to_numpy(dtype=bool)
    return _score_matrix(evaluations[rows], codes[rows].astype(np.int64), len(ids), metric)


def _score_matrix(rows: pd.DataFrame, codes: NDArray[np.int64], n: int, metric: str) -> tuple[Floats, Basis]:
    """The same, of n configurations of which `codes` are the rows'."""
    if METRIC + metric not in rows.columns:
        return np.full((n, 0), np.nan), Basis("seeds", 0, 0.0)
    is_split = rows["split_id"].notna().to_numpy(dtype=bool)
    by_split = bool(is_split.any())
    if by_split and not is_split.all():
        rows, codes = rows[is_split], codes[is_split]
    unit, names = pd.factorize(rows["split_id"] if by_split else rows["seed"], sort=True)
    cell = codes * len(names) + unit
    mean = _means(cell, rows[METRIC + metric].to_numpy(), n * len(names)).reshape(n, len(names))
    ratio = float(rows["n_test"].sum() / rows["n_train"].sum()) if by_split else 0.0
    return mean, Basis("splits" if by_split else "seeds", len(names), ratio)


def tie_break_columns(rule: BestRule, configs: pd.DataFrame, costs: Mapping[str, Floats]) -> list[Floats]:
    """Each tie-break as losses (less is better, +inf where there is no number), the deciding one first.

    Args:
        costs: those of COSTS that are tie-breaks, over the repeats that count. (The columns of `configs` tell what all cost.)
    """
    known = [*COSTS, *(name.removeprefix(METRIC) for name in configs.columns if name.startswith(METRIC))]
    losses = []
    for name in rule.tie_break:
        if name not in known:
            raise SpecError(
                f"tie_break names {name!r}, which this study has not recorded; "
                f"it has {', '.join(known)}{did_you_mean(name, known)}"
            )
        values = costs[name] if name in COSTS else configs[METRIC + name].to_numpy()
        losses.append(_losses(rule.direction(name), values))
    return losses


def _order(configs: pd.DataFrame, metric: Metric, ties: Sequence[Floats]) -> tuple[NDArray[np.int64], pd.array]:  # type: ignore[valid-type]
    loss = _losses(metric, configs["score"].to_numpy())
    ranked = np.isfinite(loss) & configs["complete"].to_numpy(dtype=bool)
    order = _settled(np.lexsort((*reversed(ties), loss, ~ranked)), (~ranked, loss, *ties), configs["config_id"])
    first = loss[order[: ranked.sum()]]
    starts = np.concatenate([[True], first[1:] != first[:-1]]) if len(first) else np.empty(0, dtype=bool)
    places = np.full(len(configs), 0, dtype=np.int32)
    # How many are strictly better, and one: equal scores share the smallest rank.
    places[order[: len(first)]] = np.maximum.accumulate(np.where(starts, np.arange(len(first)), 0)) + 1
    rank = pd.arrays.IntegerArray(places, ~ranked)
    return order, rank


def _settled(order: NDArray[np.int64], keys: Sequence[NDArray[np.generic]], ids: pd.Series) -> NDArray[np.int64]:
    """The order, with neighbours that are equal in all keys put in that of their ids: of most, no id need be looked at."""
    equal = np.ones(max(0, len(order) - 1), dtype=bool)
    for key in keys:
        equal &= key[order[1:]] == key[order[:-1]]
    if not equal.any():
        return order
    run = np.concatenate([[0], np.cumsum(~equal)])
    tied = np.concatenate([equal, [False]]) | np.concatenate([[False], equal])
    rows = order[tied]
    order = order.copy()
    order[tied] = rows[np.lexsort((ids.iloc[rows].to_numpy(dtype=str), run[tied]))]
    return order


def _add_uncertainty(configs: pd.DataFrame, matrix: Floats, metric: Metric, basis: Basis) -> None:
    finite = np.where(np.isfinite(matrix), matrix, np.nan)
    sd, se, df = statistics.corrected_standard_error(finite, basis.test_over_train)
    # A mean over some of the splits, or of a NaN, is no estimate of the same thing: no interval for it.
    usable = configs["complete"].to_numpy(dtype=bool) & np.isfinite(configs["score"].to_numpy())
    configs["sd"], configs["se"] = np.where(usable, sd, np.nan), np.where(usable, se, np.nan)
    low, high = statistics.confidence_interval(configs["score"].to_numpy(), configs["se"].to_numpy(), df)
    # What lies outside a scorer's range is not so: an interval without it holds the true score just as often. A function's
    # metrics may mean anything, whatever they are called.
    lowest, highest = scorer_range(metric.name) if basis.unit == "splits" else (-math.inf, math.inf)
    configs["ci_low"], configs["ci_high"] = np.clip(low, lowest, highest), np.clip(high, lowest, highest)


def _add_comparison(configs: pd.DataFrame, matrix: Floats, metric: Metric, basis: Basis) -> None:
    """`in_best_set`, `p_vs_best` (see `comparison`), `within_1se`, and where each may stand (see `luck`).

    The configurations are in order: the best is row 0.
    """
    n_ranked = int(configs["rank"].notna().sum())
    p_vs_best = np.full(len(configs), np.nan)
    best_set, within = _unknown(len(configs)), _unknown(len(configs))
    places = {name: np.full(len(configs), np.nan) for name in ("p_best", "rank_low", "rank_high")}
    if n_ranked and basis.over:
        losses = np.where(np.isfinite(matrix[:n_ranked]), metric.loss(1.0) * matrix[:n_ranked], np.nan)
        p_vs_best[:n_ranked] = p_of_being_best(losses, basis.test_over_train)
        # No p-value, no ground to leave a configuration out.
        best_set[:n_ranked] = ~(p_vs_best[:n_ranked] < ALPHA)
        loss = _losses(metric, configs["score"].to_numpy()[:n_ranked])
        se = float(configs["se"].iloc[0])
        if math.isfinite(se):
            within[:n_ranked] = loss <= loss[0] + se
        found = standing(losses, basis.test_over_train)
        for name, column in places.items():
            column[:n_ranked] = getattr(found, name)
    configs["p_vs_best"], configs["in_best_set"], configs["within_1se"] = p_vs_best, best_set, within
    configs["p_best"] = places["p_best"]
    for name in ("rank_low", "rank_high"):
        configs[name] = pd.Series(places[name]).astype("Int32")


def _unknown(n: int) -> pd.arrays.BooleanArray:
    """Neither true nor false, n times: from a list of as many nulls it takes a tenth of a second for a million."""
    return pd.arrays.BooleanArray(np.zeros(n, dtype=bool), np.ones(n, dtype=bool))


def _losses(metric: Metric, scores: Floats) -> Floats:
    return np.where(np.isfinite(scores), metric.loss(1.0) * scores, np.inf)


def _means(codes: NDArray[np.int64], values: Floats, n: int) -> Floats:
    """The mean of `values` in each of n groups; NaN for an empty one.

    Exactly rounded, so that a mean does not depend on the order in which results came in, and ties stay ties.
    """
    means = np.full(n, np.nan)
    count = np.bincount(codes, minlength=n)
    single = count[codes] == 1
    means[codes[single]] = values[single]
    several = np.flatnonzero(~single)
    several = several[np.argsort(codes[several], kind="stable")]
    groups, starts = np.unique(codes[several], return_index=True)
    listed = values[several].tolist()
    bounds = [*starts.tolist(), len(listed)]
    for group, start, end in zip(groups.tolist(), bounds, bounds[1:], strict=False):
        means[group] = exact_mean(listed[start:end])
    return means


def _highest(codes: NDArray[np.int64], values: Floats, n: int) -> Floats:
    highest = np.full(n, -np.inf)
    np.fmax.at(highest, codes, values)
    return np.where(np.isfinite(highest), highest, np.nan)


def _sums(codes: NDArray[np.int64], values: Floats, n: int) -> Floats:
    return np.bincount(codes, weights=np.nan_to_num(values), minlength=n).astype(np.float64)


def _statuses(codes: NDArray[np.int64], statuses: pd.Series, n: int) -> pd.Series:
    worst = np.full(n, len(_WORST_FIRST) - 1)
    for index, status in reversed(list(enumerate(_WORST_FIRST))):
        worst[codes[(statuses == status.value).to_numpy(dtype=bool)]] = index
    names = pd.array([status.value for status in _WORST_FIRST], dtype="string")
    return pd.Series(names.take(worst))


def _arranged(configs: pd.DataFrame) -> pd.DataFrame:
    """Columns in the schema's order, with its dtypes."""
    names: list[str] = []
    for name in CONFIGS:
        names += [column for column in configs.columns if column.startswith(name)] if name in (PARAM, METRIC) else [name]
    dtypes = {name: dtype for name, dtype in CONFIGS.items() if name not in (PARAM, METRIC)}
    return configs[names].astype(dtypes)
