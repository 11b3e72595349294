"""Exports come back: the tables, the ranking and what is asked of it, without the ledger; and what is no export says so."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from results_builders import Study

from hpsearch.core.errors import InfrastructureError, SpecError
from hpsearch.ledger import StudyState
from hpsearch.results import SCHEMA_VERSION, StudyResults, is_export, read_results
from hpsearch.results.ranked_study import TABLES


def study() -> Study:
    """Values of every kind: mixed, inactive, tuples, a mapping with keys that are no strings, what is no number."""
    made = Study(varying=("C", "kernel"))
    made.add({"C": 1, "kernel": "rbf", "gamma": 0.1, "w": {0: 1.0, 1: 5}}, folds=[0.79, 0.83, 0.77, 0.84, 0.76], seconds=1.0)
    made.add({"C": 1.0, "kernel": "rbf", "gamma": 1, "w": None}, folds=[0.80, 0.82, 0.78, 0.84, 0.76], seconds=9.0)
    made.add({"C": math.inf, "kernel": ("a", 1)}, folds=[0.50, 0.53, 0.47, 0.55, 0.46], seconds=0.1)
    made.fail({"C": -1, "kernel": "linear", "early": True})
    return made


def exported(folder: Path, made: Study | None = None) -> tuple[StudyResults, StudyResults]:
    results = (made or study()).results()
    results.to_parquet(folder)
    return results, read_results(folder)


def test_what_comes_back_equals_what_went(tmp_path: Path) -> None:
    """Types, order, nulls and time zones included: the same code must run on either."""
    before, after = exported(tmp_path)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))
    assert dict(after.params) == dict(before.params)
    assert [type(params["C"]) for params in after.params.values()] == [int, float, float, int]
    for name in ("study", "varying", "basis", "expected_seeds", "notes"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.study.state is StudyState.RUNNING


def test_what_is_asked_of_it_needs_no_ledger(tmp_path: Path) -> None:
    before, after = exported(tmp_path)
    assert after.to_json_rows() == before.to_json_rows()
    assert after.select("1se") == before.select("1se")
    assert after.optimism() == before.optimism()
    assert after.failure_groups() == before.failure_groups()
    assert after.where('kernel == "rbf" and gamma >= 1')["config_id"].tolist() == [after.configs["config_id"].iloc[0]]
    pd.testing.assert_frame_equal(after.importance().table, before.importance().table)
    pd.testing.assert_frame_equal(after.pareto(["accuracy", "fit_s"]).table, before.pareto(["accuracy", "fit_s"]).table)
    a, b = before.rank()["config_id"].tolist()[:2]
    assert after.compare(a, b).difference == before.compare(a, b).difference
    assert repr(after) == repr(before)


def test_an_empty_study_comes_back_empty(tmp_path: Path) -> None:
    before, after = exported(tmp_path, Study())
    assert after.notes == ("No trial has been recorded yet.",)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))


def remark(path: Path, **marks: str) -> None:
    """The file again, with other marks."""
    table = pq.read_table(path)
    given = {f"hpsearch.{name}".encode(): value.encode() for name, value in marks.items()}
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, **given}), path)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (
            str(SCHEMA_VERSION - 1),
            f"schema {SCHEMA_VERSION - 1}, and this version reads {SCHEMA_VERSION}; an earlier version .* again",
        ),
        (str(SCHEMA_VERSION + 1), "a later version of hpsearch wrote it: install that one"),
        ("9" * 5000, r"configs\.parquet is no table of hpsearch's"),
        ("x", r"configs\.parquet is no table of hpsearch's; `hpsearch results STUDY --format parquet` writes such"),
    ],
)
def test_another_version_says_what_to_do(tmp_path: Path, version: str, said: str) -> None:
    exported(tmp_path)
    remark(tmp_path / "configs.parquet", schema_version=version)
    assert is_export(tmp_path)
    with pytest.raises(SpecError, match=said):
        read_results(tmp_path)


def scored(base: float, C: float = 1.0) -> Study:
    """A study of the same grid, name and sizes whatever `base` is."""
    made = Study()
    made.add({"C": C}, folds=[base, base + 0.01, base + 0.02])
    made.add({"C": 2.0}, folds=[base + 0.1, base + 0.11, base + 0.12])
    made.fail({"C": 3.0}, message=f"not with {base}")
    return made


@pytest.mark.parametrize("name", ["configs", "trials", "evaluations", "failures", "params"])
def test_two_exports_in_one_folder_are_not_taken_for_one(tmp_path: Path, name: str) -> None:
    """An export that was cut off left the scores of new data beside old configurations."""
    exported(tmp_path / "a", scored(0.5))
    exported(tmp_path / "b", scored(0.8))
    (tmp_path / "b" / f"{name}.parquet").replace(tmp_path / "a" / f"{name}.parquet")
    with pytest.raises(InfrastructureError, match=r"\.parquet is not of one export with configs\.parquet beside it") as caught:
        read_results(tmp_path / "a")
    assert str(caught.value).endswith("; export the study again, into a new folder")


@pytest.mark.parametrize("marks", [{"schema_version": "1"}, {"study": "another"}, {"table": "trials"}, {"export": ""}])
def test_a_file_that_says_something_else_of_itself_is_refused(tmp_path: Path, marks: dict[str, str]) -> None:
    exported(tmp_path)
    remark(tmp_path / "evaluations.parquet", **marks)
    with pytest.raises(InfrastructureError, match=r"evaluations\.parquet is not of one export with configs\.parquet beside it"):
        read_results(tmp_path)


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    exported(tmp_path)
    (tmp_path / "trials.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InfrastructureError, match=r"trials\.parquet cannot be read: .*; export the study again"):
        read_results(tmp_path)
    (tmp_path / "trials.parquet").unlink()
    with pytest.raises(InfrastructureError, match=r"trials\.parquet is missing; export the study again"):
        read_results(tmp_path)
    exported(tmp_path)
    remark(tmp_path / "configs.parquet", about='{"study":{}}')
    with pytest.raises(InfrastructureError, match=r"configs\.parquet cannot be read: its columns, or what it says of itself, "):
        read_results(tmp_path)


@pytest.mark.parametrize(
    ("name", "was", "made"),
    [
        ("configs", "score", None),
        ("configs", "param.C", "param.D"),
        ("trials", "metric.accuracy", "metric.accurady"),
        ("params", "params", None),
    ],
)
def test_a_table_whose_columns_have_changed_is_refused(tmp_path: Path, name: str, was: str, made: str | None) -> None:
    """A renamed parameter would be believed: nothing else tells what the study's are called."""
    exported(tmp_path)
    path = tmp_path / f"{name}.parquet"
    table = pq.read_table(path)
    names = {was: made} if made else {}
    kept = table.rename_columns([names.get(each, each) for each in table.column_names]) if made else table.drop([was])
    pq.write_table(kept.replace_schema_metadata(table.schema.metadata), path)
    with pytest.raises(InfrastructureError) as caught:
        read_results(tmp_path)
    assert str(caught.value) == (
        f"{path} cannot be read: its columns, or what it says of itself, are not as they were written; export the study again"
    )


def test_a_footer_in_which_bytes_have_changed_is_told_as_damage(tmp_path: Path) -> None:
    """Parquet has no checksum of it, and pyarrow and pandas raise whatever comes first."""
    before, _ = exported(tmp_path)
    path = tmp_path / "configs.parquet"
    content = path.read_bytes()
    told = []
    for place in range(content.index(b"pandas"), len(content), 97):
        changed = bytearray(content)
        changed[place] ^= 0x80
        path.write_bytes(changed)
        try:
            after = read_results(tmp_path)
        except (InfrastructureError, SpecError) as error:
            told.append(str(error))
        else:  # it tells nothing of the table: who wrote it, say
            pd.testing.assert_frame_equal(after.configs, before.configs)
    assert len(told) > 20
    assert all("configs.parquet" in each and "export the study again" in each for each in told)


def test_a_table_in_which_bytes_have_changed_is_refused(tmp_path: Path) -> None:
    made = Study()
    made.add({"C": 1}, 0.5)
    made.results().to_parquet(tmp_path)
    path = tmp_path / "configs.parquet"
    content = path.read_bytes()
    path.write_bytes(content.replace(made.trials[0].config_id.encode(), b"\xff" * 16, 1))
    with pytest.raises(InfrastructureError, match=r"configs\.parquet cannot be read"):
        read_results(tmp_path)
