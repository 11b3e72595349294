"""Whether rows are gone: what no checksum tells, and what would go wrong where a run wrote on.

Trials are numbered without gaps and say how many splits and reports they have. That an attempt is gone which its trial does not
show is not noticed: attempts' numbers may have gaps.
"""

from __future__ import annotations

import sqlalchemy as sa

from hpsearch.core.errors import InfrastructureError
from hpsearch.ledger.faults import damaged
from hpsearch.ledger.tables import ATTEMPT, REPORT, SPLIT, STUDY, TRIAL

_TRIALS = sa.select(
    sa.func.count(), sa.func.max(TRIAL.c.number), sa.func.sum(TRIAL.c.splits), sa.func.sum(TRIAL.c.reports)
).select_from(TRIAL.table)
_NEWEST = sa.select(sa.func.max(ATTEMPT.c.trial))


def newest_attempted(connection: sa.Connection) -> int:
    """The number of the last trial that has an attempt, 0 without one: an index tells it at once."""
    return int(connection.execute(_NEWEST).scalar_one() or 0)


def check_rows(connection: sa.Connection, place: str) -> None:
    """Look for rows that are gone. About a second for a million trials.

    Raises:
        InfrastructureError: a trial is, or the study while there are trials; or there are more or fewer splits or reports than
            the trials say.
    """
    n, last, splits, reports = (int(value or 0) for value in connection.execute(_TRIALS).one())
    last = max(last, newest_attempted(connection))
    if n < last:
        raise InfrastructureError(damaged(place, f"table trial: {last - n} of {last} rows are missing"))
    for sealed, told in ((SPLIT, splits), (REPORT, reports)):
        found = connection.execute(sa.select(sa.func.count()).select_from(sealed.table)).scalar_one()
        if found != told:
            raise InfrastructureError(damaged(place, f"table {sealed.name}: it has {found} rows, and the trials tell of {told}"))
    if n and not connection.execute(sa.select(sa.func.count()).select_from(STUDY.table)).scalar_one():
        raise InfrastructureError(damaged(place, "table study: the row is missing"))
