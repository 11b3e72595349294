"""`hpsearch import`: another tool's file to a spec."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hpsearch.core.errors import SpecError
from hpsearch.spec.foreign import SYSTEMS, import_file


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where the spec goes [stdout].")
@click.option("--from", "system", type=click.Choice(list(SYSTEMS)), help="Whose file it is [what it looks like].")
@click.option("--strict", is_flag=True, help="Write nothing, and exit with 2, where something has no counterpart.")
@click.option("--force", is_flag=True, help="Replace the output file.")
def import_(file: Path, output: Path | None, system: str | None, strict: bool, force: bool) -> None:
    """Turn a W&B sweep, a Katib Experiment or a Determined experiment into a spec.

    What has no counterpart is listed on stderr, and in the spec as comments; nothing is left out in silence.

    \b
    Examples:
      hpsearch import sweep.yaml -o spec.yaml
      hpsearch import --from katib experiment.yaml > spec.yaml
      hpsearch import sweep.yaml --strict -o spec.yaml
    """
    if output is not None:
        if output.exists() and not force:
            raise SpecError(f"{output} exists already; name another file with -o, or replace it with --force")
        if not output.absolute().parent.is_dir():
            raise SpecError(f"-o {output}: there is no folder {output.absolute().parent}")
    imported = import_file(file, system)
    if strict and imported.lost:
        raise SpecError([replace(lost.problem, message=f"{lost.problem.message} (--strict)") for lost in imported.lost])
    for lost in imported.lost:
        click.echo(f"no counterpart: {lost}", err=True)
    if output is None:
        click.echo(imported.text, nl=False)
    else:
        output.write_text(imported.text, encoding="utf-8")
        click.echo(f"wrote {output}, from {imported.system.title}. Next: hpsearch plan {output}", err=True)
