"""`hpsearch schema`."""

from __future__ import annotations

import click

from hpsearch.spec.schema import SHIPPED, as_text


@click.command()
@click.option("--path", is_flag=True, help="Print the path of the file that is installed, and not its content.")
def schema(path: bool) -> None:
    """The spec's JSON Schema, for editors that complete and check YAML.

    \b
    Examples:
      hpsearch schema > spec.schema.json
      hpsearch schema --path
    \b
    An editor with the YAML language server (VS Code with its YAML extension, Neovim, ...) reads it where a spec begins with
      # yaml-language-server: $schema=spec.schema.json
    """
    click.echo(str(SHIPPED) if path else as_text(), nl=path)
