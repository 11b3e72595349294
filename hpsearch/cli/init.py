"""`hpsearch init`: a first spec from a few questions, or from flags where nobody can be asked."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from hpsearch.cli.first_look import column_names, look, source_of
from hpsearch.cli.first_spec import ESTIMATORS, reasons, spec_text
from hpsearch.core.errors import SpecError
from hpsearch.core.names import did_you_mean, study_name
from hpsearch.spec import parse_spec


@click.command()
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV or Parquet file.")
@click.option("--target", help="The column to predict.")
@click.option("--estimator", type=click.Choice(ESTIMATORS), help="[xgboost]")
@click.option("--name", help="The study's name [the data file's].")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("spec.yaml"), show_default=True)
@click.option("--force", is_flag=True, help="Replace the output file.")
def init(data: Path | None, target: str | None, estimator: str | None, name: str | None, output: Path, force: bool) -> None:
    """Write a first spec for a table: asks what the flags do not say, if there is someone to ask.

    \b
    Examples:
      hpsearch init
      hpsearch init --data churn.csv --target churn --estimator xgboost -o churn.yaml
    """
    if output.exists() and not force:
        raise SpecError(f"{output} exists already; name another file with -o, or replace it with --force")
    if not output.absolute().parent.is_dir():
        raise SpecError(f"-o {output}: there is no folder {output.absolute().parent}")
    table = data or Path(_ask("--data", "Data file (CSV or Parquet)"))
    names = column_names(table)
    predict = target or _ask("--target", f"Target column ({', '.join(names)})", names[-1])
    if predict not in names:
        raise SpecError(
            f"--target {predict}: {table} has no such column{did_you_mean(predict, names)}; it has {', '.join(names)}"
        )
    kind = estimator or (
        _ask("--estimator", f"Estimator ({', '.join(ESTIMATORS)})", "xgboost") if sys.stdin.isatty() else "xgboost"
    )
    if kind not in ESTIMATORS:
        raise SpecError(f"--estimator {kind}: there are {', '.join(ESTIMATORS)}{did_you_mean(kind, ESTIMATORS)}")
    seen = look(table, predict)
    text = spec_text(
        name or study_name(table.stem),
        source_of(table, os.path.relpath(table.absolute(), output.absolute().parent)),
        predict,
        kind,
        seen,
    )
    _check(text, output, table)
    output.write_text(text, encoding="utf-8")
    for line in reasons(seen):
        click.echo(line, err=True)
    again = " (take a name out of data.drop to keep it)" if seen.left_out else ""
    click.echo(f"wrote {output}{again}. Next: hpsearch plan {output}; hpsearch run {output}", err=True)


def _check(text: str, output: Path, table: Path) -> None:
    """What `hpsearch plan` would say, before anything is written: a spec of ours that cannot run is of no use."""
    from hpsearch.trainables import prepare

    spec = parse_spec(text, file=str(output), folder=output.absolute().parent)
    try:
        prepare(spec)
    except SpecError as error:
        said = [replace(problem, file="", line=0) for problem in error.problems]
        raise SpecError("\n".join(f"--data {table}: {problem}" for problem in said)) from error


def _ask(flag: str, question: str, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        raise SpecError(f"{flag} is missing, and there is nobody to ask (no terminal)")
    answer: str = click.prompt(question, default=default, err=True)
    return answer
