"""What commands share: options, consoles, and the study a name means."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from hpsearch.core.names import legible
from hpsearch.core.values import Params, Value, json_value
from hpsearch.ledger.folder import StudyFolder, find_study, studies_dir

_WIDTH = 80  # of a terminal that nobody has widened

F = TypeVar("F", bound=Callable[..., Any])


def dir_option(command: F) -> F:
    """`--dir`, else HPSEARCH_DIR, else ./studies."""
    return click.option(
        "--dir",
        "directory",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where studies are kept [HPSEARCH_DIR, ./studies].",
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="JSON on stdout, and nothing else there.")(command)


def color_option(command: F) -> F:
    return click.option("--no-color", is_flag=True, help="Plain text [NO_COLOR].")(command)


def set_option(command: F) -> F:
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="PATH=VALUE",
        help="Change the spec: --set space.max_depth=[3,5]. Repeatable.",
    )(command)


def complete_study(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of studies, for the shell."""
    from hpsearch.ledger.folder import studies_in

    return [folder.name for folder in studies_in(studies_dir(ctx.params.get("directory"))) if folder.name.startswith(incomplete)]


def study_argument(command: F) -> F:
    return click.argument("study", shell_complete=complete_study)(command)


def spec_argument(command: F) -> F:
    return click.argument("spec", type=click.Path(path_type=Path))(command)


def folder_of(study: str, directory: Path | None) -> StudyFolder:
    return find_study(study, studies_dir(directory))


def as_json_text(value: object) -> str:
    """Strict JSON, ended by a line end."""
    return json.dumps(value, indent=2, default=str, allow_nan=False) + "\n"


def print_json(value: object) -> None:
    click.echo(as_json_text(value), nl=False)


def whole(count: int) -> str:
    """ "2,000"; beyond what anybody reads digit by digit "1.234e+40"."""
    return f"{count:,}" if abs(count) < 10**18 else f"{Decimal(count):.3e}"


def plural(count: int, noun: str) -> str:
    """ "1 trial", "2,000 trials"."""
    return f"{whole(count)} {noun}{'' if count == 1 else 's'}"


def wrapped(text: str, width: int = _WIDTH) -> str:
    """A sentence on as many lines of a terminal as it takes, the later ones set in by two more than the first."""
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.fill(text.lstrip(), width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)


def number(value: float | None, digits: int = 6) -> str:
    """A score in so many significant digits."""
    return "-" if value is None else f"{value:.{digits}g}"


def short_value(value: Value) -> str:
    """A parameter's value in little room."""
    if isinstance(value, float):
        text = f"{value:.4g}"
        return f"{text}.0" if text.lstrip("-").isdigit() else text  # 1 and 1.0 are two values
    return legible(value) if isinstance(value, str) else json.dumps(_plain(value), default=str)


def short_text(text: str) -> str:
    """A value's text, a float in as many digits as the ranking shows."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return short_value(value) if isinstance(value, float) else text


def short_params(params: Params, names: Sequence[str]) -> str:
    """`C=10 gamma=0.001`: the parameters that vary."""
    return " ".join(f"{legible(name)}={short_value(params[name])}" for name in names if name in params)


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def params_as_json(params: Params) -> dict[str, object]:
    """Parameters for strict JSON."""
    return {name: json_value(value) for name, value in params.items()}


def finite(scores: Mapping[str, float]) -> dict[str, float | None]:
    """Scores for strict JSON, which has no word for NaN and infinities."""
    return {name: value if math.isfinite(value) else None for name, value in scores.items()}
