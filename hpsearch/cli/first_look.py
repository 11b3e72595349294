"""What a first look at a table shows: what its columns are, which of them say nothing of other rows, and what the target is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from hpsearch.core.errors import SpecError
from hpsearch.core.names import listed
from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding

PARQUET = (".parquet", ".pq")
# A target of whole numbers with more values than these is a quantity, not a class.
_MOST_CLASSES = 20
# A text that differs in more than this share of the rows tells one row from another, and nothing else.
_NEARLY_ALL = 0.9
# With fewer rows than these, a text is different in each by chance.
_FEW_ROWS = 10
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
    r"|(\d{1,2}\.? )?[A-Z][a-z]{2,8}\.? (\d{1,2},? )?\d{4}"
)
_DATES_LOOKED_AT = 1000
_ID_NAME = re.compile(
    r"(.*[^a-z])?(id|ids|uuid|guid|key|idx|index|row|nr|no|number)[^a-z]*|.*[a-z](Id|ID|Key|No|Nr)|Unnamed: \d+"
)


@dataclass(frozen=True)
class Look:
    """What the table holds besides the target, and what kind of target that is.

    Attributes:
        numbers, texts: the features' names, as a pipeline tells them apart (booleans are numbers).
        left_out: columns that no model should see, with the reason.
        most_categories: of any text.
        classes: how many labels the target has, None where it is a quantity; `smallest`: rows of the rarest label, else of all.
    """

    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    left_out: Mapping[str, str]
    most_categories: int
    classes: int | None
    smallest: int


def source_of(table: Path, path: str) -> DataSpec:
    """The data block that reads the table, which lies at `path` for the spec."""
    if table.suffix in PARQUET:
        return DataSpec(kind="parquet", source=escape(path))  # brackets in a file's name are no pattern
    return DataSpec(kind="csv", source=path)


def column_names(table: Path) -> tuple[str, ...]:
    """Raises: SpecError, where the file is no table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hpsearch.trainables.sources.csv_file import header_of

    if not table.is_file():
        raise SpecError(f"--data {table}: there is no such file")
    try:
        return tuple(pq.read_schema(table).names) if table.suffix in PARQUET else header_of(table, table.name)
    except Finding as finding:
        raise _refusal(table, table.name, finding) from finding
    except (pa.ArrowException, OSError) as error:
        raise SpecError(f"--data {table}: cannot be read as Parquet: {error}") from error


def look(table: Path, target: str) -> Look:
    """Reads the whole table, as trials will.

    Raises:
        SpecError: it is no table, or nothing in it can be predicted from anything.
    """
    left_out = _times(table)
    if target in left_out:
        raise SpecError(f"--target {target}: holds {left_out[target]}, which no estimator predicts")
    frame = _read(table, tuple(left_out))
    if frame.shape[0] == 0:
        raise SpecError(f"--data {table}: the table has no rows")
    classes, smallest = _labels(frame[target], target)
    features = frame.drop(columns=[target])
    left_out |= {name: reason for name in features.columns if (reason := _useless(features[name]))}
    kept = [name for name in features.columns if name not in left_out]
    if not kept:
        reasons = ", ".join(f"{name} ({reason})" for name, reason in left_out.items())
        said = (
            f"nothing to predict {target} from: {reasons}"
            if reasons
            else f"no column but {target}, and nothing to predict it from"
        )
        raise SpecError(f"--data {table}: {table.name} has {said}")
    texts = tuple(name for name in kept if _is_text(features[name]))
    return Look(
        numbers=tuple(name for name in kept if name not in texts),
        texts=texts,
        left_out=left_out,
        most_categories=max((features[name].nunique() for name in texts), default=0),
        classes=classes,
        smallest=smallest,
    )


def _read(table: Path, without: tuple[str, ...]) -> Any:
    """A DataFrame of all columns, typed as trials get them."""
    from hpsearch.trainables.sources import csv_file, parquet_files

    data = source_of(table, table.name)
    source = parquet_files if data.kind == "parquet" else csv_file
    try:
        return source.read(DataSpec(kind=data.kind, source=data.source, drop=without), table.absolute().parent).X
    except Finding as finding:
        raise _refusal(table, data.source, finding) from finding


def _refusal(table: Path, source: str, finding: Finding) -> SpecError:
    """What a data source found, said of the flag: there is no spec yet."""
    said = "; ".join(message.removeprefix(f" = {source}").lstrip(": ") for _, message in finding.items)
    return SpecError(f"--data {table}: {said}")


def _times(table: Path) -> dict[str, str]:
    """Columns that a Parquet file says are dates, times or durations: no estimator takes them. A CSV file says nothing."""
    if table.suffix not in PARQUET:
        return {}
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {field.name: field.type for field in pq.read_schema(table)}
    return {
        name: "dates" if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else "times"
        for name, kind in types.items()
        if pa.types.is_temporal(kind)
    }


def _labels(target: Any, name: str) -> tuple[int | None, int]:
    """(how many labels, rows of the rarest), or (None, rows) of a quantity."""
    from pandas.api.types import is_bool_dtype, is_float_dtype

    present = target.dropna()
    counts = present.value_counts()
    counts = counts[counts > 0]
    if not _is_text(target) and not is_bool_dtype(target):
        whole = not is_float_dtype(target) or bool((present % 1 == 0).all())
        if not whole or len(counts) > _MOST_CLASSES or counts.min() < 2:
            return None, len(target)
    elif reason := _useless(target):
        raise SpecError(f"--target {name}: holds {reason}; choose a column that has the same values in many rows, or numbers")
    rare = [str(label) for label, count in counts.items() if count == 1]
    if rare and len(counts) > 1:
        said = (
            f"{rare[0]} is the label of one row alone; take that row out"
            if len(rare) == 1
            else f"{listed(rare)} are labels of one row each; take those rows out"
        )
        raise SpecError(f"--target {name}: {said}, for a label is to be learnt from some rows and scored on others")
    return len(counts), int(counts.min()) if len(counts) else 0


def _useless(column: Any) -> str:
    """Why a column says nothing of rows that have not been seen; empty where it may."""
    present = column.dropna()
    if present.empty:
        return "empty"
    if _is_text(column):
        texts = [value for value in present.unique() if isinstance(value, str)]
        if texts and all(_DATE.fullmatch(text.strip()) for text in texts[:_DATES_LOOKED_AT]):
            return "dates"
        different = len(present) >= _FEW_ROWS and len(texts) > _NEARLY_ALL * len(present)
        return "another text in almost every row" if different else ""
    if column.dtype.kind not in "iu" or len(column) < _FEW_ROWS or not column.is_unique:
        return ""
    counted = int(column.max()) - int(column.min()) == len(column) - 1
    return "another whole number in every row" if counted or _ID_NAME.fullmatch(str(column.name)) else ""


def _is_text(column: Any) -> bool:
    from pandas.api.types import is_numeric_dtype

    return not is_numeric_dtype(column.dtype)
