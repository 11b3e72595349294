"""`hpsearch status`, `list` and `rm`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from hpsearch.cli.common import (
    complete_study,
    dir_option,
    folder_of,
    json_option,
    number,
    plural,
    print_json,
    short_params,
    study_argument,
)
from hpsearch.core.errors import HpsearchError
from hpsearch.core.names import legible
from hpsearch.core.trial import Status
from hpsearch.ledger.folder import StudyFolder, studies_dir
from hpsearch.study import StudyStatus, UnreadableStudy, remove, statuses
from hpsearch.study import status as study_status


@click.command()
@click.argument("study", required=False, shell_complete=complete_study)
@dir_option
@json_option
def status(study: str | None, directory: Path | None, as_json: bool) -> None:
    """How STUDY stands, running or finished; without a name, every study under --dir.

    \b
    Examples:
      hpsearch status digits-svm
      watch hpsearch status digits-svm
    """
    found = [study_status(folder_of(study, directory))] if study else list(statuses(studies_dir(directory)))
    if as_json:
        print_json(_as_json(found[0]) if study else [_as_json(one) for one in found])
        return
    for one in found:
        _print(one)
    if not found:
        click.echo(f"no study under {studies_dir(directory)} yet")


@click.command("list")
@dir_option
@json_option
def list_(directory: Path | None, as_json: bool) -> None:
    """All studies under --dir.

    \b
    Examples:
      hpsearch list
      hpsearch list --json | jq -r '.[] | select(.state != "COMPLETED") | .name'
    """
    found = list(statuses(studies_dir(directory)))
    if as_json:
        print_json(
            [
                {
                    "name": one.folder.name,
                    "state": _state(one),
                    "trials": 0 if isinstance(one, UnreadableStudy) else _done(one.trials),
                    "best": None if isinstance(one, UnreadableStudy) else one.best,
                    "path": str(one.folder.path),
                }
                for one in found
            ]
        )
        return
    width = max((len(one.folder.name) for one in found), default=0)
    for one in found:
        told = one.reason if isinstance(one, UnreadableStudy) else f"{_done(one.trials):>7,} trials  best {number(one.best)}"
        click.echo(f"{one.folder.name:<{width}}  {_state(one):<11}  {told}")
    if not found:
        click.echo(f"no study under {studies_dir(directory)} yet; `hpsearch run SPEC` makes one")


@click.command()
@study_argument
@dir_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def rm(study: str, directory: Path | None, yes: bool) -> None:
    """Delete STUDY: its folder with ledger, logs and report. Its runs in MLflow stay.

    \b
    Examples:
      hpsearch rm old-study
      hpsearch rm old-study --yes
    """
    folder = folder_of(study, directory)
    if not yes:
        click.confirm(f"Delete {folder.path} with {_content(folder)}?", abort=True, err=True)
    remove(folder)
    click.echo(f"deleted {folder.path}", err=True)


def _content(folder: StudyFolder) -> str:
    try:
        found = study_status(folder)
        return f"the results of {plural(_done(found.trials) + _done(found.earlier), 'trial')}"
    except HpsearchError:
        return "a ledger that cannot be read"


def _state(one: StudyStatus | UnreadableStudy) -> str:
    return "UNREADABLE" if isinstance(one, UnreadableStudy) else one.state.value


def _done(trials: Mapping[Status, int]) -> int:
    return sum(count for status, count in trials.items() if status.is_final)


def _as_json(one: StudyStatus | UnreadableStudy) -> dict[str, object]:
    if isinstance(one, UnreadableStudy):
        return {"name": one.folder.name, "state": "UNREADABLE", "error": one.reason, "path": str(one.folder.path)}
    return {
        "name": one.folder.name,
        "state": one.state.value,
        "trials": {status.value: one.trials.get(status, 0) for status in Status},
        "earlier": {status.value: one.earlier.get(status, 0) for status in Status},
        "planned": one.planned,
        "best": one.best,
        "mlflow": {"delivered": one.delivery.delivered, "pending": one.delivery.pending, "error": one.delivery.error},
        "holder": one.holder,
        "path": str(one.folder.path),
    }


def _print(one: StudyStatus | UnreadableStudy) -> None:
    if isinstance(one, UnreadableStudy):
        click.echo(f"{one.folder.name}: cannot be read\n  {one.reason}")
        return
    counts = ", ".join(f"{count:,} {status.value.lower()}" for status, count in sorted(one.trials.items()) if count)
    planned = f" of {one.planned:,} trials" if one.planned is not None else ""
    earlier = sum(one.earlier.values())
    more = f"; {earlier:,} more from earlier forms of the spec" if earlier else ""
    click.echo(f"{one.folder.name}: {one.state.value}{f' by {one.holder}' if one.holder else ''}")
    click.echo(f"  {counts or 'nothing recorded'}{planned}{more}")
    if one.best is not None and one.best_params is not None:
        click.echo(f"  best {number(one.best)}  {short_params(one.best_params, list(one.best_params))}")
    if one.delivery.pending or one.delivery.error:
        why = legible(one.delivery.error or "")
        click.echo(f"  MLflow has {plural(one.delivery.delivered, 'trial')}, {one.delivery.pending:,} to go {why}")
    else:
        click.echo(f"  MLflow has all {plural(one.delivery.delivered, 'trial')}")
