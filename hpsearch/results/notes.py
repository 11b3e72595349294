"""What a reader must know about a ranking, in sentences: shown above it wherever it is shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from hpsearch.core.metric import Metric
from hpsearch.core.trial import Status
from hpsearch.results.failures import NAMELESS, error_names
from hpsearch.results.ranking import Ranking, tells_apart


def number(value: float) -> str:
    """A score as people read it: five significant digits, no trailing zeros."""
    return f"{value:.5g}"


def percent(share: float) -> str:
    """ "61%", "4.2%"; "-" where it is not known."""
    return "-" if math.isnan(share) else f"{max(0.0, share):.0%}" if share >= 0.0995 else f"{max(0.0, share):.1%}"


def count(n: int, noun: str, plural: str = "") -> str:
    """ "1 trial", "3 trials", "20,000 trials"."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def notes(
    trials: pd.DataFrame,
    failures: pd.DataFrame,
    ranking: Ranking,
    metric: Metric,
    *,
    other_trials: int = 0,
    no_longer_varied: Sequence[str] = (),
    not_logged: Collection[str] = (),
) -> tuple[str, ...]:
    """The sentences that hold for this study, the gravest first.

    Args:
        other_trials: how many trials of other contexts the ledger holds.
        no_longer_varied: parameters that tell these trials apart, though the present form of the spec does not vary them.
        not_logged: the config_ids of which a completed run lacks the metric.
    """
    configs, basis = ranking.configs, ranking.basis
    ranked = configs[configs["rank"].notna()]
    found = [_nothing_ranked(trials, failures, configs, metric)] if ranked.empty else _about(ranked, ranking, metric)
    incomplete = int((configs["n_trials"].gt(0) & ~configs["complete"]).sum())
    if incomplete and not ranked.empty:
        found.append(
            f"{count(incomplete, 'configuration')} without a rank: "
            f"not all of the {len(ranking.expected_seeds)} repeats are completed."
        )
    scoreless = configs["complete"] & ~np.isfinite(configs["score"])
    without = int((scoreless & configs["config_id"].isin(list(not_logged))).sum())
    if without:
        found.append(f"{count(without, 'configuration')} without a rank: completed, but {metric.name} was not logged.")
    broken = int(scoreless.sum()) - without
    if broken:
        found.append(f"{count(broken, 'configuration')} without a rank: completed, but {metric.name} is not a finite number.")
    if not ranked.empty and not failures.empty:
        found.append(f"{count(len(failures), 'trial')} of {len(trials):,} failed: {error_counts(failures)}.")
    if basis.over in ("seeds", "repeats") and not ranked.empty:
        found.append(f"Standard errors are over {basis.over} alone: they do not see how much of a score is luck with the data.")
    if basis.n == 2 and len(ranked) > 1:
        found.append(
            f"Two {basis.over} each: how much the scores scatter is hardly known. The best set and the intervals of ranks are "
            f"wide for that, and may hold what is plainly worse; with more {basis.over} they say more."
        )
    outside = int((~ranked["in_spec"].fillna(True)).sum())
    if outside:
        are, them = ("is", "it") if outside == 1 else ("are", "them")
        found.append(
            f"{outside:,} of {count(len(ranked), 'ranked configuration')} {are} of an earlier form of the spec: "
            f"the present one does not ask for {them}"
            f"{f', and does not vary {_listed(no_longer_varied)}' if no_longer_varied else ''}."
        )
    elif no_longer_varied:
        found.append(
            f"Trials of an earlier form of the spec are among these: they differ in {_listed(no_longer_varied)}, "
            "which the present form does not vary."
        )
    if other_trials:
        found.append(
            f"{count(other_trials, 'trial')} of other data, splits or code, from an earlier form of the spec, "
            f"{'is' if other_trials == 1 else 'are'} not shown."
        )
    return tuple(found)


def error_counts(failures: pd.DataFrame) -> str:
    """ "ValueError 3, crash 1": by type (or kind where there is none), the most frequent first."""
    counts = error_names(failures).value_counts(sort=False)
    if set(counts.index) == {NAMELESS}:
        return NAMELESS
    return ", ".join(f"{name} {n:,}" for name, n in sorted(counts.items(), key=lambda item: (-int(item[1]), str(item[0]))))


def _nothing_ranked(trials: pd.DataFrame, failures: pd.DataFrame, configs: pd.DataFrame, metric: Metric) -> str:
    if trials.empty:
        return "No trial has been recorded yet."
    partly = int(configs["n_trials"].gt(0).sum())
    if partly and not configs["complete"].any():
        has = "has" if partly == 1 else "have"
        return f"Nothing to rank yet: {count(partly, 'configuration')} {has} some repeats completed, none has all."
    if partly:
        return f"Nothing to rank: no completed trial has a finite {metric.name}."
    statuses = trials["status"].value_counts()
    parts = [f"{statuses[status.value]:,} {status.value}" for status in Status if status.value in statuses]
    text = f"No trial has completed: {', '.join(parts)}."
    if not failures.empty:
        first = failures.iloc[0]
        name = _text(first["error_type"]) or _text(first["error_kind"])
        text += f" The first error: {': '.join(part for part in (name, _text(first['error'])) if part)}"
    return text


def _about(ranked: pd.DataFrame, ranking: Ranking, metric: Metric) -> list[str]:
    basis = ranking.basis
    if len(ranked) == 1:
        return ["One configuration has a rank: there is nothing yet to compare it with."]
    found = []
    if ranked["score"].nunique() == 1:
        found.append(
            f"All {len(ranked):,} ranked configurations score the same, {number(float(ranked['score'].iloc[0]))}: "
            f"as if the parameters had no effect on {metric.name}, or did not reach what is evaluated."
        )
    more = "folds or repeats" if basis.unit == "splits" else basis.unit
    if not basis.over:
        found.append(
            f"Each configuration was scored once (one {basis.unit[:-1]}): no standard error and no best set can be given. "
            f"With more {more} they can."
        )
    elif not found and not tells_apart(ranked):
        n_best = int(ranked["in_best_set"].sum())
        found.append(
            (
                f"{basis.n} {basis.over} cannot tell the configurations apart: each of the {len(ranked):,} may be the best."
                if n_best == len(ranked)
                else f"{basis.n} {basis.over} tell few configurations apart: {n_best:,} of {len(ranked):,} may be the best."
            )
            + f" More {more} would tell more."
        )
    return found


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA else str(value)
