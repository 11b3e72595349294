"""The mirror's process: `python -m hpsearch.tracking`, with what `start_mirror` gives it. Exit status: see MirrorProcess.poll."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sqlite3
import sys

from filelock import FileLock

from hpsearch.core.clock import SystemClock
from hpsearch.core.errors import InfrastructureError
from hpsearch.tracking.rest import wait_for_work
from hpsearch.tracking.settings import Settings
from hpsearch.tracking.source import Source
from hpsearch.tracking.state import MirrorState, remove

_NICENESS = 5  # trials come first on a busy machine
_log = logging.getLogger("hpsearch.tracking")


def main() -> int:
    settings = Settings.parse(sys.argv[1:], os.environ)
    # Nothing this process starts or prints needs the addresses any more, which may hold passwords.
    logging.basicConfig(
        filename=settings.log, level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(message)s", encoding="utf-8"
    )
    for name in ("mlflow", "alembic", "sqlalchemy", "urllib3", "filelock"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they complain of is caught and told by us, once
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    try:
        return _serve(settings)
    except sqlite3.DatabaseError as error:
        _log.error("%s is damaged (%s); it is made anew, and the runs are found by their tags", settings.state, error)
        remove(settings.state)
        return _serve(settings)
    except InfrastructureError as error:
        _log.error("%s", error)
        return 1
    except Exception:
        _log.exception("the mirror has failed; what it delivered is kept, the study's next run goes on from there")
        return 1


def _serve(settings: Settings) -> int:
    """Take the place of any mirror of this study, and follow it."""
    clock = SystemClock()
    with contextlib.closing(MirrorState(settings.state)) as state:
        turn = state.take_turn()
        with (
            FileLock(settings.state.with_name("mirror.lock")),  # an older mirror lets go of it between two batches
            contextlib.closing(Source(settings.ledger, settings.folder, clock)) as source,
        ):
            if state.number("turn") != turn:
                return 1  # a third one came while this one waited
            if not wait_for_work(settings, state, source, clock, turn):
                return 0
            from hpsearch.tracking.mirror import Mirror  # imports mlflow, which takes seconds

            mirror = Mirror(settings, state, source, clock, turn=turn)
            signal.signal(signal.SIGTERM, lambda *_: mirror.stop())
            return 0 if mirror.run() else 1


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    # The driver may be waiting for this process alone: taking MLflow's thousands of modules down takes half a second.
    os._exit(status)
