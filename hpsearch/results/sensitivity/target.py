"""What is explained: the score, whether a configuration failed, or how long its trials took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpsearch.core.errors import SpecError
from hpsearch.core.metric import Metric
from hpsearch.core.names import did_you_mean
from hpsearch.results.failures import failed_configs
from hpsearch.results.notes import count, number
from hpsearch.results.ranking import score_matrix
from hpsearch.results.scales import near_enough
from hpsearch.results.statistics import Floats, bounded

TARGETS = ("score", "failed", "seconds")


@dataclass(frozen=True)
class Target:
    """What is explained, and of which configurations.

    Attributes:
        rows: (n_configs,), those that have it. y: (n,), their values.
        columns: (n, J), what each value is the mean of: splits or seeds; J is 1 where nothing finer is known.
        notes: what was done to the values.
    """

    name: str
    rows: NDArray[np.bool_]
    y: Floats
    columns: Floats
    notes: tuple[str, ...] = ()


def target_of(name: str, configs: pd.DataFrame, evaluations: pd.DataFrame, metric: Metric) -> Target:
    """The target `name` of some configurations.

    Raises:
        SpecError: a name that is none of TARGETS.
    """
    if name not in TARGETS:
        raise SpecError(f"no target {name!r}; there are {', '.join(TARGETS)}{did_you_mean(name, TARGETS)}")
    ranked = configs["rank"].notna().to_numpy(dtype=bool)
    if name == "score":
        return _scores(ranked, configs, evaluations, metric)
    if name == "failed":
        failed, ended = failed_configs(configs)
        y = failed[ended].astype(np.float64)
        return Target(name, ended, y, y[:, np.newaxis])
    seconds = configs["seconds"].to_numpy(dtype=np.float64)
    rows = ranked & (seconds > 0)
    y = np.log(seconds[rows])
    notes = ["Of the logarithm of the seconds: what doubles the time counts alike, whether from 1 s or from 100."]
    if shared := int(configs["shared"].to_numpy(dtype=bool)[rows].sum()):
        notes.append(f"{count(shared, 'configuration')} took part in shared work, whose seconds are told as equal parts.")
    return Target(name, rows, y, y[:, np.newaxis], tuple(notes))


def _scores(ranked: NDArray[np.bool_], configs: pd.DataFrame, evaluations: pd.DataFrame, metric: Metric) -> Target:
    ids = configs["config_id"].tolist()
    matrix, _ = score_matrix(evaluations, ids, metric.name, set(evaluations["seed"].unique().tolist()))
    y, columns = bounded(configs["score"].to_numpy(dtype=np.float64)[ranked]), bounded(matrix[ranked])
    if columns.shape[1] < 2 or not np.isfinite(columns).all():
        columns = y[:, np.newaxis]
    loss = np.asarray([metric.loss(score) for score in y.tolist()])
    kept = near_enough(loss)
    far = len(loss) - len(kept)
    if not far or kept[0] == kept[-1]:  # what differs from all others that are alike is all that there is to explain
        return Target("score", ranked, y, columns)
    worst = metric.score(float(kept[-1]))
    note = (
        f"{count(far, 'configuration')} far worse than the rest {'counts' if far == 1 else 'count'} as {metric.name} "
        f"{number(worst)}, the worst of the rest: else {'it' if far == 1 else 'they'} would be all there is to explain."
    )
    is_far = loss > kept[-1]
    y = np.where(is_far, worst, y)
    # On each split as the others are there: how theirs scattered says nothing any more.
    columns = np.where(is_far[:, np.newaxis], worst + columns[~is_far].mean(axis=0) - columns[~is_far].mean(), columns)
    return Target("score", ranked, y, columns, (note,))
