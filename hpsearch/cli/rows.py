"""`hpsearch results`: the rows that are asked for, as a table, JSON, CSV or Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import pandas as pd

from hpsearch.cli.common import as_json_text, plural
from hpsearch.cli.render import print_ranking, print_rows
from hpsearch.cli.rules import tell_choice
from hpsearch.core.errors import SpecError
from hpsearch.core.files import written_to
from hpsearch.core.names import legible_lines
from hpsearch.results import StudyResults
from hpsearch.results.exported import write_table
from hpsearch.results.selection import json_rows_of
from hpsearch.study import is_experiment, rows_shown

FORMATS = ("table", "json", "csv", "parquet")

_NOUNS = {"configs": "configuration", "trials": "trial", "evaluations": "evaluation", "failures": "failed trial"}
# For people, where no columns are asked for; what varies comes before, and the metrics.
_FEW = {
    "trials": ("trial_key", "status", "seed", "seconds", "error_type"),
    "evaluations": ("trial_key", "split_id", "seed", "fit_s", "score_s"),
    "failures": ("trial_key", "status", "error_type", "error"),
}


@dataclass(frozen=True)
class Asked:
    """Which rows and columns; None for all."""

    table: str
    where: str | None = None
    columns: str | None = None
    rule: str | None = None
    top: int | None = None

    @property
    def given(self) -> list[str]:
        """The options that ask for something else than the whole ranking."""
        options = {"--where": self.where, "--columns": self.columns, "--rule": self.rule, "--top": self.top}
        table = [] if self.table == "configs" else ["--table"]
        return [*table, *(option for option, value in options.items() if value is not None)]

    @property
    def names(self) -> list[str]:
        """The columns as they were named; empty where none were."""
        if self.columns is None:
            return []
        names = [name.strip() for name in self.columns.split(",")]
        if not all(names):
            raise SpecError(f"--columns {self.columns}: a name is missing; write them with commas between, such as rank,score")
        return names


def tell_rows(study: str | None, found: StudyResults, asked: Asked, format_: str, output: Path | None, *, color: bool) -> None:
    """Writes them where they are wanted, and says how many of how many there are.

    Args:
        study: what `hpsearch show` calls it; None where it cannot show it, as of a folder of tables.
    """
    if format_ == "parquet" and not asked.given:
        for path in found.to_parquet(output or Path(f"{found.study.name}-results")):
            click.echo(str(path))
        return
    shown = {name: found.column(name, asked.table) for name in asked.names}
    # Without a condition the ranking for people is of those that have a rank; what failed stands below it.
    ranking = format_ == "table" and asked.table == "configs" and asked.where is None
    every = found.table(asked.table)
    rows = every if asked.where is None else found.where(asked.where, asked.table)
    tell_never_met(found, asked.where, asked.table)
    rows = rows[rows["rank"].notna()] if ranking else rows
    if asked.rule is not None:
        chosen = found.choice(asked.rule)
        rows = rows[rows["config_id"] == chosen]
        tell_choice(found, chosen, asked.rule)
    matching, top = len(rows), asked.top or (rows_shown(found) if format_ == "table" else None)
    rows = rows if top is None else rows.head(top)
    counted = _counted(len(rows), matching, len(every), asked)
    if format_ == "table":
        _print(study, found, asked, rows, shown, counted, color=color)
        return
    if asked.where is not None or asked.rule is not None or len(rows) < matching:
        click.echo(counted, err=True)
    if format_ == "json":
        whole = asked.table == "configs" and not shown
        listed = (
            found.to_json_rows(rows=rows) if whole else json_rows_of(rows, found.params, shown or {n: n for n in rows.columns})
        )
        write_text(as_json_text(listed), output)
        return
    cells = pd.DataFrame({name: rows[column] for name, column in shown.items()}) if shown else rows
    write_table_as(format_, cells, output, f"{found.study.name}-{asked.table}")


def tell_never_met(found: StudyResults, where: str | None, table: str = "configs") -> None:
    """On stderr: what a condition asks for and no row has."""
    for said in [] if where is None else found.never_met(where, table):
        click.echo(legible_lines(f"note: {said}"), err=True)


def write_table_as(format_: str, table: pd.DataFrame, output: Path | None, name: str) -> None:
    """As csv, to stdout or a file; or as parquet, to a file, NAME.parquet unless one is named."""
    if format_ == "csv":
        write_text(table.to_csv(index=False), output)
        return
    path = output or Path(f"{name}.parquet")
    write_table(table, path)
    click.echo(str(path))


def write_text(text: str, output: Path | None) -> None:
    """To stdout or a file."""
    if output is None:
        click.echo(text, nl=False)
        return
    with written_to(output) as place:
        place.write_text(text, encoding="utf-8")


def _print(
    study: str | None,
    found: StudyResults,
    asked: Asked,
    rows: pd.DataFrame,
    shown: dict[str, str],
    counted: str,
    *,
    color: bool,
) -> None:
    whole = asked.where is None and asked.rule is None
    if asked.table == "configs" and not shown:
        print_ranking(found, rows, said="" if whole else counted, color=color)
    else:
        print_rows(found, rows, shown or _few(found, asked.table, rows), said=counted, color=color)
    if whole and asked.table == "configs":
        for group in found.failure_groups():
            first_line = f": {group.message.splitlines()[0]}" if group.message.strip() else ""
            click.echo(legible_lines(f"failed: {group.n} x {group.name}{first_line}\n        {_where(study, group.trial_key)}"))


def _where(study: str | None, trial_key: str) -> str:
    """Where more is said of a failed trial."""
    if study is None:
        return f"trial {trial_key}"
    return f"run {trial_key}" if is_experiment(study) else f"hpsearch show {study} {trial_key}"


def _few(found: StudyResults, table: str, rows: pd.DataFrame) -> dict[str, str]:
    first, *others = _FEW[table]
    metrics = [name for name in rows.columns if name.startswith("metric.")]
    varying = [f"param.{name}" for name in found.varying if f"param.{name}" in rows.columns]
    names = [first, *varying, *metrics, *others]
    return {name.removeprefix("param.").removeprefix("metric."): name for name in names}


def _counted(shown: int, matching: int, every: int, asked: Asked) -> str:
    said = f"{shown:,} of {plural(every, _NOUNS[asked.table])} shown"
    return f"{said}; {matching:,} meet the condition" if asked.where is not None and matching > shown else said
