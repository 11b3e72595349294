"""What `--rule` took in the place of the best: on stderr, since stdout is for the parameters alone."""

from __future__ import annotations

import click

from hpsearch.cli.common import number, plural
from hpsearch.core.durations import duration
from hpsearch.results import StudyResults
from hpsearch.results.rules import RULES

HELP = (
    "best: the first of the ranking. 1se: of those within one standard error of the best's score, the one whose trials took the "
    "least time. cheapest: the same of the best set, which may hold much that is worse where few folds tell little apart. Times "
    "within a tenth count as equal. What is saved and what it may cost is said on stderr."
)

rule_choice = click.Choice(RULES)


def tell_choice(results: StudyResults, config_id: str, rule: str) -> None:
    """What was saved, and what that may cost; nothing of the rule "best"."""
    best = results.best()
    if rule == "best" or best is None:
        return
    chosen = results.config(config_id)
    if config_id == best.config_id:
        which = "within one standard error of it" if rule == "1se" else "in the best set"
        click.echo(f"{rule}: rank 1, the best itself; of those {which} none takes less time by a tenth or more", err=True)
        return
    known = results.compare(config_id, best.config_id).difference
    lag = results.metric.loss(known.mean)
    interval = ""
    if known.low is not None and known.high is not None:
        ends = sorted((results.metric.loss(known.low), results.metric.loss(known.high)))
        interval = f" (95 %: {number(ends[0], 3)} to {number(ends[1], 3)})"
    worse = f"{number(lag, 3)} worse" if lag > 0 else "as good"
    click.echo(
        f"{rule}: rank {chosen.rank} of {plural(results.n_ranked, 'configuration')}: {worse}{interval}, "
        f"{duration(chosen.seconds)} instead of {duration(best.seconds)}",
        err=True,
    )
