"""The data block: the table that trials are fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import Flag, Label, Labels, Named, Number, Scalar, Text
from hpsearch.spec.model import DataSpec, TrialSpec
from hpsearch.spec.nodes import MapNode
from hpsearch.spec.paths import FUNCTION
from hpsearch.spec.places import Block, Place

KINDS: tuple[Literal["csv", "parquet", "sklearn", "function"], ...] = ("csv", "parquet", "sklearn", "function")

DATA = Form(
    "data",
    "The table that an estimator or a pipeline is fitted to. A function loads its own, or asks for `trial.data`.",
    (
        Key("csv", Text(), "A CSV file, by its path.", "data/churn.csv"),
        Key("parquet", Text(), "A Parquet file, a folder of them, or a glob.", "data/*.parquet"),
        Key("sklearn", Text(), "One of scikit-learn's bundled sets, by its name.", "digits"),
        Key("function", FUNCTION, "A function that returns the table, or (X, y).", "'mylib.data:load'"),
        Key("target", Label(), "The column that trials predict. Labels of any type are encoded by sorted class.", "churn"),
        Key("columns", Labels(), "The columns to keep; left out, all of them.", "[age, income, plan]"),
        Key("drop", Labels(), "Columns to leave out.", "[customer_id]"),
        Key("dtypes", Named(Text(), "a mapping of columns to their types"), "Types of columns.", "{state: category}"),
        Key("na_values", Labels(), "Further words that mean missing, in a CSV file.", "[-999, unknown]"),
        Key("positive", Scalar(), "The label of two that is class 1; left out, the last in sorted order.", "churned"),
        Key("float32", Flag(), "Whether columns of float64 become float32.", "true", "false"),
        Key("where", Text(), "Which rows to keep.", "plan == 'paid'", later="filter the rows beforehand, or in a function"),
        Key("text", Label(), "The column of running text that goes to trials alone, as a series of texts.", "review"),
        Key("weight", Label(), "The column of the rows' weights, for fits and scorers.", "w", later=""),
        Key("groups", Label(), "The column of groups that no split takes apart.", "user", later=""),
        Key("time", Label(), "The column that orders rows in time.", "day", later=""),
        Key("sample", Number(0, 1, above=True), "The share of rows to use.", "0.1", later=""),
        Key("holdout", Number(0, 1, above=True, below=True), "The share kept from the search, for the winner.", "0.2", later=""),
    ),
    one_of=KINDS,
    what="a source",
    example="data: {csv: data/churn.csv, target: churn, drop: [customer_id], dtypes: {state: category}, positive: churned}",
)


def read_data(place: Place, trial: TrialSpec | None) -> DataSpec | None:
    needs_data = trial is not None and trial.kind != "function"
    if needs_data:
        place.require("an estimator and a pipeline need it: write {csv: PATH, target: COLUMN}, or parquet, sklearn, function")
    if not isinstance(place.node, MapNode):
        DATA.block(place)
        return None
    block = DATA.block(place)
    kind = block.only(KINDS, DATA.what)
    given = DATA.values(block, but=[other for other in KINDS if other != kind])
    target, columns, drop, text = given.get("target"), given.get("columns", ()), given.get("drop", ()), given.get("text")
    if needs_data and kind in ("csv", "parquet"):
        block.at("target").require("trials are scored against a column: write target: COLUMN")
    if columns and drop:
        block.at("drop").refuse("columns and drop exclude each other; keep one of them")
    if target is not None and target in drop:
        block.at("drop").refuse(f"drops the target, {target}; leave it in")
    if text is not None:
        _check_text(block, text, given)
    if kind in ("parquet", "function") and (at := block.at("na_values")):
        at.add("is for csv alone; other sources mark their missing values themselves")
    source = given.pop(kind, None) if kind is not None else None
    return None if kind is None or source is None else DataSpec(kind, source, **given)  # type: ignore[arg-type]  # one of KINDS


def _check_text(block: Block, text: str, given: Mapping[str, Any]) -> None:
    for name in ("columns", "drop"):
        if given.get(name):
            block.at(name).refuse(f"has no effect beside text, which takes {text} alone; leave it out")
    if given.get("target") == text:
        block.at("text").refuse(f"is the target, {text}; a model would be shown the answer")
    if text in given.get("dtypes", {}):
        block.at("dtypes").child(text).refuse("is the column of text, and has no other type; leave it out")
    if given.get("float32"):
        block.at("float32").refuse("has no effect on text; leave it out")
