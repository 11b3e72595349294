"""`-v`: more words on stderr, of what happens when, and of where an error came from.

The level of the logger "hpsearch" is what says whether they are wanted: INFO with -v, as it is by default without.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import click

_HELP = "More words: what happens when, and where an error came from."
_FORMAT = "%(asctime)s %(message)s"

_log = logging.getLogger("hpsearch")


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes where stderr is at the moment: a live display puts its own in between, and prints above itself what comes there."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(logging.Formatter(_FORMAT, "%H:%M:%S"))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # the base class keeps the one that it was made with
        return sys.stderr


def is_verbose() -> bool:
    return _log.isEnabledFor(logging.INFO)


def turn_on() -> None:
    if not any(isinstance(handler, _ToStderr) for handler in _log.handlers):
        _log.addHandler(_ToStderr())
        _log.propagate = False
    _log.setLevel(logging.INFO)


def turn_off() -> None:
    """As it was before: a command may be called from Python more than once."""
    for handler in [handler for handler in _log.handlers if isinstance(handler, _ToStderr)]:
        _log.removeHandler(handler)
        _log.propagate = True
        _log.setLevel(logging.NOTSET)


def verbose_option() -> click.Option:
    """For a command that has none yet: `hpsearch -v run` and `hpsearch run -v` are the same."""
    return click.Option(["-v", "--verbose"], is_flag=True, expose_value=False, is_eager=True, callback=_heed, help=_HELP)


def _heed(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        turn_on()


def tell_origin(error: BaseException) -> None:
    """The traceback of an error that is told as a sentence, with what caused it."""
    if is_verbose():
        _log.info("where it came from", exc_info=error)
