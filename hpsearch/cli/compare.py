"""`hpsearch compare`: two configurations of a study, or the best of two studies."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from hpsearch.cli.common import (
    color_option,
    complete_study,
    dir_option,
    json_option,
    number,
    params_as_json,
    print_json,
    short_value,
    study_argument,
    wrapped,
)
from hpsearch.cli.render import make_console, make_table, plain
from hpsearch.core.errors import SpecError
from hpsearch.results import Comparison, compare_studies
from hpsearch.study import load


@click.command()
@study_argument
@click.argument("first", metavar="A|STUDY2", shell_complete=complete_study)
@click.argument("second", metavar="[B]", required=False)
@dir_option
@click.option("--rope", type=float, help="The largest difference that does not matter [a tenth of the scores' sd over splits].")
@json_option
@color_option
def compare(
    study: str, first: str, second: str | None, directory: Path | None, rope: float | None, as_json: bool, no_color: bool
) -> None:
    """Two configurations of STUDY, by the beginnings of their ids; or the best of STUDY and the best of STUDY2.

    A study may be an experiment in MLflow, whoever made its runs: mlflow:NAME.

    How far they are apart, with an interval, and the probabilities that one is better or that it does not matter.

    \b
    Examples:
      hpsearch compare digits-svm 97b4 e6f1
      hpsearch compare digits-svm 97b4 e6f1 --rope 0.01     less than 0.01 does not matter
      hpsearch compare digits-svm digits-forest --json
    """
    results = load(study, directory)
    if second is not None:
        found = results.compare(first, second, rope=rope)
    else:
        try:
            other = load(first, directory)
        except SpecError as error:
            raise SpecError(f"{error}; for two configurations of {study}, name both: hpsearch compare {study} A B") from error
        found = compare_studies(results, other, rope=rope)
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found, color=not no_color)


def _as_json(found: Comparison) -> dict[str, object]:
    sides = {
        name: {
            "study": study,
            "config_id": side.config_id,
            "rank": side.rank,
            "params": params_as_json(side.params),
            "score": side.score,
            "se": side.se,
        }
        for name, study, side in zip("ab", found.studies, (found.a, found.b), strict=True)
    }
    difference = dataclasses.asdict(found.difference)
    return {"metric": found.metric.name, **sides, "difference": difference, "unit": found.unit, "notes": list(found.notes)}


def _print(found: Comparison, *, color: bool) -> None:
    console = make_console(color)
    sides = (found.a, found.b)
    differing = [
        name
        for name in dict.fromkeys([*found.a.params, *found.b.params])
        if any(name not in side.params for side in sides)
        or short_value(found.a.params[name]) != short_value(found.b.params[name])
    ]
    two = found.studies[0] != found.studies[1]
    headings = ["", *(("study",) if two else ()), "config", "rank", found.metric.name, *differing]
    table = make_table(headings, left=("", "study", "config"), whole=headings)
    for letter, study, side in zip("ab", found.studies, sides, strict=True):
        score = number(side.score) + (f" ± {side.se:.2g}" if side.se is not None else "")
        values = [short_value(side.params[name]) if name in side.params else "" for name in differing]
        table.add_row(*map(plain, (letter, *((study,) if two else ()), side.config_id[:8], str(side.rank), score, *values)))
    console.print(table)
    for line in found.sentences():
        console.print(plain(wrapped(line)))
    for note in found.notes:
        console.print(plain(wrapped(note), style="yellow"))
