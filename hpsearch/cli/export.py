"""`hpsearch export`: a study in the form of another tool."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.common import dir_option, plural, study_argument
from hpsearch.core.clock import Clock, SystemClock
from hpsearch.core.errors import SpecError
from hpsearch.study import load

_SAY_EVERY_S = 5.0


class Counted:
    """Says on stderr how far it is, every few seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said_at = clock.monotonic()

    def __call__(self, done: int, of: int) -> None:
        if self._clock.monotonic() - self._said_at >= _SAY_EVERY_S:
            self._said_at = self._clock.monotonic()
            click.echo(f"{done:,}/{of:,} trials written", err=True)


@click.command()
@study_argument
@dir_option
@click.option("--optuna", "url", metavar="URL", help="Of Optuna's storage: sqlite:///optuna.db, or a server's database.")
@click.option("--name", help="Of the Optuna study [the study's own].")
def export(study: str, directory: Path | None, url: str | None, name: str | None) -> None:
    """STUDY as an Optuna study, a trial a configuration, for optuna-dashboard and Optuna's plots.

    \b
    Examples:
      hpsearch export digits-svm --optuna sqlite:///optuna.db
      hpsearch export mlflow:churn --optuna sqlite:///optuna.db --name churn-2026
    """
    if not url:
        raise SpecError("export needs to know where to: write --optuna sqlite:///optuna.db (tables: hpsearch results --format)")
    copy = load(study, directory).to_optuna(url, name=name, told=Counted(SystemClock()))
    left = f"; {plural(copy.left_out, 'configuration')} without a result left out" if copy.left_out else ""
    click.echo(f"{plural(copy.trials, 'trial')} written as {copy.name}{left}")
