"""What a trial sees of a user's table: types, categories, targets and digests. A change here changes every score."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from harness import ROOT
from pandas._libs.parsers import STR_NA_VALUES
from sklearn.datasets import load_iris

from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.importing import put_first
from hpsearch.trainables.labels import encode_target
from hpsearch.trainables.sources.loading import load_table
from hpsearch.trainables.sources.raw import digest_array
from hpsearch.trainables.table import Table
from hpsearch.trainables.task import Task

CSV = """id,city,size,rate,open,note,label
007,Rome,3,1.5,True,b,yes
008,Oslo,,2.5,False,a,no
009,Rome,5,-1.0,True,,no
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "towns.csv").write_text(CSV)
    return tmp_path


def csv(folder: Path, **options: object) -> Table:
    data = DataSpec("csv", "towns.csv", **{"target": "label", **options})  # type: ignore[arg-type]
    return load_table(data, folder, Task.CLASSIFICATION, learner="SVC")


def finding(call: object, *args: object, **kwargs: object) -> tuple[tuple[str, str], ...]:
    with pytest.raises(Finding) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    return caught.value.items


class TestFrames:
    def test_types_by_policy(self, folder: Path) -> None:
        X = csv(folder).X
        assert {name: str(dtype) for name, dtype in X.dtypes.items()} == {
            "id": "int64",
            "city": "category",
            "size": "float64",
            "rate": "float64",
            "open": "bool",
            "note": "category",
        }

    def test_categories_are_sorted_over_the_whole_table(self, folder: Path) -> None:
        X = csv(folder).X
        assert X["city"].cat.categories.tolist() == ["Oslo", "Rome"]
        assert X["city"].cat.codes.tolist() == [1, 0, 1]
        assert X["note"].cat.codes.tolist() == [1, 0, -1], "a missing value stays missing"
        assert np.isnan(X["size"][1])

    def test_float32_casts_floats_alone(self, folder: Path) -> None:
        dtypes = csv(folder, float32=True).X.dtypes
        assert (str(dtypes["rate"]), str(dtypes["id"]), str(dtypes["open"])) == ("float32", "int64", "bool")

    def test_float32_leaves_the_target_its_precision(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("x,y\n1.5,0.1\n2.5,0.2\n")
        table = load_table(DataSpec("csv", "a.csv", target="y", float32=True), tmp_path, Task.REGRESSION)
        assert table.y is not None
        assert table.y.tolist() == [0.1, 0.2]

    def test_dtypes_override_and_text_is_read_as_it_stands(self, folder: Path) -> None:
        X = csv(folder, dtypes={"id": "category", "rate": "float32", "open": "category", "note": "str"}).X
        assert X["id"].cat.categories.tolist() == ["007", "008", "009"]
        assert X["rate"].dtype == np.float32
        assert X["open"].cat.categories.tolist() == ["False", "True"]
        assert X["note"].tolist()[:2] == ["b", "a"]

    def test_na_values_are_missing_too(self, folder: Path) -> None:
        assert csv(folder, na_values=("Oslo",)).X["city"].isna().tolist() == [False, True, False]

    def test_the_words_for_missing_are_those_that_the_documentation_lists(self, tmp_path: Path) -> None:
        """A category called None or NA is missing: said where users look, with a way to keep it."""
        page = (ROOT / "docs" / "data-and-scores.md").read_text()
        (section,) = re.findall(r"### Words that mean missing\n(.*?)`na_values` adds", page, flags=re.DOTALL)
        words = set(re.findall(r"`([^`]+)`", section)) - {"pandas.read_csv"}
        (tmp_path / "towns.csv").write_text(
            "plan,label\n" + "".join(f"{word},a\n" for word in ["basic", *sorted(words)]) + "x,b\n"
        )
        assert csv(tmp_path).X["plan"].isna().tolist() == [False, *[True] * len(words), False]
        assert words == STR_NA_VALUES - {""}

    def test_a_function_keeps_a_category_that_is_a_word_for_missing(self, tmp_path: Path) -> None:
        """As the documentation shows it."""
        page = (ROOT / "docs" / "data-and-scores.md").read_text()
        (source,) = re.findall(r"```python\n(# own.py.*?)```", page, flags=re.DOTALL)
        (tmp_path / "nones.py").write_text(source)
        (tmp_path / "churn.csv").write_text("income,plan,churn\nNA,None,yes\n12.5,NA,no\n3,,no\n")
        put_first(tmp_path)
        table = load_table(DataSpec("function", "nones:load", target="churn"), tmp_path, Task.CLASSIFICATION)
        assert table.X["plan"].cat.categories.tolist() == ["NA", "None"]
        assert table.X["plan"].isna().tolist() == [False, False, True]
        assert table.X["income"].isna().tolist() == [True, False, False]

    def test_columns_without_a_name_get_pandas_s(self, tmp_path: Path) -> None:
        """`frame.to_csv(path)` writes its index under an empty header, and a comma at the end of each line is a column too."""
        (tmp_path / "towns.csv").write_text(",size,label,\n0,3,yes,\n1,4,no,\n")
        assert csv(tmp_path).feature_names == ("Unnamed: 0", "size", "Unnamed: 3")
        assert csv(tmp_path, drop=("Unnamed: 0", "Unnamed: 3")).X["size"].tolist() == [3, 4]
        assert csv(tmp_path, columns=("Unnamed: 0",)).X["Unnamed: 0"].tolist() == [0, 1]

    def test_columns_choose_and_order_features(self, folder: Path) -> None:
        table = csv(folder, columns=("rate", "city"))
        assert list(table.X.columns) == ["rate", "city"] == list(table.feature_names)

    def test_drop_takes_away(self, folder: Path) -> None:
        assert csv(folder, drop=("id", "note")).feature_names == ("city", "size", "rate", "open")

    def test_booleans_with_missing_values_become_categories(self, tmp_path: Path) -> None:
        (tmp_path / "towns.csv").write_text("open,label\nTrue,a\n,b\nFalse,a\n")
        column = csv(tmp_path).X["open"]
        assert column.cat.categories.tolist() == [False, True]
        assert column.cat.codes.tolist() == [1, -1, 0]

    def test_every_wrong_name_is_said_with_the_nearest(self, folder: Path) -> None:
        said = finding(csv, folder, target="labl", drop=("citty", "id"), dtypes={"opn": "bool"})
        assert said == (
            ("data.target", " = labl: towns.csv has no such column; did you mean label?"),
            ("data.drop[0]", " = citty: towns.csv has no such column; did you mean city?"),
            ("data.dtypes.opn", " = opn: towns.csv has no such column; did you mean open?"),
        )

    def test_a_name_like_no_other_gets_the_list(self, folder: Path) -> None:
        assert finding(csv, folder, target="zzz") == (
            ("data.target", " = zzz: towns.csv has no such column; it has id, city, size, rate, open, note, label"),
        )

    @pytest.mark.parametrize(
        ("options", "path", "said"),
        [
            ({"dtypes": {"city": "catgory"}}, "data.dtypes.city", " = catgory: not a dtype; did you mean category?"),
            ({"dtypes": {"size": "int64"}}, "data.dtypes.size", "1 values are missing, which integers cannot be"),
            ({"dtypes": {"city": "float64"}}, "data.dtypes.city", "could not convert string to float"),
            ({"dtypes": {"city": "bool"}}, "data.dtypes.city", "'Rome' is neither true nor false"),
            ({"drop": ("id", "city", "size", "rate", "open", "note")}, "data", "no feature is left of towns.csv"),
            ({"columns": ("rate", "label")}, "data.columns", "label is the target"),
        ],
    )
    def test_what_cannot_be_is_said(self, folder: Path, options: dict[str, object], path: str, said: str) -> None:
        ((at, message),) = finding(csv, folder, **options)
        assert at == path
        assert said in message


class TestCsv:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "the file is empty"),
            ("a,b,label\n", "the table has no rows"),
            ("a,a,label\n1,2,x\n", "the header names a more than once"),
            ("a;b;label\n1;2;x\n", "is not separated by commas"),
            ("a,label\n1,x\n1,2,3,4\n", "Expected 2 fields in line 3, saw 4"),
            ("a,label\n0,1,x\n0,2,y\n", "the rows have more fields than the header has names"),
        ],
    )
    def test_a_broken_file_is_a_sentence(self, tmp_path: Path, content: str, said: str) -> None:
        (tmp_path / "towns.csv").write_text(content)
        ((path, message),) = finding(csv, tmp_path)
        assert path == "data.csv"
        assert said in message

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "towns.csv").write_bytes(b"a,label\n\xff\xfe,x\n")
        ((path, message),) = finding(csv, tmp_path)
        assert (path, "can't decode" in message) == ("data.csv", True)

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("town.csv", "there is no such file in .*; did you mean towns.csv?"),
            ("no/towns.csv", "there is no folder .*no; paths are relative to the spec's folder"),
            (".", "a folder, not a file"),
            ("s3://bucket/a.csv", "remote files are not supported yet"),
        ],
    )
    def test_a_missing_file(self, folder: Path, source: str, said: str) -> None:
        with pytest.raises(Finding, match=said):
            load_table(DataSpec("csv", source, target="label"), folder, Task.CLASSIFICATION)

    def test_the_digest_is_of_the_bytes_wherever_they_lie(self, folder: Path) -> None:
        before = csv(folder).digest
        (folder / "sub").mkdir()
        (folder / "towns.csv").rename(folder / "sub" / "moved.csv")
        moved = load_table(DataSpec("csv", "sub/moved.csv", target="label"), folder, Task.CLASSIFICATION)
        assert moved.digest == before == "55935c2bbb29b26075cfc9a2c473e672"

    def test_one_changed_byte_or_option_is_another_table(self, folder: Path) -> None:
        digests = {csv(folder).digest, csv(folder, float32=True).digest, csv(folder, drop=("id",)).digest}
        (folder / "towns.csv").write_text(CSV.replace("2.5", "2.6"))
        digests.add(csv(folder).digest)
        assert len(digests) == 4


class TestParquet:
    def test_a_glob_is_one_table_in_the_order_of_names(self, tmp_path: Path) -> None:
        """Files have dictionaries of their own; the table has one."""
        for name, cities in (("b", ["Bonn", "Rome"]), ("a", ["Oslo", "Rome"])):
            frame = pd.DataFrame({"city": pd.Categorical(cities), "n": pd.array([1, 2], dtype="Int64"), "label": [0, 1]})
            frame.to_parquet(tmp_path / f"{name}.parquet")
        table = load_table(DataSpec("parquet", "*.parquet", target="label"), tmp_path, Task.CLASSIFICATION)
        assert table.X["city"].tolist() == ["Oslo", "Rome", "Bonn", "Rome"]
        assert table.X["city"].cat.categories.tolist() == ["Bonn", "Oslo", "Rome"]
        assert str(table.X["n"].dtype) == "int64"

    def test_nullable_numbers_become_numpy_ones(self, tmp_path: Path) -> None:
        frame = pd.DataFrame(
            {"n": pd.array([1, None, 3], dtype="Int64"), "b": pd.array([True, None, False], dtype="boolean"), "y": [1, 2, 3]}
        )
        frame.to_parquet(tmp_path / "t.parquet")
        X = load_table(DataSpec("parquet", "t.parquet", target="y"), tmp_path, Task.REGRESSION).X
        assert (str(X["n"].dtype), str(X["b"].dtype)) == ("float64", "category")

    def test_a_csv_and_a_parquet_of_the_same_table_are_alike(self, folder: Path) -> None:
        pd.read_csv(folder / "towns.csv").to_parquet(folder / "towns.parquet")
        parquet = load_table(DataSpec("parquet", "towns.parquet", target="label"), folder, Task.CLASSIFICATION)
        pd.testing.assert_frame_equal(parquet.X, csv(folder).X)

    def test_times_are_refused(self, tmp_path: Path) -> None:
        pd.DataFrame({"t": pd.to_datetime(["2020-01-01", "2020-01-02"]), "y": [1.0, 2.0]}).to_parquet(tmp_path / "t.parquet")
        with pytest.raises(Finding, match="column t holds times, which no estimator takes"):
            load_table(DataSpec("parquet", "t.parquet", target="y"), tmp_path, Task.REGRESSION)

    def test_files_that_differ_are_named(self, tmp_path: Path) -> None:
        pd.DataFrame({"a": [1], "y": [1]}).to_parquet(tmp_path / "1.parquet")
        pd.DataFrame({"b": [1], "y": [2]}).to_parquet(tmp_path / "2.parquet")
        with pytest.raises(Finding, match=r"2\.parquet has no column a, which 1\.parquet has"):
            load_table(DataSpec("parquet", "*.parquet", target="y"), tmp_path, Task.REGRESSION)

    def test_no_match_and_no_parquet(self, tmp_path: Path) -> None:
        (tmp_path / "x.parquet").write_text("not at all")
        with pytest.raises(Finding, match=r"no file of .* matches"):
            load_table(DataSpec("parquet", "a/*.parquet"), tmp_path, Task.OPEN)
        with pytest.raises(Finding, match=r"data\.parquet"):
            load_table(DataSpec("parquet", "x.parquet"), tmp_path, Task.OPEN)

    def test_a_folder_whose_name_looks_like_a_pattern(self, tmp_path: Path) -> None:
        folder = tmp_path / "runs [old] *"
        (folder / "parts").mkdir(parents=True)
        for name in ("b", "a"):
            pd.DataFrame({"x": [ord(name)], "y": [1.0]}).to_parquet(folder / "parts" / f"{name}.parquet")
        for source in ("parts/*.parquet", "**/*.parquet"):
            table = load_table(DataSpec("parquet", source, target="y"), folder, Task.REGRESSION)
            assert table.X["x"].tolist() == [97, 98]


class TestDigestsOfObjects:
    """What a function returns is known by its values: not by their Python types, nor by where they lie in memory."""

    def test_numpy_s_scalars_are_python_s(self) -> None:
        plain = np.array(["a", 1, 2.5, True, None, float("nan")], dtype=object)
        theirs = np.array([np.str_("a"), np.int64(1), np.float64(2.5), np.bool_(True), None, np.float32("nan")], dtype=object)
        assert digest_array(plain, "y") == digest_array(theirs, "y")

    def test_values_and_types_are_told_apart(self) -> None:
        cells = ["a", "1", 1, 1.0, True, None, float("nan"), float("inf")]
        assert len({digest_array(np.array([cell], dtype=object), "y") for cell in cells}) == len(cells)

    def test_shapes_are_told_apart(self) -> None:
        row = np.array([["a", "b"]], dtype=object)
        assert digest_array(row, "y") != digest_array(row.T, "y")

    def test_a_missing_value_of_pandas(self) -> None:
        for missing in (pd.NA, pd.NaT):
            cells = np.array(["a", missing], dtype=object)
            assert digest_array(cells, "y") == digest_array(np.array(["a", None], dtype=object), "y")

    @pytest.mark.parametrize("cell", [object(), {"a": 1}, ("a",), b"a", Path("a"), 1j, np.datetime64("2020-01-01", "ns")])
    def test_what_is_no_value_is_a_sentence(self, cell: object) -> None:
        cells = np.empty(1, dtype=object)
        cells[0] = cell
        ((path, message),) = finding(digest_array, cells, "column city")
        assert path == "data"
        assert message == (
            f": column city holds a {type(cell).__name__}, which cannot be told from another one in the next run;"
            " return text, numbers, booleans and missing values"
        )


class TestBundled:
    def test_as_scikit_learn_gives_it(self, tmp_path: Path) -> None:
        table = load_table(DataSpec("sklearn", "iris"), tmp_path, Task.CLASSIFICATION)
        X, y = load_iris(return_X_y=True)
        assert np.array_equal(table.X, X)
        assert np.array_equal(table.y, y)
        assert table.classes == (0, 1, 2)
        assert table.digest == "bf2f76c8ee7d932e96c763aa9e0e56e6"

    def test_columns_by_feature_name(self, tmp_path: Path) -> None:
        data = DataSpec("sklearn", "iris", columns=("petal width (cm)", "sepal length (cm)"), float32=True)
        table = load_table(data, tmp_path, Task.CLASSIFICATION)
        assert table.X.dtype == np.float32
        assert np.array_equal(table.X, load_iris().data[:, [3, 0]].astype(np.float32))

    def test_a_set_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(Finding, match=r"= irs: not one of .*; did you mean iris\?"):
            load_table(DataSpec("sklearn", "irs"), tmp_path, Task.CLASSIFICATION)


class TestTargets:
    def test_labels_are_numbered_in_sorted_order(self) -> None:
        y, classes = encode_target(pd.Series(["no", "yes", "maybe", "no"]), Task.CLASSIFICATION)
        assert (y.tolist(), str(y.dtype), classes) == ([1, 2, 0, 1], "int64", ("maybe", "no", "yes"))

    def test_positive_is_class_one(self) -> None:
        y, classes = encode_target(pd.Series(["bad", "good", "bad"]), Task.CLASSIFICATION, positive="bad")
        assert (y.tolist(), classes) == ([1, 0, 1], ("good", "bad"))

    @pytest.mark.parametrize(
        "labels", [[3, 7, 3], [False, True, False], [0.0, 1.0, 0.0], np.array(["a", "b", "a"], dtype=object)]
    )
    def test_labels_of_any_type(self, labels: object) -> None:
        y, classes = encode_target(np.asarray(labels), Task.CLASSIFICATION)
        assert y.tolist() == [0, 1, 0]
        assert len(classes) == 2

    def test_a_regressor_s_target_is_float64(self) -> None:
        y, classes = encode_target(pd.Series([1, 2, 3]), Task.REGRESSION)
        assert (str(y.dtype), classes) == ("float64", ())

    def test_a_function_s_numbers_stay_and_its_text_becomes_labels(self) -> None:
        assert encode_target(np.array([5, 9]), Task.OPEN)[0].tolist() == [5, 9]
        assert encode_target(np.array(["b", "a"]), Task.OPEN)[1] == ("a", "b")

    @pytest.mark.parametrize(
        ("target", "task", "options", "said"),
        [
            (["a", None, "b"], Task.CLASSIFICATION, {}, "1 of 3 rows have no target (the first is row 2)"),
            ([1.0, 2.0, float("nan")], Task.REGRESSION, {}, "1 of 3 rows have no target (the first is row 3)"),
            (["a", "a"], Task.CLASSIFICATION, {}, "there is only one class, a; a classifier needs two"),
            ([0.1, 0.7, 2.0], Task.CLASSIFICATION, {}, "a number with 3 different values, and SVC is a classifier"),
            (["low", "high"], Task.REGRESSION, {}, "'low' is no number, and SVC is a regressor"),
            ([1.0, float("inf")], Task.REGRESSION, {}, "row 2 is infinite"),
            (["a", 1], Task.CLASSIFICATION, {}, "labels of several types (int, str) have no order"),
            (
                ["yes", "no"],
                Task.CLASSIFICATION,
                {"positive": "yess"},
                "no label of churn, which are 'no' and 'yes'; did you mean yes?",
            ),
            (["a", "b", "c"], Task.CLASSIFICATION, {"positive": "a"}, "churn has 3 classes; positive is for two"),
            ([0, 1], Task.CLASSIFICATION, {"positive": True}, "= True: no label of churn, which are 0 and 1"),
            ([0.5, 1.5], Task.REGRESSION, {"positive": 1}, "SVC is a regressor; positive names a class"),
        ],
    )
    def test_what_cannot_be_learnt_is_a_sentence(
        self, target: list[object], task: Task, options: dict[str, object], said: str
    ) -> None:
        with pytest.raises(Finding) as caught:
            encode_target(pd.Series(target, dtype=object), task, name="churn", learner="SVC", **options)  # type: ignore[arg-type]
        assert said in caught.value.items[0][1]


class TestShipping:
    def test_a_table_ships_as_buffers_and_comes_back_equal_and_read_only(self, folder: Path) -> None:
        """Workers of a node share the object store's memory: what is not a buffer is copied into each of them."""
        table = csv(folder)
        buffers: list[pickle.PickleBuffer] = []
        head = pickle.dumps(table, protocol=5, buffer_callback=buffers.append)
        back = pickle.loads(head, buffers=[memoryview(bytes(buffer.raw())) for buffer in buffers])
        pd.testing.assert_frame_equal(back.X, table.X)
        assert len(buffers) >= 6, "four numeric columns, codes of two categories, the target"
        assert not back.y.flags.writeable
        assert len(back.X.take([0, 2])) == 2
