"""The entry point: commands by name, imported when called; errors turned into sentences and exit codes."""

from __future__ import annotations

import atexit
import contextlib
import errno
import importlib
import os
import sys
import traceback

import click

from hpsearch import __version__
from hpsearch.cli.verbosity import tell_origin, turn_off, verbose_option
from hpsearch.core.errors import HpsearchError, InfrastructureError, SpecError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})  # of a disk that takes no more

# name: (module, attribute, the line that --help shows)
COMMANDS = {
    "run": ("run", "run", "Run what is missing of a study, show progress, print the ranking."),
    "plan": ("plan", "plan", "Count what a spec amounts to; check it. Starts nothing."),
    "try": ("try_", "try_", "One trial in this process, for a debugger."),
    "init": ("init", "init", "Write a first spec."),
    "import": ("import_", "import_", "A W&B sweep, Katib or Determined file to a spec."),
    "status": ("studies", "status", "How a running or finished study stands."),
    "list": ("studies", "list_", "All studies."),
    "results": ("results", "results", "The ranking, as a whole or in part; what matters; trade-offs."),
    "show": ("show", "show", "One configuration or trial: parameters, folds, attempts, traceback."),
    "best": ("results", "best", "The parameters to use, and nothing else."),
    "compare": ("compare", "compare", "Two configurations of a study, or the best of two studies."),
    "report": ("results", "report", "One self-contained HTML page: ranking and plots."),
    "export": ("export", "export", "A study for Optuna's dashboard."),
    "ui": ("ui", "ui", "MLflow's UI on the study's store, opened at its runs."),
    "rm": ("studies", "rm", "Delete a study. Asks first."),
    "schema": ("schema", "schema", "The spec's JSON Schema, for editors."),
    "doctor": ("doctor", "doctor", "What is installed, reachable and wrong."),
}


class LazyGroup(click.Group):
    """Knows its commands' names and first lines; imports a command when it is called or asked for its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"hpsearch.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        if all(param.name != "verbose" for param in command.params):
            command.params.append(verbose_option())
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        from hpsearch.core.names import did_you_mean

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            # The nearest that deletes nothing: `rum` is nearer to rm than to run.
            harmless = did_you_mean(args[0], COMMANDS.keys() - {"rm"}) or did_you_mean(args[0], COMMANDS)
            raise SpecError(f"there is no command {args[0]!r}{harmless} (hpsearch --help lists them)")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    params=[verbose_option()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.version_option(__version__, prog_name="hpsearch")
def cli() -> None:
    """Hyperparameter search from one YAML file: embarrassingly parallel trials, every one of them in MLflow.

    \b
    Examples:
      hpsearch run search_spaces/digits_svm.yaml       run a study; run it again to continue
      hpsearch plan search_spaces/digits_svm.yaml      how many trials, and is the spec right?
      hpsearch results digits-svm --top 5              the ranking
      hpsearch best digits-svm --format json           the parameters to use
      hpsearch ui digits-svm                           compare the trials in MLflow
    """


def main() -> None:
    """Runs the command and exits: 0 done, 1 internal, 2 wrong input, 3 failed trials, 4 infrastructure, 5 held, 130 stopped."""
    _open_streams()
    ended: list[int] = []
    atexit.register(_leave, ended)
    ended.append(run_command())
    if not _ray_has_ended():
        _leave(ended)
    sys.exit(ended[0])


def _open_streams() -> None:
    """In place of streams that whoever started this process has closed (None in Python), those that hold nothing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _ray_has_ended() -> bool:
    """Whether nothing of Ray holds this process any more. Waits for that in reason, and until Ctrl-C.

    A Ray whose processes a signal has taken while it started would go on trying to reach them for a minute. What is left of
    one when this process leaves ends with it.
    """
    ours = sys.modules.get("hpsearch.execution.ray_session")
    try:
        return ours is None or ours.RaySession.has_ended()
    except KeyboardInterrupt:
        return False


def _leave(ended: list[int]) -> None:
    """The last thing at exit, being registered first. What would follow, for two seconds, takes down thousands of modules."""
    with contextlib.suppress(OSError, ValueError):  # else the interpreter says what is wrong with them
        sys.stdout.flush()
        sys.stderr.flush()
        if ended:
            os._exit(ended[0])


def run_command() -> int:
    """Runs the command that sys.argv holds, and gives its exit code. For whoever is a process of his own: `main` ends it."""
    try:
        code = cli(prog_name="hpsearch", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except HpsearchError as error:
        tell_origin(error)
        click.echo(f"{'' if isinstance(error, SpecError) and error.problems[0].file else 'error: '}{error}", err=True)
        return error.exit_code
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.Abort:
        click.echo("\naborted", err=True)  # Ctrl-C, no, or no answer to a question
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return SpecError.exit_code
    except click.ClickException as error:
        click.echo(f"error: {_sentence(error)}", err=True)
        return SpecError.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _forget_output()  # whoever read it (head, less) has seen enough
        return 0
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            _forget_output()
            click.echo(f"error: {error.filename or 'the output'} cannot be written: {error.strerror}", err=True)
            return InfrastructureError.exit_code
        traceback.print_exc()
        click.echo("error: this is a defect of hpsearch, not of your spec; please report it with the lines above", err=True)
        return 1
    finally:
        turn_off()


def _forget_output() -> None:
    """Leaves nothing for the interpreter to flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(error: click.ClickException) -> str:
    """What click found wrong with the command line, with the nearest option and the place that lists them."""
    said = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        near = f"; did you mean {error.possibilities[0]}?" if error.possibilities else ""
        said = f"there is no option {error.option_name}{near}"
    context = error.ctx if isinstance(error, click.UsageError) else None
    return said if context is None else f"{said} ({context.command_path} --help tells more)"


if __name__ == "__main__":
    main()
