"""A case by scikit-learn's GridSearchCV, with as many processes as the case has jobs, and no refit.

python -m benchmarks.peers.grid_search_cv a
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.cases import Work
from benchmarks.peers.script import Found, found_by_fits, run_script


def search(work: Work, asked: Any) -> Found:
    from sklearn.model_selection import GridSearchCV

    fits = work.fits()
    tool = GridSearchCV(
        fits.estimator, dict(work.grid), scoring=fits.scoring, cv=fits.splits, n_jobs=work.jobs, refit=False, error_score="raise"
    )
    began = time.time()
    tool.fit(fits.X, fits.y)
    return found_by_fits(tool.cv_results_, work, began, time.time())


if __name__ == "__main__":
    run_script("GridSearchCV", (), search)
