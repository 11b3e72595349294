"""Where a test may kill the process: `HPSEARCH_FAILPOINT=name` ends it by SIGKILL when it comes by.

Unset (always, outside tests) a fail point costs one look into the environment.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "HPSEARCH_FAILPOINT"


def failpoint(name: str) -> None:
    """Die here, without any clean-up, if the environment names this point."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
