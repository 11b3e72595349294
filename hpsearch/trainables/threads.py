"""How many threads a trial may use: those that `resources.cpu` gives it, whatever the machine has.

OpenMP's and BLAS's pools are the worker's to bound, once for its process; here is what estimators and other programs are told.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def whole_cpus(cpus: float) -> int:
    """Threads for `cpus`: at least one, and never more than were asked for."""
    return max(1, int(cpus))


def thread_environment(cpus: float) -> dict[str, str]:
    """What tells the libraries of another program how many threads to start."""
    return dict.fromkeys(_VARIABLES, str(whole_cpus(cpus)))


def joblib_threads(cpus: float) -> AbstractContextManager[Any]:
    """A block in which scikit-learn's `n_jobs=None` means `cpus`.

    scikit-learn's estimators are not given n_jobs: some warn when it is set at all. What joblib runs side by side here are
    threads, never processes, which would outlive a worker that is killed.
    """
    count = whole_cpus(cpus)
    if count == 1:
        return nullcontext()
    import joblib  # type: ignore[import-untyped,unused-ignore]  # has no stubs

    context: AbstractContextManager[Any] = joblib.parallel_config(backend="threading", n_jobs=count)
    return context
