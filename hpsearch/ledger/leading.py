"""The few trials that the best configuration is among, found by the database: a study's records are not read for it."""

from __future__ import annotations

import sqlalchemy as sa

from hpsearch.core.best import BestRule, Measured
from hpsearch.core.trial import Status
from hpsearch.ledger.records import TrialRecord
from hpsearch.ledger.tables import TRIAL

# A mean that the database computed differs from the exact one by less, as a share of the largest score.
_ROUNDING = 1e-12


def leading_keys(connection: sa.Connection, rule: BestRule, context: str) -> list[str]:
    """The trials of the configurations that have all repeats and, but for rounding, the best mean; by config_id.

    One configuration's where nothing but its id breaks ties.
    """
    counted = [
        TRIAL.c.context == context,
        TRIAL.c.status == Status.COMPLETED.value,
        TRIAL.c.score.is_not(None),
        TRIAL.c.seed.in_([str(seed) for seed in rule.seeds]),
    ]
    lowest_first = rule.metric.is_better(0.0, 1.0)
    if len(rule.seeds) == 1:
        end = sa.func.min(TRIAL.c.score) if lowest_first else sa.func.max(TRIAL.c.score)
        best = sa.select(end).where(*counted).scalar_subquery()
        chosen = sa.select(TRIAL.c.key).where(*counted, TRIAL.c.score == best).order_by(TRIAL.c.config_id)
        if not rule.tie_break:
            chosen = chosen.limit(1)
        return [str(key) for (key,) in connection.execute(chosen)]
    whole = (
        sa.select(TRIAL.c.config_id, sa.func.avg(TRIAL.c.score).label("mean"))
        .where(*counted)
        .group_by(TRIAL.c.config_id)
        .having(sa.func.count() == len(rule.seeds))
        .cte("whole")
    )
    end = sa.func.min(whole.c.mean) if lowest_first else sa.func.max(whole.c.mean)
    slack = sa.select(sa.func.max(sa.func.abs(TRIAL.c.score)) * _ROUNDING).where(*counted).scalar_subquery()
    near = sa.func.abs(whole.c.mean - sa.select(end).scalar_subquery()) <= slack
    configurations = sa.select(whole.c.config_id).where(near)
    chosen = sa.select(TRIAL.c.key).where(*counted, TRIAL.c.config_id.in_(configurations)).order_by(TRIAL.c.config_id)
    return [str(key) for (key,) in connection.execute(chosen)]


def seeds_seen(connection: sa.Connection, context: str) -> tuple[int, ...]:
    """Every seed that a trial has, in order."""
    chosen = sa.select(TRIAL.c.seed).where(TRIAL.c.context == context).distinct()
    return tuple(sorted(int(seed) for (seed,) in connection.execute(chosen)))


def measured(record: TrialRecord) -> Measured:
    """A completed trial as the rule looks at it."""
    costs = {
        "fit_s": record.fit_s,
        "score_s": record.score_s,
        "seconds": record.seconds,
        "peak_rss_bytes": record.peak_rss_bytes,
    }
    return Measured(record.config_id, record.params, record.seed, record.metrics, costs)
