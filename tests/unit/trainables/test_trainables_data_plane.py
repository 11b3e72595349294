"""One copy of the data on a node: what a table takes while it is read, sent and cut. What is lost is memory, or the node."""

from __future__ import annotations

import gzip
import pickle
import tracemalloc
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from trainables_builders import RememberingRun, spec_of, trial_of

from hpsearch.spec.model import DataSpec
from hpsearch.trainables import Handover, build, prepare
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.folds import Folds
from hpsearch.trainables.frames import settled_frame
from hpsearch.trainables.sources.loading import load_table
from hpsearch.trainables.table import Table
from hpsearch.trainables.task import Task

CSV = "a,b,c,y\n1,x,0.5,0\n2,y,0.25,1\n3,x,1.5,0\n"


def load(folder: Path, kind: str, source: str, **options: object) -> Table:
    return load_table(DataSpec(kind, source, **{"target": "y", **options}), folder, Task.OPEN)  # type: ignore[arg-type]


class TestReading:
    @pytest.mark.parametrize("options", [{"drop": ("b",)}, {"columns": ("c", "a")}])
    def test_a_csv_file_s_other_columns_are_not_read(
        self, tmp_path: Path, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "t.csv").write_text(CSV)
        asked: list[object] = []
        reads = pd.read_csv
        monkeypatch.setattr(pd, "read_csv", lambda *args, **named: asked.append(named.get("usecols")) or reads(*args, **named))
        table = load(tmp_path, "csv", "t.csv", **options)
        assert sorted(asked[-1]) == ["a", "c", "y"]  # type: ignore[call-overload]
        assert table.X["c"].tolist() == [0.5, 0.25, 1.5]

    @pytest.mark.parametrize("options", [{"drop": ("b",)}, {"columns": ("c", "a")}])
    @pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
    def test_a_comma_that_nobody_quoted_shifts_no_value_in_silence(
        self, tmp_path: Path, name: str, options: dict[str, Any]
    ) -> None:
        """pandas does not notice it where it picks columns."""
        text = CSV.replace("2,y,", '2,"well, quoted",').replace("3,x,", "3,no, not,")
        (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
        with pytest.raises(Finding) as caught:
            load(tmp_path, "csv", name, **options)
        assert caught.value.items == (
            (
                "data.csv",
                f" = {name}: line 4 has 5 fields, and the header 4 names;"
                ' put a field that holds a comma in double quotes: "a, b"',
            ),
        )

    def test_a_file_read_in_parts_is_what_it_is_as_a_whole(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Types that differ from part to part, one column at a time, and all at once."""
        columns = {
            "gaps": ["1", "", "3", "4", "5", "6.5", "7", "8"],
            "late": ["1", "2", "3", "4", "5", "6", "7", "x"],
            "huge": ["1", "2", "0.5", "9007199254740993", "5", "6", "7", "8"],
            "hugest": ["1", "2", "3", "9007199254740993", "5", "6", "0.5", "8"],
            "ids": ["1", "2", "9007199254740993", "4", "5", "6", "7", "8"],
            "empty": ["", "", "", "", "", "", "a", "b"],
            "truth": ["True", "False", "True", "", "True", "True", "True", "False"],
            "texts": ["a", "", "c", "a", "b", "NA", "c", "a"],
            "y": ["0", "1"] * 4,
        }
        for chosen in (*([name] for name in columns if name != "y"), ["gaps", "texts"], [*columns][:-1]):
            lines = [",".join([*chosen, "y"]), *map(",".join, zip(*(columns[name] for name in [*chosen, "y"]), strict=True))]
            (tmp_path / "t.csv").write_text("\n".join(lines))
            whole = load(tmp_path, "csv", "t.csv")
            with monkeypatch.context() as patch:
                patch.setattr("hpsearch.trainables.sources.csv_parts.CELLS", 2 * (len(chosen) + 1))
                parts = load(tmp_path, "csv", "t.csv")
            pd.testing.assert_frame_equal(parts.X, whole.X, check_exact=True)
            assert parts.y is not None
            assert parts.y.tolist() == [0, 1] * 4

    def test_a_parquet_file_s_other_columns_are_not_read(self, tmp_path: Path) -> None:
        """A damaged column hurts nobody who leaves it out."""
        path = tmp_path / "t.parquet"
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x" * 99, "y" * 99], "y": [0, 1]}).to_parquet(path, compression="zstd")
        column = pq.read_metadata(path).row_group(0).column(1)
        content = bytearray(path.read_bytes())
        start = column.dictionary_page_offset or column.data_page_offset
        content[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
        path.write_bytes(content)
        assert load(tmp_path, "parquet", "t.parquet", drop=("b",)).X["a"].tolist() == [1, 2]
        with pytest.raises(Finding, match=r"data\.parquet"):
            load(tmp_path, "parquet", "t.parquet")

    def test_columns_of_names_that_begin_alike(self, tmp_path: Path) -> None:
        pd.DataFrame({"a.b": [1, 2], "a": [3, 4], "y": [0, 1]}).to_parquet(tmp_path / "t.parquet")
        X = load(tmp_path, "parquet", "t.parquet").X
        assert (X["a.b"].tolist(), X["a"].tolist()) == ([1, 2], [3, 4])

    def test_a_frame_is_made_within_its_own_size_and_a_few_columns(self) -> None:
        rows, names = 50_000, [f"c{index}" for index in range(40)]
        tracemalloc.start()
        frame, _ = settled_frame(names, lambda name: pd.Series(np.full(rows, len(name), float)), DataSpec("csv", "a"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert frame.shape == (rows, 40)
        assert peak < 1.2 * 8 * rows * len(names)

    def test_a_system_that_lends_little_at_once_costs_blocks_and_no_table(self, monkeypatch: pytest.MonkeyPatch) -> None:
        empty = np.empty

        def lent(shape: tuple[int, int], dtype: np.dtype[Any]) -> Any:
            if shape[0] > 2:
                raise MemoryError
            return empty(shape, dtype)

        monkeypatch.setattr("hpsearch.trainables.blocks.np", SimpleNamespace(empty=lent, dtype=np.dtype))
        cells = np.arange(15.0).reshape(5, 3)
        frame, _ = settled_frame(list("abcde"), lambda name: pd.Series(cells["abcde".index(name)]), DataSpec("csv", "a"))
        assert frame.to_numpy().T.tolist() == cells.tolist()

    def test_columns_stay_in_their_order_with_one_block_a_type(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("n,c,m,k,o,y\n" + "1.5,x,2.5,3,9.5,0\n" + "2.5,y,3.5,4,8.5,1\n" * 300)
        table = load(tmp_path, "csv", "t.csv", dtypes={"m": "float32"})
        assert list(table.X.columns) == ["n", "c", "m", "k", "o"]
        assert [str(dtype) for dtype in table.X.dtypes] == ["float64", "category", "float32", "int64", "float64"]
        buffers: list[pickle.PickleBuffer] = []
        pickle.dumps(table.X[["n", "m", "k", "o"]], protocol=5, buffer_callback=buffers.append)
        blocks = [buffer.raw().nbytes for buffer in buffers if buffer.raw().nbytes > 1000]
        assert sorted(blocks) == [301 * 4, 301 * 8, 2 * 301 * 8]


class Watching(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Tells, while it predicts, whether the rows that it has learnt are still there."""

    learnt: weakref.ref[Any] = weakref.ref(set())
    alive: tuple[bool, ...] = ()

    def fit(self, X: Any, y: Any) -> Watching:
        type(self).learnt = weakref.ref(X)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> Any:
        type(self).alive += (self.learnt() is not None,)
        return np.zeros(len(X), dtype=int)


class Sparse(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Takes sparse matrices alone."""

    def fit(self, X: Any, y: Any) -> Sparse:
        assert sparse.issparse(X)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> Any:
        assert sparse.issparse(X)
        return np.asarray(X.sum(axis=1)).ravel() > 1

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def study(estimator: str, data: str) -> str:
    return f"""
trial: {{estimator: {__name__}.{estimator}}}
data: {data}
evaluate: {{cv: {{folds: 3}}}}
metric: {{name: accuracy, mode: max}}
space: {{}}
"""


def shipped(table: Table | None) -> Table:
    """As a worker gets it."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(table, protocol=5, buffer_callback=buffers.append)
    assert len(head) < 20_000
    found: Table = pickle.loads(head, buffers=[memoryview(bytes(buffer.raw())) for buffer in buffers])
    return found


class TestFitting:
    def test_what_has_been_learnt_is_let_go_before_the_rest_is_scored(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Folds.__init__, "__defaults__", (10,))
        monkeypatch.setattr(Watching, "alive", ())
        prepared = prepare(spec_of(study("Watching", "{sklearn: iris}"), tmp_path))
        build(prepared.program, prepared.table).evaluate(trial_of(prepared, {}), RememberingRun())
        assert Watching.alive == (False, False, False)

    def test_a_sparse_matrix_is_mapped_and_stays_sparse_through_split_and_fit(self, tmp_path: Path) -> None:
        (tmp_path / "few.py").write_text(
            "import numpy as np\nfrom scipy import sparse\n"
            "def load():\n    X = sparse.random(3000, 500, 0.01, format='csr', random_state=0)\n"
            "    return X, np.asarray(X.sum(axis=1)).ravel() > 2\n"
        )
        prepared = prepare(spec_of(study("Sparse", '{function: "few:load"}'), tmp_path))
        table = shipped(prepared.table)
        assert not any(getattr(table.X, part).flags.writeable for part in ("data", "indices", "indptr"))
        ours = build(prepared.program, table).evaluate(trial_of(prepared, {}), RememberingRun())
        assert len(ours.splits) == 3

    @pytest.mark.parametrize(
        "trial", [f"{{estimator: {__name__}.Watching}}", "{function: 'rows:run'}"], ids=["an estimator", "a function"]
    )
    def test_splits_are_made_once_a_study_and_mapped(self, tmp_path: Path, trial: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Rows of repeated folds are many times the target; a worker that made its own would hold them once more."""
        (tmp_path / "rows.py").write_text(
            "import numpy as np\ndef load():\n    return np.zeros((3000, 1)), np.arange(3000) % 2\n"
            "def run(params, trial):\n    assert len(trial.splits) == 6\n    return {'accuracy': 0.5}\n"
        )
        text = f"""
trial: {trial}
data: {{function: "rows:load"}}
evaluate: {{cv: {{folds: 3, repeats: 2, seed: 4}}}}
metric: {{name: accuracy, mode: max}}
space: {{}}
"""
        prepared = prepare(spec_of(text, tmp_path))
        assert prepared.table is not None
        monkeypatch.setattr("hpsearch.trainables.splits._folds", None)
        table = shipped(prepared.table)
        assert build(prepared.program, table).evaluate(trial_of(prepared, {}), RememberingRun()).metrics["accuracy"] == 0.5
        for mapped, own in zip(table.splits, prepared.table.splits, strict=True):
            assert (mapped.repeat, mapped.fold) == (own.repeat, own.fold)
            for ours, theirs in ((mapped.train, own.train), (mapped.test, own.test)):
                assert ours.dtype == theirs.dtype
                assert ours.tolist() == theirs.tolist()
                assert not ours.flags.writeable

    def test_categories_are_mapped(self, tmp_path: Path) -> None:
        cells = np.random.default_rng(0).integers(0, 5, size=(3000, 2))
        pd.DataFrame(cells, columns=["state", "y"]).to_csv(tmp_path / "t.csv", index=False)
        table = shipped(load(tmp_path, "csv", "t.csv", dtypes={"state": "category"}))
        assert table.X["state"].cat.categories.tolist() == list("01234")
        assert table.X["state"].cat.codes.tolist() == cells[:, 0].tolist()


def test_a_table_is_handed_over_once() -> None:
    table = Table(np.zeros((1, 1)), None, (), ("x0",), "t", "")
    handover = Handover(table)
    assert handover.take() is table
    assert handover.take() is None
