"""`data.text`: one column of running text, as a vectoriser reads it."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from trainables_builders import evaluate, problems_of

from hpsearch.spec.model import DataSpec
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.importing import put_first
from hpsearch.trainables.sources.loading import load_table
from hpsearch.trainables.sources.options import data_options
from hpsearch.trainables.table import Table
from hpsearch.trainables.task import Task

CSV = 'id,review,stars\n1,"good, really",5\n2,None,1\n3,,1\n4,007,5\n'
LOAD = """
import numpy as np, pandas as pd

WORDS = np.array("the a film plot actor dull bright long short loud".split())
REVIEWS = [" ".join(WORDS[np.random.default_rng(i).integers(0, 10, size=12)]) for i in range(90)]
Y = [int("dull" in review.split()) for review in REVIEWS]
frame = lambda: (pd.DataFrame({"id": range(90), "review": REVIEWS}), Y)
texts = lambda: (REVIEWS, Y)
array = lambda: (np.array(REVIEWS), Y)
holes = lambda: (pd.Series(["a", None, "b"]), [0, 1, 0])
"""
STUDY = """
trial: {pipeline: {tfidf: sklearn.feature_extraction.text.TfidfVectorizer, clf: sklearn.linear_model.SGDClassifier}}
data: {function: "reviews:frame", text: review}
evaluate: {cv: {folds: 3}}
metric: {name: accuracy, mode: max}
space: {tfidf__min_df: [1, 5]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "towns.csv").write_text(CSV)
    (tmp_path / "reviews.py").write_text(LOAD)
    put_first(tmp_path)
    return tmp_path


def load(folder: Path, kind: str, source: str, **options: object) -> Table:
    data = DataSpec(kind, source, **{"text": "review", **options})  # type: ignore[arg-type]
    return load_table(data, folder, Task.CLASSIFICATION, learner="SVC")


def refused(folder: Path, kind: str, source: str, **options: object) -> tuple[tuple[str, str], ...]:
    with pytest.raises(Finding) as caught:
        load(folder, kind, source, **options)
    return caught.value.items


def test_a_file_s_text_is_read_as_it_stands(folder: Path) -> None:
    """A review that says None is no missing one, and one of digits no number."""
    table = load(folder, "csv", "towns.csv", target="stars")
    assert table.X.tolist() == ["good, really", "None", "", "007"]
    assert table.X.shape == (4,)
    assert (table.feature_names, table.n_rows, table.n_columns, table.is_text) == (("review",), 4, 1, True)
    assert table.classes == (1, 5)


def test_csv_and_parquet_of_the_same_texts_are_alike(folder: Path) -> None:
    pd.read_csv(folder / "towns.csv", keep_default_na=False).to_parquet(folder / "towns.parquet")
    csv, parquet = load(folder, "csv", "towns.csv", target="stars"), load(folder, "parquet", "towns.parquet", target="stars")
    pd.testing.assert_series_equal(parquet.X, csv.X)


@pytest.mark.parametrize("name", ["frame", "texts", "array"])
def test_a_function_returns_a_frame_or_the_texts_themselves(folder: Path, name: str) -> None:
    table = load(folder, "function", f"reviews:{name}")
    assert len(table.X) == 90
    assert isinstance(table.X.iloc[0], str)
    assert str(table.X.dtype) == "str"


def test_what_is_no_text_is_a_sentence(folder: Path) -> None:
    pd.DataFrame({"review": ["a", None, "b"], "n": [1, 2, 3], "y": [0, 1, 0]}).to_parquet(folder / "t.parquet")
    assert refused(folder, "parquet", "t.parquet", target="y") == (
        (
            "data.text",
            " = review: 1 of 3 rows have no text (the first is row 2); write an empty text there, or take those rows"
            " out of the data",
        ),
    )
    assert refused(folder, "parquet", "t.parquet", target="y", text="n") == (
        ("data.text", " = n: holds integer values, not text; leave text out"),
    )
    assert refused(folder, "parquet", "t.parquet", target="y", text="reviews") == (
        ("data.text", " = reviews: t.parquet has no such column; did you mean review?"),
    )
    assert refused(folder, "sklearn", "iris") == (
        ("data.text", ": has no effect on scikit-learn's iris, which holds floats alone; leave it out"),
    )
    ((path, said),) = refused(folder, "function", "reviews:holes")
    assert path == "data.function"
    assert "1 of 3 rows have no text (the first is row 2)" in said
    ((path, said),) = refused(folder, "function", "reviews:texts", text=None)
    assert path == "data.function"
    assert said.endswith("X has the shape (90,); it must have rows and columns, or data.text a name for these texts")
    assert refused(folder, "function", "reviews:texts", target="y") == (
        ("data.target", " = y: reviews:texts returns texts alone; return (texts, y), or a DataFrame"),
    )


def test_scores_are_scikit_learn_s_on_a_list_of_texts(folder: Path) -> None:
    module = __import__("reviews")
    model = make_pipeline(TfidfVectorizer(min_df=5), SGDClassifier(random_state=0))
    splitter = StratifiedKFold(3, shuffle=True, random_state=0)
    alone = cross_val_score(model, module.REVIEWS, np.array(module.Y), cv=splitter)
    ours = evaluate(STUDY, folder, {"tfidf__min_df": 5})
    assert [split.scores["accuracy"] for split in ours.splits] == alone.tolist()


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (
            "{pipeline: {prep: {columns: {categorical: sklearn.preprocessing.OneHotEncoder}}, clf: sklearn.svm.SVC}}",
            "trial.pipeline.prep.columns: data.text hands over running text alone, and no columns of reviews:frame;"
            " put a sklearn.feature_extraction.text.TfidfVectorizer here",
        ),
        (
            "{pipeline: {scale: sklearn.preprocessing.StandardScaler, clf: sklearn.svm.SVC}}",
            "trial.pipeline.scale: StandardScaler takes numbers, and review of reviews:frame is running text;"
            " put a sklearn.feature_extraction.text.TfidfVectorizer before it",
        ),
        (
            "{estimator: xgboost.XGBClassifier}",
            "trial.estimator: XGBClassifier takes numbers, and review of reviews:frame is running text;"
            " put a sklearn.feature_extraction.text.TfidfVectorizer before it",
        ),
    ],
)
def test_who_cannot_read_text_is_told_before_the_start(folder: Path, trial: str, said: str) -> None:
    text = STUDY.replace(STUDY.splitlines()[1], f"trial: {trial}").replace("tfidf__min_df: [1, 5]", "random_state: [0, 1]")
    if "pipeline" in trial:
        text = text.replace("random_state", "clf__random_state")
    assert problems_of(text, folder) == [said]


def test_texts_are_mapped_by_workers_and_not_copied(folder: Path) -> None:
    table = load(folder, "function", "reviews:texts")
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(table, protocol=5, buffer_callback=buffers.append)
    letters = sum(map(len, table.X))
    assert any(buffer.raw().nbytes >= letters for buffer in buffers)
    assert len(head) < letters / 4
    back = pickle.loads(head, buffers=[memoryview(bytes(buffer.raw())) for buffer in buffers])
    assert back.X.tolist() == table.X.tolist()


def test_text_is_part_of_who_a_trial_is_and_its_absence_is_not(folder: Path) -> None:
    both = {load(folder, "csv", "towns.csv", target="stars", text=text).digest for text in (None, "review")}
    assert len(both) == 2
    assert "text" not in data_options(DataSpec("csv", "towns.csv", target="stars"))
