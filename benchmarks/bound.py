"""How much faster than naive evaluation case a can be: what a round and a binning take, and how many of each are saved.

Nothing else is free to be saved while every score stays the one of a lone fit: trees of two depths, two learning rates or two
samples have no tree in common, the first one of two learning rates excepted.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from statistics import mean, median
from time import process_time

from benchmarks.common import Plan, Section
from benchmarks.scratch import Scratch

_FEW, _MANY = 1, 41  # rounds of two fits, whose difference is that of the rounds between


def bound(_: Scratch, plan: Plan) -> Section:
    """Measured on one fold and one thread, each depth and sample for itself."""
    from benchmarks.cases.xgboost_grid import GRID, fits

    case = fits()
    train, test = case.splits[0]
    axes = {"max_depth": GRID["max_depth"], "subsample": GRID["subsample"]}

    def seconds(rounds: int, settings: Mapping[str, object]) -> float:
        start = process_time()
        model = case.estimator.set_params(n_estimators=rounds, learning_rate=0.1, **settings).fit(case.X[train], case.y[train])
        model.predict(case.X[test])
        return process_time() - start

    rows, every_round, every_start = [], [], []
    seconds(_FEW, {})  # what is loaded at the first fit
    for values in itertools.product(*axes.values()):
        settings = dict(zip(axes, values, strict=True))
        plan.say(f"a round with {settings}")
        pairs = [(seconds(_FEW, settings), seconds(_MANY, settings)) for _ in range(plan.rounds)]
        few, many = (median(column) for column in zip(*pairs, strict=True))
        a_round = (many - few) / (_MANY - _FEW)
        every_round.append(a_round)
        every_start.append(few - _FEW * a_round)
        cells = {"a round, ms": f"{1e3 * a_round:.2f}", "binning and the rest of a fit, ms": f"{1e3 * every_start[-1]:.0f}"}
        rows.append({**{name: str(value) for name, value in settings.items()}, **cells})
    return judged(rows, mean(every_round), mean(every_start), [int(rounds) for rounds in GRID["n_estimators"]])


def judged(rows: Sequence[Mapping[str, str]], a_round: float, a_start: float, sizes: Sequence[int]) -> Section:
    """The section; `a_round`, `a_start`: seconds, `sizes`: numbers of rounds on a path."""
    naive, once = sum(sizes), max(sizes)
    rounds_alone = naive / once
    with_bins = (naive * a_round + len(sizes) * a_start) / (once * a_round)
    notes = [
        f"Of each path {naive} rounds become {once}: {rounds_alone:.2f}x where nothing else took time. Were the rest of a fit, "
        f"which takes as long as {a_start / a_round:.0f} rounds here, done for nothing: {with_bins:.2f}x. That is before "
        "start-up, and with two processors as busy at the end as in the middle.",
        "Seconds of one processor's time, on one fold of case a, one thread.",
    ]
    return Section("bound", "What can be saved of case a", rows, notes, met=True)
