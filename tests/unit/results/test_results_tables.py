"""The tables: typed, stable, exact."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from results_builders import Study

from hpsearch.core.trial import Status
from hpsearch.ledger import TrialColumns
from hpsearch.results.columns import CONFIGS, EVALUATIONS, METRIC, PARAM, TRIALS
from hpsearch.results.parameters import cell_text, parameter_column
from hpsearch.results.tables import build_tables


@pytest.mark.parametrize(
    ("values", "dtype", "cells"),
    [
        ([1, 2, 3], "Int64", [1, 2, 3]),
        ([0.5, 2.0], "Float64", [0.5, 2.0]),
        ([0, 0.1], "Float64", [0.0, 0.1]),
        ([True, False], "boolean", [True, False]),
        (["rbf", "poly"], "string", ["rbf", "poly"]),
        ([1, 1.0], "string", ["1", "1.0"]),
        ([3, None], "string", ["3", "null"]),
        ([True, 1], "string", ["true", "1"]),
        ([(1, 2), (1, 1)], "string", ["[1,2]", "[1,1]"]),
        ([{"a": 1}], "string", ['{"a":1}']),
        ([2**70, 1], "string", [str(2**70), "1"]),
        ([2**2000, 0.5], "string", [str(2**2000), "0.5"]),
        ([math.nan, 1.0], "string", [".nan", "1.0"]),
        ([math.inf, 1.0], "string", [".inf", "1.0"]),
    ],
)
def test_a_parameters_column_keeps_its_values_apart(values: list[object], dtype: str, cells: list[object]) -> None:
    """1 and 1.0, 3 and null are different settings: merged in a column, one of two configurations would vanish."""
    column = parameter_column("p", [{"p": value} for value in values])  # type: ignore[dict-item]
    assert column.dtype == dtype
    assert column.tolist() == cells


def test_an_absent_parameter_is_null_and_null_is_not_absent() -> None:
    """An inactive parameter must not look like one set to nothing."""
    assert parameter_column("p", [{"p": 1}, {}]).isna().tolist() == [False, True]
    assert parameter_column("p", [{"p": None}, {}]).isna().tolist() == [False, True]
    assert parameter_column("p", [{"p": 1}, {}]).dtype == "Int64"
    assert cell_text(pd.NA) == "–"


def test_dtypes_are_the_schemas_for_full_and_empty_studies() -> None:
    """A notebook that works on one study works on the next, and on one that has only begun."""
    full = Study()
    full.add({"C": 1.0}, folds=[0.5, 0.6])
    full.fail({"C": -1.0})
    full.add({"C": 2.0}, status=Status.RUNNING)
    for study in (full, Study()):
        results = study.results()
        for table, schema in ((results.trials, TRIALS), (results.configs, CONFIGS), (results.evaluations, EVALUATIONS)):
            fixed = {name: dtype for name, dtype in schema.items() if name not in (PARAM, METRIC)}
            assert {name: str(table[name].dtype) for name in fixed} == fixed
            named = [name for name in table.columns if not name.startswith((PARAM, METRIC))]
            assert named == list(fixed)


def test_trials_hold_what_the_ledger_holds() -> None:
    """Times in UTC to the microsecond, metrics by name, in the order of first commit."""
    study = Study()
    study.add({"C": 2}, 0.5, metrics={"auc": 0.7}, seconds=1.25)
    study.add({"C": 1}, 0.6, seconds=0.5)
    trials = study.results().trials
    assert trials["param.C"].tolist() == [2, 1]
    assert trials["started_at"].iloc[0] == pd.Timestamp("2023-11-14T22:13:20Z")
    assert (trials["ended_at"] - trials["started_at"]).dt.total_seconds().tolist() == [1.25, 0.5]
    assert trials["metric.auc"].tolist()[0] == 0.7
    assert math.isnan(trials["metric.auc"].iloc[1])


def test_evaluations_are_the_splits_of_completed_trials() -> None:
    """Each score of the ranking can be traced to its fold; a trial without splits stands for itself."""
    study = Study()
    study.add({"C": 1}, folds=[0.5, 0.7])
    study.add({"C": 2}, 0.9)
    study.add({"C": 3}, folds=[0.1, 0.1], status=Status.FAILED)
    evaluations = study.results().evaluations
    assert evaluations["split_id"].tolist() == ["r0f0", "r0f1", pd.NA]
    assert evaluations["metric.accuracy"].tolist() == [0.5, 0.7, 0.9]
    assert evaluations["n_train"].tolist() == [80, 80, pd.NA]


def test_texts_that_are_no_utf8_are_kept_readable() -> None:
    """A file name in an old encoding, in a value or in an error, must not cost the whole ranking."""
    study = Study()
    study.add({"C": "caf\udce9"}, 0.5)
    study.fail({"C": "b"}, "OSError", "no such file: caf\udce9")
    results = study.results()
    assert results.trials["param.C"].tolist() == ["caf\\udce9", "b"]
    assert results.failures["error"].tolist() == ["no such file: caf\\udce9"]


def test_failures_keep_their_words() -> None:
    """Without the traceback a user must run the trial again to see why."""
    study = Study()
    study.fail({"C": -1}, "ValueError", "C is negative")
    study.add({"C": 1}, 0.5)
    failures = study.results().failures
    assert failures[["error_kind", "error_type", "error"]].iloc[0].tolist() == ["error", "ValueError", "C is negative"]
    assert failures["traceback"].iloc[0].startswith("Traceback")
    assert len(failures) == 1


def test_one_traceback_is_kept_for_each_type_of_error() -> None:
    """Thousands of trials fail alike, each in words of its own: together they would fill the memory."""
    study = Study()
    for c in range(3):
        study.fail({"C": c}, "ValueError", f"{c} is bad")
    study.fail({"C": 9}, "KeyError", "'C'")
    failures = study.results().failures
    assert failures["error"].tolist() == ["0 is bad", "1 is bad", "2 is bad", "'C'"]
    assert failures["traceback"].notna().tolist() == [True, False, False, True]
    first = [group.traceback.splitlines()[-1] for group in study.results().failure_groups()]
    assert first == ["ValueError: 0 is bad", "KeyError: 'C'"]


def test_forty_thousand_folds_fit() -> None:
    """Leave-one-out on a large table."""
    study = Study()
    study.add({"C": 1}, folds=[0.5] * 40_000)
    assert study.results().evaluations["fold"].max() == 39_999


def test_twenty_thousand_configurations_are_all_ranked() -> None:
    """Nothing is cut off at a thousand, as it is in other tools."""
    study, rng = Study(), np.random.default_rng(0)
    for index in range(20_000):
        study.add({"C": index, "gamma": float(index), "kernel": "rbf"}, folds=rng.normal(0.9, 0.01, 2).tolist())
    assert study.results().n_ranked == 20_000


def test_splits_of_what_has_not_completed_are_left_out_with_their_metrics() -> None:
    study = Study(varying=("C",))
    study.add({"C": 1}, folds=[0.5, 0.6])
    failed = study.add({"C": 2}, folds=[0.7], status=Status.FAILED)
    only = replace(study.splits[-1].split, scores={"another": 1.0})
    study.splits[-1] = replace(study.splits[-1], split=only)
    found = study.tables().evaluations
    assert failed.key not in set(found["trial_key"])
    assert [name for name in found.columns if name.startswith(METRIC)] == ["metric.accuracy"]


def test_the_order_in_which_records_come_is_nothing() -> None:
    """Another database may hand them over in another; tables and configurations are in that of first commits."""
    study = Study(varying=("C",))
    for c in (3, 1, 2):
        study.add({"C": c}, folds=[0.5, 0.6], seed=c)
        study.add({"C": c}, 0.7, seed=c + 1, metrics={f"m{c}": 1.0})
    study.fail({"C": 3}, seed=9)
    study.fail({"C": 4}, "KeyError", seed=9)
    tables = study.tables()
    backwards = TrialColumns.of(study.trials[::-1], study.splits[::-1])
    other = build_tables("example", [backwards], traceback_of=lambda key: next(t.traceback for t in study.trials if t.key == key))
    for name in ("trials", "evaluations", "failures"):
        pd.testing.assert_frame_equal(getattr(other, name), getattr(tables, name), check_like=True)
    assert list(other.params.items()) == list(tables.params.items())
    assert other.trial_configs.tolist() == tables.trial_configs.tolist()
