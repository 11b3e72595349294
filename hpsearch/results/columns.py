"""The tables' columns and dtypes, in order: the schema that exports carry.

Dtypes never depend on the rows but for `param.*` columns (see `parameters`): an empty study has the same columns as a full
one. Nullable pandas dtypes are used wherever a value can be absent and is no float; in a float column absent is NaN.
"""

from __future__ import annotations

SCHEMA_VERSION = 6

PARAM = "param."
METRIC = "metric."

TIME = "datetime64[us, UTC]"

# `param.*` and `metric.*` columns stand where the marker is.
TRIALS: dict[str, str] = {
    "trial_key": "string",
    "config_id": "string",
    "mlflow_run_id": "string",
    "number": "int64",
    "seed": "int64",
    "status": "string",
    "attempt": "int16",
    PARAM: "",
    METRIC: "float64",
    "started_at": TIME,
    "ended_at": TIME,
    "seconds": "float64",
    "cpu_s": "float64",
    "fit_s": "float64",
    "score_s": "float64",
    "shared": "bool",
    "peak_rss_bytes": "Int64",
    "worker": "string",
    "node": "string",
    "error_kind": "string",
    "error_type": "string",
    "error": "string",
}

EVALUATIONS: dict[str, str] = {
    "study": "string",
    "trial_key": "string",
    "config_id": "string",
    "attempt": "int16",
    "split_id": "string",
    "repeat": "Int32",
    "fold": "Int32",
    "seed": "int64",
    METRIC: "float64",
    "n_train": "Int64",
    "n_test": "Int64",
    "fit_s": "float64",
    "score_s": "float64",
}

CONFIGS: dict[str, str] = {
    "config_id": "string",
    "rank": "Int32",
    PARAM: "",
    "score": "float64",
    "sd": "float64",
    "se": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "in_best_set": "boolean",
    "p_vs_best": "float64",
    "p_best": "float64",
    "rank_low": "Int32",
    "rank_high": "Int32",
    "within_1se": "boolean",
    "n": "int32",
    "n_trials": "int32",
    "n_expected": "int32",
    "complete": "bool",
    "in_spec": "boolean",
    "status": "string",
    METRIC: "float64",
    "seconds": "float64",
    "fit_s": "float64",
    "score_s": "float64",
    "shared": "bool",
    "peak_rss_bytes": "Int64",
}

FAILURES: dict[str, str] = {
    "trial_key": "string",
    "config_id": "string",
    "number": "int64",
    "seed": "int64",
    "attempt": "int16",
    "status": "string",
    "error_kind": "string",
    "error_type": "string",
    "error": "string",
    "traceback": "string",
}

# `value`: a number, or a text of what is none. `n`: the configurations near it.
PARTIAL_DEPENDENCE: dict[str, str] = {"value": "", "mean": "float64", "low": "float64", "high": "float64", "n": "int64"}
SURFACE: dict[str, str] = {"first": "", "second": "", "mean": "float64", "n": "int64"}

# `with`: the parameters that come or go with the one that is changed.
ABLATION: dict[str, str] = {
    "step": "int64",
    "parameter": "string",
    "from": "string",
    "to": "string",
    "with": "string",
    "score": "float64",
    "gain": "float64",
}

# `term`: parameters' names, joined by " x "; in brackets what no parameter explains. Shares are of the target's variance.
IMPORTANCE: dict[str, str] = {
    "term": "string",
    "order": "int8",
    "share": "float64",
    "total": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "method": "string",
    "design": "string",
    "n": "int64",
    "r2_oob": "float64",
    "warnings": "string",
}
