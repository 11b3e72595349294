"""A study's results as Parquet files, and back: the tables, and with them what was known of the study when they were written.

Each file names the export that it is of, the study, its table and the schema's version; `configs.parquet` also tells `About`,
and how many rows each of the others has, so that a folder in which two exports are mixed is not taken for one. What Parquet has
no checksum of, the columns' names and what a file says of itself, is sealed. Nothing is ranked again when they are read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.core.files import written_to
from hpsearch.core.metric import Metric, Mode
from hpsearch.core.values import Params, digest
from hpsearch.ledger import StudyRecord, StudyState
from hpsearch.ledger.codec import decode_params, encode
from hpsearch.results.columns import SCHEMA_VERSION
from hpsearch.results.ranking import Basis

T = TypeVar("T")

_FIRST = "configs"  # has what the others are checked by
_PARAMS = "params"
_VERSION, _EXPORT, _STUDY, _TABLE, _ABOUT, _ROWS = (
    f"hpsearch.{name}".encode() for name in ("schema_version", "export", "study", "table", "about", "rows")
)
_SEAL = b"hpsearch.seal"
_OF_ALL = (_VERSION, _EXPORT, _STUDY)  # of which each file of an export says the same


@dataclass(frozen=True)
class About:
    """What there is of a study beside its tables; see `RankedStudy`, whose attributes these are."""

    study: StudyRecord
    varying: tuple[str, ...]
    basis: Basis
    expected_seeds: tuple[int, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Exported:
    """What a folder holds."""

    tables: Mapping[str, pd.DataFrame]
    params: Mapping[str, Params]
    about: About


class StoredParams(Mapping[str, Params]):
    """Parameters by config_id, each read when it is asked for: of a million nobody asks for all."""

    def __init__(self, ids: pd.Series, texts: pa.ChunkedArray) -> None:
        self._ids = ids
        self._texts = texts

    def __getitem__(self, config_id: str) -> Params:
        return decode_params(self._texts[self._places[config_id]].as_py())

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids.tolist())

    def __len__(self) -> int:
        return len(self._ids)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {config_id: place for place, config_id in enumerate(self._ids.tolist())}


def is_export(folder: Path) -> bool:
    """Whether a folder looks like one that `write` has written."""
    return (folder / f"{_FIRST}.parquet").is_file()


def write(tables: Mapping[str, pd.DataFrame], params: Mapping[str, Params], about: About, folder: Path) -> list[Path]:
    """One file a table; the paths written.

    Raises:
        SpecError, InfrastructureError: they cannot be written there (see `written_to`).
    """
    texts = pd.DataFrame(
        {
            "config_id": pd.Series(list(params), dtype="string"),
            "params": pd.Series([encode(each) for each in params.values()], dtype="string"),
        }
    )
    every = {**tables, _PARAMS: texts}
    marks = {_VERSION: str(SCHEMA_VERSION), _EXPORT: uuid4().hex, _STUDY: about.study.name}
    first = {_ABOUT: encode(_as_stored(about)), _ROWS: encode({name: len(table) for name, table in every.items()})}
    paths = []
    for name, table in every.items():
        paths.append(folder / f"{name}.parquet")
        write_table(table, paths[-1], {**marks, _TABLE: name, **(first if name == _FIRST else {})})
    return paths


def write_table(table: pd.DataFrame, path: Path, marks: Mapping[bytes, str] | None = None) -> None:
    """One table as a Parquet file, sealed where it has marks.

    Raises:
        SpecError, InfrastructureError: it cannot be written (see `written_to`).
    """
    arrow = _arrow(table)
    whole = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **(marks or {})})
    if marks:
        whole = whole.replace_schema_metadata({**whole.schema.metadata, _SEAL: _seal(whole.schema)})
    with written_to(path, parents=True) as place:
        pq.write_table(whole, place, write_page_checksum=True)


def read(folder: Path) -> Exported:
    """What `write` has written.

    Raises:
        SpecError: it was written with another version of the schema.
        InfrastructureError: a file is missing or damaged, or two exports are mixed.
    """
    place = folder / f"{_FIRST}.parquet"
    first = _read(place)
    marks = first.schema.metadata or {}
    _check_version(folder, marks)
    _check_seal(place, first)
    about, rows = _made_of(place, lambda: (_about(_decoded(marks[_ABOUT])), _decoded(marks[_ROWS])))
    own = {mark: marks.get(mark) for mark in _OF_ALL}
    tables = {_FIRST: first}
    for name in rows:
        path = folder / f"{name}.parquet"
        table = first if name == _FIRST else _read(path)
        said = table.schema.metadata or {}
        if table.num_rows != rows[name] or {mark: said.get(mark) for mark in (*own, _TABLE)} != {**own, _TABLE: name.encode()}:
            raise InfrastructureError(
                f"{path} is not of one export with {_FIRST}.parquet beside it; export the study again, into a new folder"
            )
        _check_seal(path, table)
        tables[name] = table
    params = tables.pop(_PARAMS)
    return Exported(
        {name: _made_of(folder / f"{name}.parquet", partial(_frame, tables.pop(name))) for name in list(tables)},
        StoredParams(params.column("config_id").to_pandas(), params.column("params")),
        about,
    )


def _check_version(folder: Path, marks: Mapping[bytes, bytes]) -> None:
    found = marks.get(_VERSION, b"").decode("ascii", "replace")
    if found == str(SCHEMA_VERSION):
        return
    if not found.isdigit() or len(found) > 9:  # of more digits Python makes no number
        path = folder / f"{_FIRST}.parquet"
        raise SpecError(f"{path} is no table of hpsearch's; `hpsearch results STUDY --format parquet` writes such")
    if int(found) > SCHEMA_VERSION:
        does = "a later version of hpsearch wrote it: install that one"
    else:
        does = "an earlier version of hpsearch wrote it: export the study again with `hpsearch results STUDY --format parquet`"
    raise SpecError(f"{folder}: its tables have schema {found}, and this version reads {SCHEMA_VERSION}; {does}")


def _check_seal(path: Path, table: pa.Table) -> None:
    if (table.schema.metadata or {}).get(_SEAL) != _made_of(path, partial(_seal, table.schema)).encode():
        raise InfrastructureError(
            f"{path} cannot be read: its columns, or what it says of itself, are not as they were written; export the study again"
        )


def _seal(schema: pa.Schema) -> str:
    """A digest of the columns, their types and all that is said of the table."""
    said = {name.decode(): value.decode() for name, value in (schema.metadata or {}).items() if name != _SEAL}
    return digest({"columns": [[field.name, str(field.type)] for field in schema], "said": said})


def _read(path: Path) -> pa.Table:
    return _made_of(path, lambda: pq.read_table(path, page_checksum_verification=True))


def _made_of(path: Path, make: Callable[[], T]) -> T:
    """What is made of a file's content. Of a damaged one pyarrow and pandas raise whatever comes first."""
    try:
        return make()
    except FileNotFoundError as error:
        raise InfrastructureError(f"{path} is missing; export the study again") from error
    except Exception as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise InfrastructureError(f"{path} cannot be read: {said}; export the study again") from error


def _frame(arrow: pa.Table) -> pd.DataFrame:
    times = [field.name for field in arrow.schema if pa.types.is_timestamp(field.type) and field.type.tz]
    # As in `_arrow`: the time zone is put on by pandas.
    for name in times:
        column = arrow.column(name).cast(pa.timestamp("us"))
        arrow = arrow.set_column(arrow.column_names.index(name), name, column)
    frame: pd.DataFrame = arrow.to_pandas(split_blocks=True)
    return frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in times})


def _arrow(table: pd.DataFrame) -> pa.Table:
    times = [str(name) for name, dtype in table.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)]
    # pyarrow reads time zones in a way that pandas 3 warns of: they are taken off for the passage.
    arrow = pa.Table.from_pandas(table.assign(**{name: table[name].dt.tz_convert(None) for name in times}), preserve_index=False)
    for name in times:
        column = arrow.column(name).cast(pa.timestamp("us", tz="UTC"))
        arrow = arrow.set_column(arrow.column_names.index(name), name, column)
    return arrow


def _decoded(mark: bytes) -> Params:
    return decode_params(mark.decode())


def _as_stored(about: About) -> dict[str, object]:
    study = {field.name: getattr(about.study, field.name) for field in dataclasses.fields(StudyRecord)}
    metric = about.study.metric
    study |= {"metric": [metric.name, metric.mode.value, metric.target], "state": about.study.state.value}
    basis = [about.basis.unit, about.basis.n, about.basis.test_over_train]
    return {
        "study": study,
        "varying": list(about.varying),
        "basis": basis,
        "expected_seeds": list(about.expected_seeds),
        "notes": list(about.notes),
    }


def _about(stored: Mapping[str, Any]) -> About:
    study = dict(stored["study"])
    name, mode, target = study["metric"]
    study |= {"metric": Metric(name, Mode(mode), target), "state": StudyState(study["state"])}
    known = {field.name for field in dataclasses.fields(StudyRecord)}
    return About(
        StudyRecord(**{name: value for name, value in study.items() if name in known}),
        tuple(stored["varying"]),
        Basis(*stored["basis"]),
        tuple(stored["expected_seeds"]),
        tuple(stored["notes"]),
    )
