"""`hpsearch plan` and `hpsearch try`."""

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
    plural,
    print_json,
    seconds,
    set_option,
    short_params,
    short_value,
    spec_argument,
)
from hpsearch.core.errors import ObjectiveError
from hpsearch.core.trial import Evaluation, TrialResult
from hpsearch.ledger.folder import studies_dir
from hpsearch.results import json_value
from hpsearch.results.tracebacks import for_user
from hpsearch.spec.study import STUDY
from hpsearch.study import Options, open_spec, try_trial
from hpsearch.study import plan as plan_study


@click.command()
@spec_argument
@dir_option
@set_option
@json_option
def plan(spec: Path, directory: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Check SPEC and count what it amounts to. Starts nothing, creates nothing.

    \b
    Examples:
      hpsearch plan search_spaces/churn_xgboost.yaml
      hpsearch plan spec.yaml --json
    """
    loaded = open_spec(spec, overrides=overrides)
    counts, first = plan_study(loaded, Options(studies_dir(directory)))
    if as_json:
        print_json({field: getattr(counts, field) for field in counts.__slots__})
        return
    varying = loaded.space.varying
    seeds = f" x {plural(len(loaded.repeat.seeds), 'seed')}" if len(loaded.repeat.seeds) > 1 else ""
    click.echo(f"{loaded.name}: {loaded.search.method} search over {', '.join(varying) or 'no varying parameter'}")
    about = "about " if counts.low is not None else ""
    if loaded.space.constraints and counts.grid is not None:
        interval = f" (95 % interval {counts.low:,} to {counts.high:,})" if counts.low is not None else ""
        click.echo(f"  constraints leave {about}{counts.configurations:,} of {plural(counts.grid, 'configuration')}{interval}")
    click.echo(
        f"  {about}{plural(counts.configurations or 0, 'configuration')}{seeds} = {about}{plural(counts.trials or 0, 'trial')}"
    )
    wanted = loaded.search.trials
    if wanted and counts.to_run is not None and (counts.configurations or 0) < wanted:
        click.echo(f"  drawing finds no more of the {wanted:,} asked for: the space, or what constraints admit of it, is used up")
    if counts.to_run is None:
        click.echo("  to run: not counted, for a study of this size; what the ledger holds is not run again")
    else:
        click.echo(f"  to run: {counts.to_run:,} ({counts.reused:,} in the ledger)")
        click.echo(f"  fits: {counts.fits:,}")
    for params in first:
        click.echo(f"  first to run: {short_params(params, varying)}")
        break


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
        "params": {name: json_value(value) for name, value in result.trial.params.items()},
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
        click.echo(f"{seconds(result.usage.seconds)}")
    else:
        click.echo(for_user(result.outcome.traceback), file=sys.stderr)
