"""`hpsearch run`."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from hpsearch.cli.common import color_option, dir_option, json_option, plural, print_json, set_option, spec_argument
from hpsearch.cli.progress import make_display
from hpsearch.cluster import resolve
from hpsearch.core.durations import duration
from hpsearch.core.errors import HpsearchError
from hpsearch.execution.job import Control
from hpsearch.ledger.folder import studies_dir
from hpsearch.spec import StudySpec
from hpsearch.study import Options, RunSummary, load, open_spec
from hpsearch.study import run as run_study
from hpsearch.tracking.uris import shown


@click.command()
@spec_argument
@dir_option
@set_option
@json_option
@click.option("--address", help="A Ray cluster: HOST:PORT, or auto for one on this machine [RAY_ADDRESS; else a local Ray].")
@click.option("--cpus", type=click.IntRange(min=1), help="CPUs of the local Ray [all of the machine's].")
@click.option("--no-wait", is_flag=True, help="Leave what MLflow has not got yet to its mirror, and return.")
@click.option("--yes", is_flag=True, help="Do not ask, however many trials.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; warnings and errors only.")
@color_option
def run(
    spec: Path,
    directory: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
    address: str | None,
    cpus: int | None,
    no_wait: bool,
    yes: bool,
    quiet: bool,
    no_color: bool,
) -> None:
    """Run what is missing of the study SPEC, show progress, print the ranking.

    Run it again to continue; edit the spec, and only what is new is run. Ctrl-C once gives running trials five seconds to end,
    twice ends at once; either way nothing recorded is lost.

    \b
    Examples:
      hpsearch run search_spaces/digits_svm.yaml
      hpsearch run spec.yaml --set 'space.max_depth=[3, 5]'
      hpsearch run spec.yaml --address auto
    """
    loaded = open_spec(spec, overrides=overrides)
    options = Options(studies_dir(directory), resolve(address, os.environ), wait=not no_wait, cpus=cpus)
    _ask_if_large(loaded.name, _trials(loaded), yes)
    control = Control()
    display = make_display(loaded.name, loaded.space.varying, quiet=quiet, color=not no_color)
    with _signals(control), display:
        summary = run_study(loaded, options, events=display, control=control)
    _render(summary, loaded.report.top, as_json, quiet, no_color)
    if summary.error is not None:
        raise summary.error


def _trials(spec: StudySpec) -> int:
    size = spec.space.admitted.count if spec.search.method == "grid" else spec.search.trials or 0
    return size * len(spec.repeat.seeds)


def _ask_if_large(name: str, trials: int, yes: bool) -> None:
    if trials > 100_000 and not yes:
        click.confirm(f"{name} has {trials:,} trials. Run them all?", abort=True, err=True)


@contextmanager
def _signals(control: Control) -> Iterator[None]:
    """The first Ctrl-C, SIGTERM or closed terminal lets what runs end; the second does not wait for it."""

    def handle(number: int, frame: FrameType | None) -> None:
        if control.draining:
            control.cancel()
        else:
            control.drain()
            with contextlib.suppress(OSError):  # the terminal may be what has gone
                click.echo("\nending: what runs may finish for a few seconds (again to end at once)", err=True)

    heeded = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup the terminal may close
        heeded.append(signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _render(summary: RunSummary, top: int, as_json: bool, quiet: bool, no_color: bool) -> None:
    from hpsearch.cli.render import print_ranking  # brings pandas and scipy: imported by now, and slow to be so at the start

    folder, progress = summary.folder, summary.progress
    ran = progress.completed + progress.failed if progress else 0
    try:
        results = load(folder.name, folder.path.parent)
    except HpsearchError:
        if summary.error is None:
            raise
        return
    if as_json:
        rows = results.to_json_rows(top=1)
        print_json(
            {
                "study": folder.name,
                "state": summary.state.value,
                "ran": ran,
                "failed": progress.failed if progress else 0,
                "reused": summary.reused,
                "best": rows[0] if rows and rows[0]["rank"] is not None else None,
                "mlflow": {
                    "uri": shown(summary.tracking_uri),
                    "delivered": summary.delivery.delivered,
                    "pending": summary.delivery.pending,
                },
                "path": str(folder.path),
            }
        )
        return
    print_ranking(results, results.rank(top=min(top, 10)), color=not no_color)
    if quiet:
        return
    took = f" in {duration(progress.search_s)}" if progress and ran else ""
    before = f", {plural(summary.reused, 'trial')} from before" if summary.reused else ""
    kept = summary.reused_failed
    again = f"\n{plural(kept, 'failed trial')} kept from before; to run them again: --set reuse.failed=rerun" if kept else ""
    late = f" ({plural(summary.delivery.pending, 'trial')} still on the way)" if summary.delivery.pending else ""
    did = f"{plural(ran, 'trial')}{took}{before}" if ran or not before else f"nothing to run{before}"
    click.echo(
        f"\n{did}. Where to look next:\n"
        f"  hpsearch ui {folder.name:<22} compare the trials in MLflow{late}\n"
        f"  hpsearch results {folder.name:<17} the ranking (--top N); show, best for one of it\n"
        f"  {folder.report}{again}"
    )
