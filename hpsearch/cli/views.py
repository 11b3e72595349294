"""`hpsearch results --pareto`, `--dependence`, `--ablation`, `--importance`: what is asked of a study besides its ranking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pandas as pd

from hpsearch.cli.common import as_json_text, number, short_text, short_value, wrapped
from hpsearch.cli.importance import print_importance
from hpsearch.cli.render import make_console, make_table, plain
from hpsearch.cli.rows import tell_never_met, write_table_as, write_text
from hpsearch.core.errors import SpecError
from hpsearch.core.names import legible_lines
from hpsearch.results import StudyResults
from hpsearch.results.export import json_records, plain_value
from hpsearch.results.pareto import KNEE, Pareto


@dataclass(frozen=True)
class View:
    """One question. `option` asks it, `subject` is what of; `target` is what the answer is about."""

    option: str
    subject: str = ""
    target: str = "score"

    @property
    def goes_with(self) -> tuple[str, ...]:
        """The options for rows that it takes."""
        return ("--where",) if self.option == "--pareto" else ()

    @classmethod
    def of(
        cls, *, importance: bool, dependence: str | None, target: str, ablation: bool, start: str | None, pareto: str | None
    ) -> View | None:
        """The one that the options ask for; None for none.

        Raises:
            SpecError: two at once, or an option that goes with another one.
        """
        found = [
            *([cls("--importance", target=target)] if importance else []),
            *([cls("--dependence", dependence, target)] if dependence is not None else []),
            *([cls("--ablation", start or "")] if ablation else []),
            *([cls("--pareto", pareto)] if pareto is not None else []),
        ]
        if len(found) > 1:
            raise SpecError(f"{found[0].option} and {found[1].option} are two questions: ask one at a time")
        if start is not None and not ablation:
            raise SpecError("--from says where an ablation starts: add --ablation, or leave it out")
        if target != "score" and not (importance or dependence is not None):
            raise SpecError(f"--target {target} goes with --importance or --dependence: add one, or leave it out")
        return found[0] if found else None


@dataclass(frozen=True)
class _Answer:
    """The same for programs, as rows or as JSON, and for people. `notes`: what must be known to read it, in sentences."""

    table: pd.DataFrame
    notes: tuple[str, ...]
    json: Callable[[], object]
    show: Callable[[], None]


def tell_view(found: StudyResults, view: View, where: str | None, format_: str, output: Path | None, *, color: bool) -> None:
    """Answers it. `where`: of which configurations, for a view that goes with it."""
    answer = _answer(found, view, where, color=color)
    tell_never_met(found, where)
    if format_ == "table":
        answer.show()
        return
    if format_ != "json" or view.option == "--importance":
        for note in answer.notes:
            click.echo(legible_lines(note), err=True)
    if format_ == "json":
        write_text(as_json_text(answer.json()), output)
    else:
        write_table_as(format_, answer.table, output, f"{found.study.name}-{view.option.removeprefix('--')}")


def _answer(found: StudyResults, view: View, where: str | None, *, color: bool) -> _Answer:
    if view.option == "--importance":
        shares = found.importance(view.target)
        return _Answer(
            shares.table, shares.notes, lambda: json_records(shares.table), lambda: print_importance(found, shares, color=color)
        )
    if view.option == "--pareto":
        front = found.pareto(_metrics(view.subject), where=where)
        return _Answer(
            front.front, front.notes, lambda: _pareto_json(found, front), lambda: _print_pareto(found, front, color=color)
        )
    if view.option == "--dependence":
        curve = found.partial_dependence(view.subject, view.target)
        told = {"parameter": curve.parameter, "target": curve.target, "notes": list(curve.notes)}
        title = f"The mean {found.metric.name if view.target == 'score' else view.target} at values of {curve.parameter}"
        return _Answer(
            curve.table,
            curve.notes,
            lambda: {**told, "values": json_records(curve.table)},
            lambda: _print(curve.table, title, curve.notes, color=color),
        )
    path = found.ablation(view.subject)
    shown = path.table.assign(**{name: path.table[name].map(short_text) for name in ("from", "to")})
    shown = shown.drop(columns=["with"]) if (shown["with"] == "").all() else shown
    title = f"What led to the best, by the {found.metric.name} {'foretold' if path.is_foretold else 'measured'}"
    return _Answer(
        path.table,
        path.notes,
        lambda: {"steps": json_records(path.table), "notes": list(path.notes)},
        lambda: _print(shown, title, path.notes, color=color),
    )


def _metrics(text: str) -> dict[str, str]:
    """ "accuracy,speed:max" by name; no direction is one that may be known."""
    parts = (part.partition(":") for part in text.split(","))
    return {name.strip(): mode.strip() for name, _, mode in parts if name.strip()}


def _pareto_json(found: StudyResults, front: Pareto) -> dict[str, Any]:
    names = [each.name for each in front.metrics]
    rows = found.to_json_rows(rows=front.front)
    values = json_records(front.values)
    return {
        "metrics": [{"name": each.name, "mode": each.mode.value} for each in front.metrics],
        "front": [{**row, "values": {name: value[name] for name in names}} for row, value in zip(rows, values, strict=True)],
        "knee": front.knee or None,
        "hypervolume": plain_value(front.hypervolume),
        "reference": {name: plain_value(value) for name, value in zip(names, front.reference, strict=True)},
        "notes": list(front.notes),
    }


def _print_pareto(found: StudyResults, front: Pareto, *, color: bool) -> None:
    console = make_console(color)
    rows, names = front.front, [each.name for each in front.metrics]
    console.print(plain(front.title()))
    if len(rows):
        varying = [name for name in found.varying if f"param.{name}" in rows.columns]
        headings = ["rank", "config", *names, *varying, ""]
        table = make_table(headings, left=("config", ""), whole=headings)
        for (_, row), (_, value) in zip(rows.iterrows(), front.values.iterrows(), strict=True):
            params = found.params[str(row["config_id"])]
            cells = [str(row["rank"]), str(row["config_id"])[:8], *(number(float(value[name])) for name in names)]
            cells += [short_value(params[name]) if name in params else "" for name in varying]
            table.add_row(*map(plain, (*cells, "knee" if row["config_id"] == front.knee else "")))
        console.print(table)
    if front.knee:
        console.print(plain(wrapped(KNEE), style="dim"))
    for note in (*front.notes, *(found.notes[:1] if not found.n_ranked else ())):
        console.print(plain(wrapped(note), style="yellow"))


def _print(rows: pd.DataFrame, title: str, notes: tuple[str, ...], *, color: bool) -> None:
    console = make_console(color)
    if len(rows):
        console.print(plain(title))
        table = make_table(list(rows.columns), left=("parameter",), whole=list(rows.columns))
        for record in json_records(rows):
            cells = [
                "" if value is None else number(value) if isinstance(value, float) else str(value) for value in record.values()
            ]
            table.add_row(*map(plain, cells))
        console.print(table)
    for note in notes:
        console.print(plain(wrapped(note), style="yellow"))
