"""The grid of search_spaces/digits_svm.yaml by scikit-learn's GridSearchCV. Runs alone; prints one line of JSON.

python benchmarks/peers/grid_search_cv.py [--jobs 2]

total_s     from the start of this command to the last score: imports, worker processes and data included
search_s    GridSearchCV.fit alone; without a refit, which the search does not do either
scores      mean accuracy of each configuration, by "C gamma", to compare with the search's own
"""

from __future__ import annotations

import time

STARTED = time.time()

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402

# Two worker processes on two cores: more threads in each would only get in each other's way.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

from sklearn.datasets import load_digits  # noqa: E402
from sklearn.model_selection import GridSearchCV, StratifiedKFold  # noqa: E402
from sklearn.svm import SVC  # noqa: E402

# Doubling a double is exact, so these are the very numbers that the spec's `points` give.
GRID = {"kernel": ["rbf"], "C": [0.25 * 2**i for i in range(8)], "gamma": [5e-5 * 2**i for i in range(8)]}


def main() -> None:
    parser = argparse.ArgumentParser(description="GridSearchCV on digits")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--started", type=float, default=STARTED, help="when the command was given, POSIX seconds")
    options = parser.parse_args()

    X, y = load_digits(return_X_y=True)
    splits = StratifiedKFold(5, shuffle=True, random_state=0)
    search = GridSearchCV(SVC(), GRID, scoring="accuracy", cv=splits, n_jobs=options.jobs, refit=False)
    before = time.time()
    search.fit(X, y)
    ended = time.time()

    results = search.cv_results_
    scores = {
        f"{params['C']!r} {params['gamma']!r}": float(score)
        for params, score in zip(results["params"], results["mean_test_score"], strict=True)
    }
    print(
        json.dumps(
            {
                "peer": "GridSearchCV",
                "configurations": len(scores),
                "jobs": options.jobs,
                "total_s": ended - options.started,
                "search_s": ended - before,
                "best": max(scores.values()),
                "scores": scores,
            }
        )
    )


if __name__ == "__main__":
    main()
