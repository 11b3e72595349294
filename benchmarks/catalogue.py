"""All benchmarks by name, in the order of the page."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from benchmarks import goals
from benchmarks.bound import bound
from benchmarks.cases import work_of
from benchmarks.cases.work import SCALE
from benchmarks.common import Plan, Section
from benchmarks.contests import Contest, run_contest
from benchmarks.edges import edges
from benchmarks.importance import importance
from benchmarks.inside import inside
from benchmarks.measures import MEASURES
from benchmarks.million import million
from benchmarks.node_memory import node_memory
from benchmarks.scratch import HERE, ROOT, Scratch

STUDIES = HERE / "studies"
OTHERS = ("dask-ml", "Ray Tune", "Optuna")

CONTESTS = (
    Contest(
        "a",
        "a: an XGBoost grid with the number of rounds among its axes",
        "a",
        STUDIES / "xgboost_grid.yaml",
        "3 depths x 3 learning rates x 2 subsamples x 5 numbers of rounds, 3 folds, 36,000 rows of 30 numbers. One thread a fit, "
        "two fits at once, no refit; so with every tool.",
        goals.faster(3.0),
        once=OTHERS,
    ),
    Contest(
        "b",
        "b: tf-idf and a linear model on 20,000 documents",
        "b",
        STUDIES / "text.yaml",
        "3 values of min_df x 8 of alpha, 3 folds; 20,000 documents of 166 to 834 words out of 60,000 whose frequencies follow "
        "Zipf's law, of two classes. dask-ml, which shares the vectorizer too, has two processes.",
        goals.faster(4.0),
        once=OTHERS,
    ),
    Contest(
        "c",
        "c: a ColumnTransformer and LightGBM",
        "c",
        STUDIES / "mixed_table.yaml",
        "2 numbers of leaves x 2 learning rates x 2 leaf sizes x 5 numbers of rounds, 3 folds; 100,000 rows of 20 numbers with "
        "gaps and 4 columns of categories.",
        goals.faster(2.0),
        once=OTHERS,
    ),
    Contest(
        "d",
        "d: support vector machines on digits, where nothing is shared",
        "d",
        STUDIES / "digits.yaml",
        "16 values of C x 14 of gamma, 10 folds, 1,797 images: what is compared is overhead.",
        goals.no_slower,
        once=OTHERS,
    ),
    Contest(
        "e",
        "e: 20,000 trials that do nothing",
        "e",
        STUDIES / "trivial.yaml",
        "A function that returns a number; to tools for estimators, one whose fit does that, on one split. hpsearch has its "
        "ledger on, and delivers to MLflow beside the search; the others keep results in memory. Ray Tune takes the longer for a "
        "trial the more there are of them, so that running fewer speaks for it.",
        goals.cheap_trials,
        fewer={"Ray Tune": "e_fewer"},
        once=("GridSearchCV", "dask-ml", "Optuna"),
    ),
    Contest(
        "f",
        "f: 2,000 trials that sleep for a second, on 16 logical CPUs",
        "f",
        STUDIES / "sleep.yaml",
        "Sixteen workers on the CPUs there are: a scheduler's idle time is all that there is to see.",
        goals.near_ideal,
        once=("GridSearchCV", *OTHERS),
    ),
    Contest(
        "grid",
        "Digits, against GridSearchCV(n_jobs=2)",
        "demo",
        ROOT / "search_spaces" / "digits_svm.yaml",
        "The demo, search_spaces/digits_svm.yaml: 64 configurations of an SVM, 5 folds. GridSearchCV keeps its results in memory "
        "alone. hpsearch starts Ray, records every fold, delivers every trial to MLflow and writes a report: for a search of "
        "seconds that costs more than the search.",
        goals.faster(0.0),
        peers=("GridSearchCV",),
    ),
)


def contest(which: Contest, place: Scratch, plan: Plan) -> Section:
    # The work is made here too, at the scale of the runs: to know its configurations.
    os.environ[SCALE] = repr(place.scale)
    return run_contest(which, work_of(which.case), place, plan)


BENCHMARKS: dict[str, Callable[[Scratch, Plan], Section]] = {
    **MEASURES,
    "edges": edges,
    "table": node_memory,
    "importance": importance,
    "million": million,
    "bound": bound,
    "inside": partial(inside, tuple(one for one in CONTESTS if one.name in ("a", "b", "c", "d"))),
    **{one.name: partial(contest, one) for one in CONTESTS},
}
