"""Whether an estimator can take a table's columns, as far as that is known before it is fitted.

Missing values, text and sparse matrices are followed through a pipeline: what a step takes is told by scikit-learn's tags;
whether it lets them through, by its name. Where neither says, nothing is reported: a trial may still fail, a good spec is never
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.core.names import listed
from hpsearch.trainables.estimators import Estimator
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.known_names import is_of
from hpsearch.trainables.pipelines import categorical_columns
from hpsearch.trainables.sparsity import is_one_hot, sparse_setting, stacked_sparse
from hpsearch.trainables.table import Table
from hpsearch.trainables.xgboost_inputs import check_frame

# scikit-learn's transformers that hand missing values on, column by column.
_PASSES_MISSING = frozenset(
    {
        "StandardScaler",
        "MinMaxScaler",
        "MaxAbsScaler",
        "RobustScaler",
        "QuantileTransformer",
        "PowerTransformer",
        "FunctionTransformer",
    }
)
_NUMBERS_ALONE = frozenset(
    {"StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "QuantileTransformer", "PowerTransformer"}
)
# Parameters by which an estimator takes missing values that it would not take by default ("nan_euclidean", "zeros").
_MAKES_ROOM = ("metric", "handle_missing")
# And those by which one takes sparse matrices.
_TAKES_SPARSE = ("with_mean", "with_centering", "svd_solver")


@dataclass(frozen=True)
class Columns:
    """What arrives at a step: columns known to hold missing values, and text. None: nobody knows any more.

    `sparse`: where it is surely a sparse matrix, the parameter that would keep it dense.
    """

    missing: frozenset[str]
    text: frozenset[str]
    sparse: str | None = None


def arriving_columns(table: Table) -> Columns:
    """What a table has for the first step. Looks at all of it."""
    return Columns(_missing_columns(table), _text_columns(table))


def check_inputs(base: Estimator, table: Table, varied: Iterable[str], at: str, arriving: Columns) -> None:
    """Raises: Finding at `at`, where missing values or text reach a step that is known not to take them.

    Args:
        varied: names that trials set, "prep__num__strategy"; a step that one of them replaces is not looked at.
        arriving: the table's `arriving_columns`.
    """
    names = frozenset(varied)
    if table.is_text:
        _check_reads_text(base, table, names, at)
    elif hasattr(base, "steps"):
        _through(base.steps, "", arriving, table, names, at)
    elif is_of(base, "xgboost"):
        check_frame(base, table, names, at)
    else:
        _check_taken(base, "", arriving, table, names, at, final=True)


def _check_reads_text(base: Estimator, table: Table, names: frozenset[str], at: str) -> None:
    """Of what comes first: scikit-learn's own classes that read texts are those of one module."""
    steps = [step for step in getattr(base, "steps", [("", base)]) if step[1] != "passthrough"]
    name, first = steps[0]
    if name in names or not (_is_known(first) or is_of(first, "xgboost")):
        return
    if not type(first).__module__.startswith("sklearn.feature_extraction.text"):
        raise Finding(
            f"{at}.{name}" if name else at,
            f": {type(first).__name__} takes numbers, and {listed(table.feature_names)} of {table.name} is running text;"
            " put a sklearn.feature_extraction.text.TfidfVectorizer before it",
        )


def _through(
    steps: list[tuple[str, Any]], prefix: str, arriving: Columns, table: Table, names: frozenset[str], at: str
) -> Columns | None:
    """What leaves a chain of steps; None where that is not known."""
    now: Columns | None = arriving
    for index, (name, step) in enumerate(steps):
        if now is None or f"{prefix}{name}" in names:
            return None
        if step == "passthrough":
            continue
        if step == "drop":
            return Columns(frozenset(), frozenset())
        place = f"{prefix}{name}__"
        if hasattr(step, "transformers"):
            now = _through_columns(step, place, now, table, names, f"{at}.{name}.columns")
        elif hasattr(step, "steps"):
            now = _through(step.steps, place, now, table, names, at)
        else:
            final = index == len(steps) - 1 and not hasattr(step, "transform")
            _check_taken(step, place, now, table, names, at if prefix else f"{at}.{name}", final=final)
            now = _leaving(step, place, now, names)
    return now


def _through_columns(step: Any, prefix: str, arriving: Columns, table: Table, names: frozenset[str], at: str) -> Columns | None:
    left: list[Columns | None] = []
    groups: list[tuple[str, Any, frozenset[str]]] = []
    used: set[str] = set()
    for name, transformer, columns in step.transformers:
        if not isinstance(columns, list):
            return None
        chosen = frozenset(column if isinstance(column, str) else table.feature_names[column] for column in columns)
        used |= chosen
        groups.append((name, transformer, chosen))
        own = Columns(arriving.missing & chosen, arriving.text & chosen)
        left.append(
            _through([(name, transformer)], prefix, own, table, names, f"{at}.{name}") if own.missing or own.text else own
        )
    rest = frozenset(table.feature_names) - used if step.remainder == "passthrough" else frozenset()
    if rest:
        left.append(Columns(arriving.missing & rest, arriving.text & rest))
    missing = frozenset().union(*(part.missing for part in left if part))
    text = frozenset().union(*(part.text for part in left if part))
    return Columns(missing, text, stacked_sparse(groups, len(rest), step.sparse_threshold, prefix, table, names))


def _check_taken(step: Any, prefix: str, arriving: Columns, table: Table, names: frozenset[str], at: str, *, final: bool) -> None:
    from sklearn.utils import get_tags

    kind = type(step).__name__
    tags = get_tags(step).input_tags
    known = _is_known(step)
    densifies = any(f"{prefix}{name}" in names for name in _TAKES_SPARSE)
    if arriving.sparse and known and not tags.sparse and not densifies:
        raise Finding(
            at,
            f": {kind} takes no sparse matrix, and the one-hot columns before it make one;"
            f" set {arriving.sparse}: false in trial.fixed",
        )
    if arriving.sparse and arriving.missing and known and tags.allow_nan and _refuses_missing_in_sparse(step):
        raise Finding(
            at,
            f": {kind} takes missing values, but not in the sparse matrix that the one-hot columns before it make, and"
            f" {table.name} has some in {listed(arriving.missing)}; set {arriving.sparse}: false in trial.fixed, or put a"
            " sklearn.impute.SimpleImputer before it",
        )
    makes_room = any(f"{prefix}{name}" in names for name in _MAKES_ROOM)
    if arriving.missing and known and not tags.allow_nan and not makes_room:
        raise Finding(
            at,
            f": {kind} takes no missing values, and {table.name} has some in {listed(arriving.missing)};"
            " put a sklearn.impute.SimpleImputer before it, or drop the columns",
        )
    if not arriving.text:
        return
    if is_of(step, "xgboost"):
        if not step.enable_categorical and f"{prefix}enable_categorical" not in names:
            raise Finding(
                at,
                f": {listed(arriving.text)} of {table.name} are categories, which {kind} takes only with"
                " enable_categorical: true in trial.fixed; or encode them in a pipeline",
            )
    elif known and (kind in _NUMBERS_ALONE or (final and not _takes_categories(step, tags))):
        raise Finding(
            at,
            f": {kind} takes numbers alone, and {listed(arriving.text)} of {table.name} hold text;"
            " encode them in a pipeline (sklearn.preprocessing.OneHotEncoder), or drop them",
        )


def _takes_categories(step: Any, tags: Any) -> bool:
    return bool(tags.categorical or tags.string or "categorical_features" in step.get_params(deep=False)) or type(
        step
    ).__name__.startswith("Dummy")


def _is_known(step: Any) -> bool:
    """Whether the tags can be believed: scikit-learn's own leaf estimators. One that wraps another says little about it, and
    one that looks at nothing (DummyClassifier, FunctionTransformer) takes what its tags deny."""
    from sklearn.utils import get_tags

    return (
        type(step).__module__.split(".")[0] == "sklearn"
        and not get_tags(step).no_validation
        and not any(hasattr(value, "fit") or isinstance(value, list) for value in step.get_params(deep=False).values())
    )


def _refuses_missing_in_sparse(step: Any) -> bool:
    """Whether a class that takes missing values in arrays refuses them in sparse matrices, as scikit-learn's trees do.

    No tag says so; a fit to four rows does, for the version that is installed.
    """
    from scipy.sparse import csr_matrix

    few = {"n_estimators": 1} if "n_estimators" in step.get_params(deep=False) else {}
    try:
        type(step)(**few).fit(csr_matrix([[np.nan, 1.0], [0.0, 1.0], [1.0, 0.0], [2.0, 0.0]]), [0, 1, 0, 1])
    except ValueError as error:
        return "NaN" in str(error)
    except Exception:  # it wants other data than this: nothing is known
        return False
    return False


def _leaving(step: Any, prefix: str, arriving: Columns, names: frozenset[str]) -> Columns | None:
    kind = type(step).__name__
    if is_one_hot(step):
        return Columns(frozenset(), frozenset(), sparse_setting(step, prefix, names))
    if arriving.sparse:
        return None
    if not arriving.missing and not arriving.text:
        return arriving
    return arriving if kind in _PASSES_MISSING and not arriving.text else None


def _missing_columns(table: Table) -> frozenset[str]:
    X = table.X
    if table.is_frame:
        has = np.array([X[name].hasnans for name in table.feature_names])  # a column at a time
    elif table.is_dense:
        # A sum is NaN where any value is: no array as large as X is made. Infinities may make one too, so look again.
        has = np.isnan(X).any(axis=0) if X.dtype.kind == "f" and np.isnan(X.sum()) else np.zeros(X.shape[1], dtype=bool)
    elif table.is_text:
        return frozenset()  # none is let in
    else:
        return frozenset({"X"}) if X.dtype.kind == "f" and np.isnan(X.data).any() else frozenset()
    return frozenset(name for name, missing in zip(table.feature_names, has, strict=True) if missing)


def _text_columns(table: Table) -> frozenset[str]:
    """Columns with values that are no numbers; categories that are numbers can be read as numbers."""

    def is_text(name: str) -> bool:
        dtype = table.X[name].dtype
        values = dtype.categories if hasattr(dtype, "categories") else table.X[name]
        return any(isinstance(value, str) for value in values[:100])

    return frozenset(name for name in categorical_columns(table) if is_text(name))
