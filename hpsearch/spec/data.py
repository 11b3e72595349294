"""The data, evaluate and metric blocks: what trials are scored on, how, and by what."""

from __future__ import annotations

from typing import Literal

from hpsearch.core.metric import Metric, Mode
from hpsearch.core.names import did_you_mean
from hpsearch.spec.model import CvSpec, DataSpec, EvaluateSpec, HoldoutSpec, TrialSpec
from hpsearch.spec.nodes import ListNode, MapNode, ScalarNode
from hpsearch.spec.places import Block, Place
from hpsearch.spec.trial import function_path

KINDS: tuple[Literal["csv", "parquet", "sklearn", "function"], ...] = ("csv", "parquet", "sklearn", "function")

# What every trial's record holds beside its scores.
MEASURED = ("fit_s", "score_s", "seconds", "peak_rss_bytes")

_DATA_LATER = {
    "where": "filter the rows beforehand, or in a function",
    "text": "",
    "weight": "",
    "groups": "",
    "time": "",
    "sample": "",
    "holdout": "",
}
# What the names of scikit-learn's losses have in them; the scorer of each is neg_NAME.
_LOSSES = ("loss", "error", "deviance", "brier", "negative_likelihood")
_METRICS_LATER = ("predict_ms", "model_bytes", "peak_rss", "silhouette")


def read_data(place: Place, trial: TrialSpec | None) -> DataSpec | None:
    keys = (*KINDS, "target", "columns", "drop", "dtypes", "na_values", "positive", "float32")
    block = place.block(keys, later=_DATA_LATER)
    needs_data = trial is not None and trial.kind != "function"
    if needs_data:
        place.require("an estimator and a pipeline need it: write {csv: PATH, target: COLUMN}, or parquet, sklearn, function")
    if not isinstance(place.node, MapNode):
        return None
    kind = block.only(KINDS, "a source")
    source = None if kind is None else function_path(block.at(kind)) if kind == "function" else block.at(kind).text(None)
    target = block.at("target").label(None)
    if needs_data and kind in ("csv", "parquet"):
        block.at("target").require("trials are scored against a column: write target: COLUMN")
    columns, drop = block.at("columns").labels(), block.at("drop").labels()
    if columns and drop:
        block.at("drop").refuse("columns and drop exclude each other; keep one of them")
    if target is not None and target in drop:
        block.at("drop").refuse(f"drops the target, {target}; leave it in")
    dtypes = {name: dtype for name, at in block.at("dtypes").entries() if (dtype := at.text(None)) is not None}
    if kind in ("parquet", "function") and (at := block.at("na_values")):
        at.add("is for csv alone; other sources mark their missing values themselves")
    if kind is None or source is None:
        return None
    return DataSpec(
        kind=next(known for known in KINDS if known == kind),
        source=source,
        target=target,
        columns=columns,
        drop=drop,
        dtypes=dtypes,
        na_values=block.at("na_values").labels(),
        positive=block.at("positive").scalar(None),
        float32=block.at("float32").flag(False),
    )


def read_metric(place: Place, trial: TrialSpec | None) -> Metric | None:
    if isinstance(place.node, ListNode):
        place.refuse("a list of metrics is not supported yet; write one {name, mode}")
        return None
    if isinstance(place.node, ScalarNode):
        place.refuse(f"must be a mapping; write {{name: {place.node.text}, mode: max}}, or mode: min")
        return None
    later = {"target": "the whole search runs", "at": "the last report counts"}
    block = place.block(("name", "mode"), later=later)
    if not isinstance(place.node, MapNode):
        return None
    name = _metric_name(block.at("name")) if block.at("name").require("write the metric's name") else None
    mode = block.at("mode").one_of(("min", "max"), None)
    scored = trial is not None and not trial.scores_itself
    if mode is None and not block.at("mode") and trial is not None:
        if not scored:
            block.at("mode").require("write min or max")
        mode = "max"
    if scored and mode == "min" and name is not None and name not in MEASURED:
        block.at("mode").refuse(f"a scorer is always maximised{_maximised(name)}")
    return None if name is None else Metric(name, Mode(mode or "max"))


def _maximised(name: str) -> str:
    """How to have a scorer maximised of which somebody wants less: the end of a sentence."""
    if ":" in name:
        return f"; write mode: max, and let {name} return its loss with the sign turned"
    if name.startswith("neg_"):
        return ", and this one is a loss with its sign turned; write mode: max"
    if any(word in name for word in _LOSSES):
        return f"; write mode: max, and the scorer of that loss, neg_{name}"
    return ": more of it is better; write mode: max"


def read_evaluate(place: Place, study: Block, trial: TrialSpec | None, metric: Metric | None) -> EvaluateSpec | None:
    """The block with its defaults, held against the study's other blocks.

    For a function: None where there is none; where there is, what `trial.splits` gives.
    """
    block = place.block(("cv", "holdout", "metrics"), later={"early_stopping": "", "split": ""})
    scored = trial is None or trial.kind != "function"
    if not scored:
        if place and not study.at("data"):
            place.refuse("a function scores itself, and there is no data block to split for it; drop evaluate, or add data")
        if at := block.at("metrics"):
            at.add("a function returns its own metrics; drop metrics")
        if not place:
            return None
    cv, holdout = _cv(block.at("cv")), _holdout(block.at("holdout"))
    if block.at("cv") and block.at("holdout"):
        block.only(("cv", "holdout"), "a way to split")
    own = () if metric is None else (metric.name,)
    metrics = _metrics(block.at("metrics"), study.at("metric").child("name")) if scored and block.at("metrics") else own
    return EvaluateSpec(cv if cv or holdout else CvSpec(), holdout, metrics)


def _cv(place: Place) -> CvSpec | None:
    block = place.block(("folds", "repeats", "stratify", "shuffle", "seed"), later={"kind": "", "gap": ""})
    cv = CvSpec(
        folds=block.at("folds").whole(5, low=2),
        repeats=block.at("repeats").whole(1, low=1),
        stratify=block.at("stratify").flag(None),
        shuffle=block.at("shuffle").flag(True),
        seed=block.at("seed").whole(0, low=0, high=2**32 - 1),
    )
    if cv.repeats > 1 and not cv.shuffle:
        block.at("repeats").refuse("without shuffle every repeat is the same; write shuffle: true, or repeats: 1")
    return cv if place else None


def _holdout(place: Place) -> HoldoutSpec | None:
    block = place.block(("fraction", "repeats", "stratify", "seed"), later={"split": ""})
    fraction = block.at("fraction").number(0.2, low=0, high=1, above=True)
    if fraction == 1:
        block.at("fraction").refuse("leaves no rows to fit on; write a fraction below 1")
    holdout = HoldoutSpec(
        fraction=fraction,
        repeats=block.at("repeats").whole(1, low=1),
        stratify=block.at("stratify").flag(None),
        seed=block.at("seed").whole(0, low=0, high=2**32 - 1),
    )
    return holdout if place else None


def _metrics(place: Place, metric: Place) -> tuple[str, ...]:
    places = [place] if isinstance(place.node, ScalarNode) else list(place.items("a list of metrics"))
    names: list[str] = []
    for at in places:
        name = _metric_name(at)
        if name is not None and name in names:
            at.refuse("stands twice; keep one")
        elif name is not None:
            names.append(name)
    if isinstance(metric.node, ScalarNode) and isinstance(metric.node.value, str) and metric.node.value not in names:
        metric.refuse(f"is not one of evaluate.metrics{did_you_mean(metric.node.value, names) or '; add it there'}")
    return tuple(names)


def _metric_name(place: Place) -> str | None:
    name = place.text(None)
    if name in _METRICS_LATER:
        place.refuse("is not supported yet as a metric")
        return None
    if name is not None and (not name.isprintable() or name.strip() != name or len(name) > 200):
        place.refuse("must be a metric's name, without blanks around it")
        return None
    return name
