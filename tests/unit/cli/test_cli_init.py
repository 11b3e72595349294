"""`hpsearch init` writes a spec whose first trial scores, whatever the table; what cannot be searched over is said."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_commands import Typist
from harness import ROOT

from hpsearch.spec import load_spec

CHURN = ROOT / "search_spaces" / "data" / "churn.csv"
ESTIMATORS = ("xgboost", "forest", "linear")
ROWS = 120
STEPS = np.arange(ROWS)


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typist:
    """Someone at the keyboard, in an empty folder."""
    return Typist(tmp_path, capsys, monkeypatch)


def table(**more: object) -> pd.DataFrame:
    """Two plain numbers, the columns in `more`, and a target of two labels at the end."""
    columns = {"size": STEPS % 13, "rate": (STEPS * 7 % 31) * 0.5, **more}
    return pd.DataFrame({**columns, "y": np.where(STEPS * 7 % 11 > 5, "yes", "no")})


def every(values: object, missing: int = 9) -> list[object]:
    """The values, one in `missing` of them missing."""
    return [None if row % missing == 0 else value for row, value in enumerate(values)]  # type: ignore[arg-type]


TOWNS = [f"town {row % 17}" for row in range(ROWS)]
TRUTH = [bool(row % 2) for row in range(ROWS)]
IDS = [f"C-{row * 37 % 1000:04}" for row in range(ROWS)]
DAYS = [f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in range(ROWS)]
ODD_NAMES = [
    "a b",
    'say "hi"',
    "it's",
    "c: d",
    "50%",
    "größe",
    "x#y",
    "null",
    "007",
    "${HOME}",
    "- dash",
    "a,b",
    "{x}",
    "tab\there",
]

TABLES = {
    "numbers": table(),
    "one number": table()[["rate", "y"]],
    "missing numbers": table(pay=every(STEPS * 1.5)),
    "missing numbers and text": table(pay=every(STEPS * 1.5), town=TOWNS),
    "missing text": table(town=every(TOWNS)),
    "text alone": table(town=every(TOWNS))[["town", "y"]],
    "much text": table(town=[f"town {row % 70}" for row in range(ROWS)], pay=every(STEPS * 1.5)),
    "booleans": table(ever=TRUTH, town=TOWNS),
    "booleans alone": table(ever=TRUTH, never=TRUTH[::-1])[["ever", "never", "y"]],
    "missing booleans": table(ever=every(TRUTH)),
    "missing booleans alone": table(ever=every(TRUTH))[["ever", "y"]],
    "ids": table(customer_id=IDS, number=STEPS + 1000, ref_no=STEPS * 17 % 4001),
    "dates": table(day=DAYS, at=[f"{day} 10:30:00" for day in DAYS], dot=[f"{1 + row % 9}.{1 + row % 12}.2024" for row in STEPS]),
    "an empty column": table(nothing=[None] * ROWS),
    "an index": table().reset_index(names=""),
    "odd names": table(**dict.fromkeys(ODD_NAMES, STEPS * 3 % 19)),
    "odd names of text": table(**dict.fromkeys(ODD_NAMES, TOWNS)),
    "names that xgboost refuses": table(**{"pay [EUR]": every(STEPS * 1.5), "a<b": STEPS % 5}),
    "target first": table(town=TOWNS)[["y", "town", "size"]],
    "few of a class": table().assign(y=["rare"] * 3 + ["usual"] * (ROWS - 3)),
    "three labels": table(town=TOWNS).assign(y=[f"class {row % 3}" for row in range(ROWS)]),
    "a boolean target": table(town=TOWNS).assign(y=TRUTH),
    "an integer target": table().assign(y=STEPS % 3),
    "a wide integer target": table(town=TOWNS).assign(y=STEPS * 7 % 97),
    "a float target": table(town=TOWNS).assign(y=STEPS * 0.25),
    "whole floats as target": table().assign(y=(STEPS % 2) * 1.0),
}  # fmt: skip


def first_score(typed: Typist, spec: str) -> float:
    """What the first trial of a spec scores, with few trees."""
    loaded = load_spec(typed.folder / spec)
    few = [f"{name}=3" for name in loaded.space.names() if name.endswith("n_estimators")]
    done = typed("try", spec, "--json", *(part for item in few for part in ("--set", item)))
    assert done.code == 0, done.err
    score = done.json()["metrics"][loaded.metric.name]
    assert isinstance(score, float)
    return score


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.filterwarnings("ignore:The least populated class")
def test_the_first_trial_scores(typed: Typist, estimator: str, kind: str) -> None:
    TABLES[kind].to_csv(typed.folder / "t.csv", index=False)
    done = typed("init", "--data", "t.csv", "--target", "y", "--estimator", estimator)
    assert done.code == 0, done.err
    assert math.isfinite(first_score(typed, "spec.yaml"))


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_target_of_any_name(typed: Typist, name: str) -> None:
    table().rename(columns={"y": name}).to_csv(typed.folder / "t.csv", index=False)
    assert typed("init", "--data", "t.csv", "--target", name).code == 0
    assert load_spec(typed.folder / "spec.yaml").data.target == name  # type: ignore[union-attr]
    assert math.isfinite(first_score(typed, "spec.yaml"))


def test_what_says_nothing_of_other_rows_is_left_out_and_said(typed: Typist) -> None:
    """A tree learns an id by heart, and a date one-hot encoded is an id: the score would be too good, or worthless."""
    frame = table(customer_id=IDS, number=STEPS + 1000, day=DAYS, nothing=[None] * ROWS, **{"it's: %": IDS})
    frame.to_csv(typed.folder / "t.csv", index=False)
    done = typed("init", "--data", "t.csv", "--target", "y")
    spec = load_spec(typed.folder / "spec.yaml")
    assert spec.data is not None
    assert spec.data.drop == ("customer_id", "number", "day", "nothing", "it's: %")
    assert done.err.splitlines() == [
        "left out: customer_id (another text in almost every row)",
        "left out: number (another whole number in every row)",
        "left out: day (dates)",
        "left out: nothing (empty)",
        "left out: it's: % (another text in almost every row)",
        "wrote spec.yaml (take a name out of data.drop to keep it). Next: hpsearch plan spec.yaml; hpsearch run spec.yaml",
    ]
    comments = [line for line in (typed.folder / "spec.yaml").read_text().splitlines() if "#" in line]
    assert "  # left out: customer_id (another text in almost every row)" in comments
    assert "  # left out: it's: % (another text in almost every row)" in comments


def test_whole_numbers_that_are_measured_stay(typed: Typist) -> None:
    """Different in every row, but neither counted up nor called an id: a salary, a population."""
    table(salary=STEPS**2 + 20_000, grid=STEPS * 17 % 4001, paid=STEPS * 19 % 4001).to_csv(typed.folder / "t.csv", index=False)
    assert typed("init", "--data", "t.csv", "--target", "y").code == 0
    assert load_spec(typed.folder / "spec.yaml").data.drop == ()  # type: ignore[union-attr]


def test_times_in_parquet_are_left_out(typed: Typist) -> None:
    frame = table(at=pd.date_range("2024-01-01", periods=ROWS), took=pd.to_timedelta(STEPS, unit="s"))
    frame["day"] = frame["at"].dt.date
    frame.to_parquet(typed.folder / "t[1].parquet")
    done = typed("init", "--data", "t[1].parquet", "--target", "y", "--estimator", "forest")
    assert done.err.splitlines()[:3] == ["left out: at (dates)", "left out: took (times)", "left out: day (dates)"]
    assert math.isfinite(first_score(typed, "spec.yaml"))


@pytest.mark.parametrize(
    ("frame", "target", "sentence"),
    [
        (table()[["y"]], "y", "t.csv has no column but y, and nothing to predict it from"),
        (table(customer_id=IDS)[["customer_id", "y"]], "y", "t.csv has nothing to predict y from: customer_id (another text in"),
        (table().assign(y=every(["a", "b"] * 60)), "y", "14 of 120 rows have no target (the first is row 1)"),
        (table().assign(y="a"), "y", "only one class, a"),
        (table().assign(y=["rare"] + ["a", "b"] * 59 + ["a"]), "y", "rare is the label of one row alone; take that row out"),
        (table(day=DAYS), "day", "--target day: holds dates"),
        (table(customer_id=IDS), "customer_id", "--target customer_id: holds another text in almost every row"),
        (table()[:0], "y", "--data t.csv: the table has no rows"),
    ],
)
def test_a_table_that_cannot_be_searched_over(typed: Typist, frame: pd.DataFrame, target: str, sentence: str) -> None:
    frame.to_csv(typed.folder / "t.csv", index=False)
    done = typed("init", "--data", "t.csv", "--target", target)
    assert done.code == 2
    assert sentence in done.err
    assert not (typed.folder / "spec.yaml").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,a,y\n1,2,x\n", "the header names a more than once"),
        ("a;y\n1;x\n", "is not separated by commas"),
        ("", "the file is empty"),
        ("a,y\n1,x\n1,x,3\n", "Expected 2 fields in line 3, saw 3"),
    ],
)
def test_a_file_that_is_no_table(typed: Typist, content: str, sentence: str) -> None:
    typed.write("t.csv", content)
    done = typed("init", "--data", "t.csv", "--target", "y")
    assert done.code == 2
    assert sentence in done.err
    assert not (typed.folder / "spec.yaml").exists()


@pytest.mark.parametrize(
    ("file", "name"),
    [("2024.csv", "2024"), ("null.csv", "null"), ("..x..csv", "x"), ("données.csv", "donn-es"), ("数据.csv", "study")],
)
def test_the_study_is_named_after_the_file(typed: Typist, file: str, name: str) -> None:
    table().to_csv(typed.folder / file, index=False)
    assert typed("init", "--data", file, "--target", "y").code == 0
    assert load_spec(typed.folder / "spec.yaml").name == name


def test_a_folder_that_is_not_there(typed: Typist) -> None:
    table().to_csv(typed.folder / "t.csv", index=False)
    done = typed("init", "--data", "t.csv", "--target", "y", "-o", "specs/new.yaml")
    assert done.code == 2
    assert f"-o specs/new.yaml: there is no folder {typed.folder / 'specs'}" in done.err


@pytest.mark.parametrize("estimator", ["xgboost", "forest", "linear"])
@pytest.mark.parametrize("target", ["churn", "total_day_minutes"])
def test_the_spec_that_init_writes_is_one_that_plan_accepts(typed: Typist, estimator: str, target: str) -> None:
    done = typed("init", "--data", CHURN, "--target", target, "--estimator", estimator, "-o", "first.yaml")
    assert done.code == 0, done.err
    assert done.err == "wrote first.yaml. Next: hpsearch plan first.yaml; hpsearch run first.yaml\n"
    planned = typed("plan", "first.yaml", "--json")
    assert planned.code == 0, planned.err
    assert 5 < planned.json()["configurations"] < 50
    spec = load_spec(typed.folder / "first.yaml")
    assert spec.metric.name == ("roc_auc" if target == "churn" else "neg_root_mean_squared_error")
    assert spec.name == "churn"


def test_init_for_numbers_alone_and_for_parquet(typed: Typist) -> None:
    table = pd.DataFrame(
        {"a b": [i % 7 for i in range(60)], "c": [i * 0.5 for i in range(60)], "kind": [i % 3 for i in range(60)]}
    )
    table.to_parquet(typed.folder / "my table.parquet")
    assert typed("init", "--data", "my table.parquet", "--target", "kind", "--estimator", "forest", "-o", "new.yaml").code == 0
    spec = load_spec(typed.folder / "new.yaml")
    assert (spec.name, spec.trial.kind, spec.metric.name) == ("my-table", "estimator", "accuracy")
    assert typed("plan", "new.yaml").code == 0


def test_init_replaces_nothing_unasked(typed: Typist) -> None:
    typed.write("spec.yaml", "mine")
    done = typed("init", "--data", CHURN, "--target", "churn")
    assert done.code == 2
    assert "spec.yaml exists already; name another file with -o, or replace it with --force" in done.err
    assert typed("init", "--data", CHURN, "--target", "churn", "--force").code == 0
    assert (typed.folder / "spec.yaml").read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "--data is missing, and there is nobody to ask"),
        (("--data", CHURN), "--target is missing, and there is nobody to ask"),
        (("--data", CHURN, "--target", "churned"), "has no such column; did you mean churn?"),
        (("--data", "none.csv", "--target", "x"), "none.csv"),
        (("--data", CHURN, "--target", "churn", "--estimator", "xgbost"), "'xgbost' is not one of"),
    ],
)
def test_init_says_what_is_missing(typed: Typist, arguments: tuple[object, ...], sentence: str) -> None:
    done = typed("init", *arguments, "-o", "new.yaml")
    assert done.code == 2
    assert sentence in done.err
    assert not (typed.folder / "new.yaml").exists()
