"""A case by dask-ml's GridSearchCV, which fits equal beginnings of pipelines once. It has an environment of its own.

python -m benchmarks.peers.dask_ml_grid a

Threads of one process, dask-ml's own default, where fits leave Python's lock alone; two processes of a local cluster where
they hold it, as text does.
"""

from __future__ import annotations

import contextlib
import time
from typing import Any

from benchmarks.cases import Work
from benchmarks.peers.script import Found, found_by_fits, run_script


def search(work: Work, asked: Any) -> Found:
    from dask_ml.model_selection import GridSearchCV

    fits = work.fits()
    began = time.time()
    with contextlib.ExitStack() as stack:
        if work.holds_gil:
            from dask.distributed import Client

            stack.enter_context(Client(n_workers=work.jobs, threads_per_worker=1, dashboard_address=None))
        tool = GridSearchCV(fits.estimator, dict(work.grid), scoring=fits.scoring, cv=fits.splits, n_jobs=work.jobs, refit=False)
        tool.fit(fits.X, fits.y)
        ended = time.time()
    return found_by_fits(tool.cv_results_, work, began, ended)


if __name__ == "__main__":
    run_script("dask-ml", ("dask-ml", "dask"), search)
