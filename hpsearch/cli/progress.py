"""Progress on stderr: a live line where it is a terminal, a few plain lines where it is not."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hpsearch.cli.common import number, plural, short_params
from hpsearch.cli.verbosity import is_verbose
from hpsearch.core.clock import Clock, SystemClock
from hpsearch.core.durations import duration
from hpsearch.dispatch.messages import Progress
from hpsearch.tracking import Delivery

_PLAIN_EVERY_S = 10.0

_log = logging.getLogger(__name__)


class Display(Protocol):
    """study.Events, for the time of a `with` block."""

    def __enter__(self) -> Display: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def phase(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def delivered(self, delivery: Delivery) -> None: ...


def make_display(name: str, varying: Sequence[str], *, quiet: bool = False, color: bool = True) -> Display:
    """The display that fits where stderr goes, with every change in words where -v asks for them."""
    console = Console(stderr=True, no_color=not color, highlight=False)
    if quiet:
        return PlainDisplay(name, varying, SystemClock(), quiet=True)
    verbose = is_verbose()
    # With -v the words say all that plain lines would.
    plain = PlainDisplay(name, varying, SystemClock(), quiet=verbose)
    display: Display = LiveDisplay(name, varying, console) if console.is_terminal else plain
    return Narrated(display, varying) if verbose else display


def rate_and_eta(progress: Progress) -> tuple[str, str]:
    """Trials per second of this run, and the time left; empty while unknown."""
    ran = progress.completed + progress.failed
    if not ran or progress.search_s <= 0:
        return "", ""
    rate, left = ran / progress.search_s, progress.left_s
    shown = f"{rate:.1f}/s" if rate >= 0.1 else f"{60 * rate:.1f}/min"
    return shown, "" if left is None else f"ETA {duration(left) if left >= 10 else f'{math.ceil(left)} s'}"


def counts_line(progress: Progress, varying: Sequence[str]) -> str:
    """`42/64 done, 2 running, 1 failed, best 0.9872 (C=3.7 gamma=0.001)`."""
    total = f"/{progress.total:,}" if progress.total is not None else ""
    parts = [f"{progress.done:,}{total} done", f"{progress.running} running", f"{progress.failed:,} failed"]
    if progress.reused:
        parts.append(f"{progress.reused:,} from before")
    if progress.best_score is not None and progress.best_params is not None:
        params = short_params(progress.best_params, varying)
        parts.append(f"best {number(progress.best_score)}{f' ({params})' if params else ''}")
    return ", ".join(parts)


class PlainDisplay:
    """A line for each phase, then one every ten seconds and at the end."""

    def __init__(self, name: str, varying: Sequence[str], clock: Clock, *, quiet: bool = False) -> None:
        self._name = name
        self._varying = varying
        self._clock = clock
        self._quiet = quiet
        self._said_at = float("-inf")
        self._said = ""

    def __enter__(self) -> Display:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def phase(self, text: str) -> None:
        self._say(text)

    def warn(self, text: str) -> None:
        print(f"{self._name}: warning: {text}", file=sys.stderr, flush=True)

    def progress(self, progress: Progress) -> None:
        if progress.finished or self._clock.monotonic() - self._said_at >= _PLAIN_EVERY_S:
            rate, eta = rate_and_eta(progress)
            self._say(
                ", ".join(part for part in (counts_line(progress, self._varying), rate, "" if progress.finished else eta) if part)
            )

    def delivered(self, delivery: Delivery) -> None:
        if delivery.pending and self._clock.monotonic() - self._said_at >= _PLAIN_EVERY_S:
            self._say(f"MLflow has {plural(delivery.delivered, 'trial')}, {delivery.pending:,} to go")

    def _say(self, text: str) -> None:
        self._said_at = self._clock.monotonic()
        if not self._quiet and text != self._said:
            self._said = text
            print(f"{self._name}: {text}", file=sys.stderr, flush=True)


class Narrated:
    """A display that also logs each phase, each change of the counts, and the first error as soon as it is there."""

    def __init__(self, inner: Display, varying: Sequence[str]) -> None:
        self._inner = inner
        self._varying = varying
        self._said = ""
        self._error: str | None = None

    def __enter__(self) -> Display:
        self._inner.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._inner.__exit__(kind, error, trace)

    def phase(self, text: str) -> None:
        self._say(text)
        self._inner.phase(text)

    def warn(self, text: str) -> None:
        self._inner.warn(text)

    def progress(self, progress: Progress) -> None:
        self._say(counts_line(progress, self._varying))
        if progress.first_error != self._error:
            self._error = progress.first_error
            self._say(f"the first error: {progress.first_error}")
        self._inner.progress(progress)

    def delivered(self, delivery: Delivery) -> None:
        late = f" ({delivery.error})" if delivery.error else ""
        self._say(f"MLflow has {plural(delivery.delivered, 'trial')}, {delivery.pending:,} to go{late}")
        self._inner.delivered(delivery)

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            _log.info("%s", text)


class LiveDisplay:
    """Two lines that change: a bar with counts and ETA, and what is going on or best so far."""

    def __init__(self, name: str, varying: Sequence[str], console: Console) -> None:
        self._name = name
        self._varying = varying
        self._console = console
        self._phase = "starting"
        self._progress: Progress | None = None
        self._live = Live(self._render(), console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> Display:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.update(self._render(), refresh=True)
        self._live.stop()

    def phase(self, text: str) -> None:
        self._phase = text
        self._live.update(self._render())

    def warn(self, text: str) -> None:
        self._console.print(Text(f"warning: {text}", style="yellow"))

    def progress(self, progress: Progress) -> None:
        self._progress = progress
        if progress.completed or progress.failed:
            self._phase = "finishing" if progress.finished else "ending, as asked" if progress.draining else ""
        self._live.update(self._render())

    def delivered(self, delivery: Delivery) -> None:
        self._phase = f"delivering to MLflow: {plural(delivery.pending, 'trial')} to go" if delivery.pending else ""
        if delivery.error:
            self._phase += f" ({delivery.error})"
        self._live.update(self._render())

    def _render(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        progress = self._progress
        if progress is None or progress.total is None:
            grid.add_row(Text(self._name, style="bold"), Text(self._phase, style="dim"))
            return grid
        rate, eta = rate_and_eta(progress)
        counts = Text(f"{progress.done:,}/{progress.total:,}")
        counts.append(f"  {progress.running} running", style="cyan")
        counts.append(f"  {progress.failed:,} failed", style="red" if progress.failed else "dim")
        bar = ProgressBar(total=max(1, progress.total), completed=progress.done, width=30)
        grid.add_row(Text(self._name, style="bold"), bar, counts, rate, "" if progress.finished else eta)
        below = Table.grid()
        below.add_row(grid)
        line = Text()
        if progress.best_score is not None and progress.best_params is not None:
            line.append("best ", style="dim")
            line.append(number(progress.best_score), style="bold green")
            line.append(f"  {short_params(progress.best_params, self._varying)}")
        line.append(f"   {self._phase}" if self._phase else "", style="dim")
        below.add_row(line)
        return below
