"""`hpsearch try`."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path

import click

from hpsearch.cli.common import (
    dir_option,
    finite,
    json_option,
    number,
    params_as_json,
    print_json,
    short_value,
    spec_argument,
)
from hpsearch.core.durations import duration
from hpsearch.core.errors import ObjectiveError
from hpsearch.core.trial import Evaluation, TrialResult
from hpsearch.ledger.folder import studies_dir
from hpsearch.results.tracebacks import for_user
from hpsearch.spec.study import STUDY
from hpsearch.study import Options, open_spec, try_trial


@click.command("try")
@spec_argument
@dir_option
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="A parameter, or a path in the spec. Repeatable.")
@click.option(
    "--index", type=click.IntRange(min=0), default=0, show_default=True, help="Which configuration, in the order of the search."
)
@click.option("--key", help="A trial of the study by its key or the beginning of it: to see a failure again.")
@json_option
def try_(spec: Path, directory: Path | None, assignments: tuple[str, ...], index: int, key: str | None, as_json: bool) -> None:
    """One trial of SPEC in this process, recorded nowhere: breakpoints work, and what it prints is seen.

    \b
    Examples:
      hpsearch try spec.yaml                     the first configuration
      hpsearch try spec.yaml --index 41
      hpsearch try spec.yaml --set max_depth=9
      hpsearch try spec.yaml --key v1:81c0       a failed trial again
      python -m pdb -m hpsearch.cli.main try spec.yaml
    """
    loaded = open_spec(spec, overrides=[_override(text) for text in assignments])
    # What the trial prints is seen, and under --json not mistaken for the answer.
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        result = try_trial(loaded, Options(studies_dir(directory)), index=index, key=key, say=partial(click.echo, err=True))
    if as_json:
        print_json(_as_json(result))
    else:
        _print(result)
    if not isinstance(result.outcome, Evaluation):
        raise ObjectiveError(f"the trial failed: {result.outcome.type}: {result.outcome.message}")


def _override(assignment: str) -> str:
    """`max_depth=9` is short for `space.max_depth=9`; a path that begins with a block of the spec is taken as it is."""
    return assignment if assignment.partition("=")[0].partition(".")[0] in STUDY.names else f"space.{assignment}"


def _as_json(result: TrialResult) -> dict[str, object]:
    told: dict[str, object] = {
        "key": result.trial.key,
        "params": params_as_json(result.trial.params),
        "seed": result.trial.seed,
        "status": result.status.value,
        "seconds": result.usage.seconds,
    }
    if isinstance(result.outcome, Evaluation):
        return {
            **told,
            "metrics": finite(result.outcome.metrics),
            "splits": [finite(split.scores) for split in result.outcome.splits],
        }
    return {**told, "error": result.outcome.message, "traceback": result.outcome.traceback}


def _print(result: TrialResult) -> None:
    click.echo(f"{result.trial.key}  seed {result.trial.seed}")
    for name, value in result.trial.params.items():
        click.echo(f"  {name} = {short_value(value)}")
    if isinstance(result.outcome, Evaluation):
        for name, mean in result.outcome.metrics.items():
            folds = [number(split.scores[name]) for split in result.outcome.splits if name in split.scores]
            click.echo(f"{name}: {number(mean)}" + (f"   folds: {'  '.join(folds)}" if len(folds) > 1 else ""))
        click.echo(f"{duration(result.usage.seconds)}")
    else:
        click.echo(for_user(result.outcome.traceback), file=sys.stderr)
