"""`hpsearch show`: one configuration or trial of a study, whole."""

from __future__ import annotations

import math
import re
from contextlib import closing
from pathlib import Path

import click

from hpsearch.cli.common import (
    dir_option,
    finite,
    folder_of,
    json_option,
    number,
    params_as_json,
    print_json,
    study_argument,
)
from hpsearch.cli.render import SHARED
from hpsearch.core.durations import duration
from hpsearch.core.names import legible, legible_lines
from hpsearch.core.trial import Status
from hpsearch.results import ConfigView, TrialView
from hpsearch.results import show as show_view
from hpsearch.results.export import plain_value
from hpsearch.results.parameters import text_of
from hpsearch.results.tracebacks import for_user
from hpsearch.study import load_folder, open_ledger


@click.command()
@study_argument
@click.argument("ident", metavar="CONFIG|KEY")
@dir_option
@json_option
def show(study: str, ident: str, directory: Path | None, as_json: bool) -> None:
    """One configuration or trial of STUDY, by its id or key or the beginning of one.

    \b
    Examples:
      hpsearch show digits-svm 3f9a        a configuration: parameters, every fold
      hpsearch show digits-svm v1:81c0     a trial: attempts, traceback, what it printed
    """
    folder = folder_of(study, directory)
    with closing(open_ledger(folder)) as ledger:
        view = show_view(load_folder(folder), ident, ledger=ledger)
    if as_json:
        print_json(_as_json(view))
    else:
        _print_config(view)


def _print_config(view: ConfigView) -> None:
    rank = "no rank" if view.rank is None else f"rank {view.rank} of {view.n_ranked}"
    score = "" if view.score is None else f"  score {number(view.score)}"
    luck = "" if view.se is None else f" ± {view.se:.2g}"
    click.echo(f"configuration {view.config_id}  {rank}{score}{luck}")
    for name, value in view.params.items():
        click.echo(f"  {legible(name)} = {legible(text_of(value))}")
    for trial in view.trials:
        click.echo("")
        _print_trial(trial)


def _node(node: str) -> str:
    """A host's name as it is; of Ray's ids, which have 56 digits, the beginning."""
    return f"node {node[:12]}" if re.fullmatch(r"[0-9a-f]{56}", node) else node or "an unknown node"


def _print_trial(view: TrialView) -> None:
    took = "" if view.seconds is None else f"  {SHARED * view.shared}{duration(view.seconds)}"
    click.echo(f"trial {view.key}  {view.status}  seed {view.seed}{took}  on {_node(view.node)}")
    for name, value in view.metrics.items():
        folds = [number(fold.scores[name]) for fold in view.folds if name in fold.scores]
        # NaN is a score that a trial may give; of one that has not completed it says that there is none.
        none = math.isnan(value) and view.status != Status.COMPLETED
        click.echo(
            f"  {legible(name)}: {number(None if none else value)}" + (f"   folds: {'  '.join(folds)}" if len(folds) > 1 else "")
        )
    for attempt in view.attempts if len(view.attempts) > 1 else ():
        said = f"  {attempt.error_type}: {attempt.error}" if attempt.error_type else ""
        click.echo(legible_lines(f"  attempt {attempt.attempt}: {attempt.status.value}{said}"))
    if view.traceback:
        click.echo(_printed(for_user(view.traceback)))
    elif view.error:
        click.echo(legible_lines(f"  {view.error_type}: {view.error}"))
    if view.log:
        click.echo(f"  it printed:\n{_printed(view.log)}")


def _printed(text: str) -> str:
    """What a trial wrote, for a terminal that it must not steer: without its colours, and of a line written over, the last."""
    lines = (line.rstrip("\r").rpartition("\r")[2].expandtabs() for line in click.unstyle(text).rstrip().split("\n"))
    return "\n".join(map(legible, lines))


def _as_json(view: ConfigView) -> dict[str, object]:
    return {
        "config_id": view.config_id,
        "rank": view.rank,
        "score": plain_value(view.score),
        "se": plain_value(view.se),
        "in_best_set": view.in_best_set,
        "params": params_as_json(view.params),
        "trials": [
            {
                "key": trial.key,
                "seed": trial.seed,
                "status": trial.status,
                "seconds": trial.seconds,
                "shared": trial.shared,
                "metrics": finite(trial.metrics),
                "folds": [{"repeat": fold.repeat, "fold": fold.fold, "scores": finite(fold.scores)} for fold in trial.folds],
                "attempts": [
                    {"attempt": one.attempt, "status": one.status.value, "error_type": one.error_type, "error": one.error}
                    for one in trial.attempts
                ],
                "error": trial.error or None,
                "traceback": trial.traceback or None,
                "log": trial.log or None,
            }
            for trial in view.trials
        ],
    }
