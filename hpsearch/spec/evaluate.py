"""The metric and evaluate blocks: by what trials are scored, and on which splits."""

from __future__ import annotations

from hpsearch.core.metric import Metric, Mode
from hpsearch.core.names import nearest
from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import SEED, Flag, Label, Number, Own, Whole, Words
from hpsearch.spec.model import CvSpec, EvaluateSpec, HoldoutSpec, TrialSpec
from hpsearch.spec.nodes import ListNode, MapNode, ScalarNode
from hpsearch.spec.places import Block, Place

# What every trial's record holds beside its scores.
MEASURED = ("fit_s", "score_s", "seconds", "peak_rss_bytes")

# What the names of scikit-learn's losses have in them; the scorer of each is neg_NAME.
_LOSSES = ("loss", "error", "deviance", "brier", "negative_likelihood")
_MOST_METRICS = 100
_MOST_SPLITS = 10_000
_METRICS_LATER = ("predict_ms", "model_bytes", "peak_rss", "silhouette")


def _metric_name(place: Place) -> str | None:
    name = place.text(None)
    if name in _METRICS_LATER:
        place.refuse("is not supported yet as a metric")
        return None
    if name is not None and (not name.isprintable() or name.strip() != name or len(name) > 200):
        place.refuse("must be a metric's name, without blanks around it")
        return None
    return name


def _metrics(place: Place) -> tuple[str, ...]:
    places = [place] if isinstance(place.node, ScalarNode) else list(place.items("a list of metrics"))
    if len(places) > _MOST_METRICS:
        place.refuse(f"has {len(places):,} metrics; a study has at most {_MOST_METRICS}")
        return ()
    names: list[str] = []
    for at in places:
        name = _metric_name(at)
        if name is not None and name in names:
            at.refuse("stands twice; keep one")
        elif name is not None:
            names.append(name)
    return tuple(names)


_NAME = {"type": "string", "pattern": r"^\S(.{0,198}\S)?$", "not": {"enum": list(_METRICS_LATER)}}
METRIC_NAME = Own("a scorer of scikit-learn, `pkg.mod:scorer`, or what a function returns", _metric_name, _NAME)
_METRIC_NAMES = Own(
    "a list of scorers' names",
    _metrics,
    {"anyOf": [_NAME, {"type": "array", "items": _NAME, "uniqueItems": True, "maxItems": _MOST_METRICS}]},
)

METRIC = Form(
    "metric",
    "What the search optimises.",
    (
        Key(
            "name",
            METRIC_NAME,
            "The metric: one of `evaluate.metrics`, or of what a function returns.",
            "roc_auc",
            needs="write the metric's name",
        ),
        Key(
            "mode",
            Words(("min", "max")),
            "Whether less or more of it is better. A scorer's is max; a function's must be said.",
            "max",
        ),
        Key("target", Number(), "A score that is good enough to stop at.", "0.95", later="the whole search runs"),
        Key("at", Words(("last", "best")), "Which of a function's reports counts.", "best", later="the last report counts"),
    ),
)

CV = Form(
    "evaluate.cv",
    "K-fold cross-validation.",
    (
        Key("folds", Whole(2, _MOST_SPLITS), "How many parts the rows are cut into; each is scored once.", "3", "5"),
        Key("repeats", Whole(1, _MOST_SPLITS), "How often all is done again with other folds.", "2", "1"),
        Key("stratify", Flag(), "Whether each fold has the classes' shares; left out, where the target is classes.", "true"),
        Key("shuffle", Flag(), "Whether rows are shuffled before they are cut.", "false", "true"),
        Key("seed", SEED, "Of the shuffling.", "7", "0"),
        Key(
            "kind", Words(("group", "time")), "Folds that keep groups together, or the past before the future.", "group", later=""
        ),
        Key("gap", Whole(0), "Rows left out between the past and the future.", "10", later=""),
    ),
)

HOLDOUT = Form(
    "evaluate.holdout",
    "Random splits, each with some rows kept for scoring.",
    (
        Key("fraction", Number(0, 1, above=True, below=True), "The share of rows that is scored.", "0.25", "0.2"),
        Key("repeats", Whole(1, _MOST_SPLITS), "How many splits.", "3", "1"),
        Key("stratify", Flag(), "As in cv.", "true"),
        Key("seed", SEED, "Of the drawing.", "7", "0"),
    ),
)

EARLY_STOPPING = Form(
    "evaluate.early_stopping",
    "Boosting that ends when an inner split of the training rows gains no more.",
    (
        Key("fraction", Number(0, 1, above=True, below=True), "The share of the training rows kept for it.", "0.1", "0.1"),
        Key("rounds", Whole(1), "Rounds without gain.", "20", "20"),
    ),
)

EVALUATE = Form(
    "evaluate",
    "How a trial is scored: on which splits, and by which scorers. For a function: what `trial.splits` gives.",
    (
        Key("cv", CV, "K-fold cross-validation.", "{folds: 3}", "{folds: 5}"),
        Key("holdout", HOLDOUT, "Random splits, in place of folds.", "{fraction: 0.25}"),
        Key("metrics", _METRIC_NAMES, "All that is scored; the study's own metric is one of them.", "[roc_auc, neg_log_loss]"),
        Key("split", Label(), "A column that says which rows are scored.", "fold", later=""),
        Key("early_stopping", EARLY_STOPPING, "Ends boosting early.", "{fraction: 0.1, rounds: 20}", later=""),
    ),
    at_most=("cv", "holdout"),
    what="a way to split",
    example="evaluate:\n  cv: {folds: 3, repeats: 2}\n  metrics: [roc_auc, neg_log_loss]",
)


def read_metric(place: Place, trial: TrialSpec | None) -> Metric | None:
    if isinstance(place.node, ListNode):
        place.refuse("a list of metrics is not supported yet; write one {name, mode}")
        return None
    if isinstance(place.node, ScalarNode):
        place.refuse(f"must be a mapping; write {{name: {place.node.text}, mode: max}}, or mode: min")
        return None
    block = METRIC.block(place)
    if not isinstance(place.node, MapNode):
        return None
    given = METRIC.values(block)
    name, mode = given.get("name"), given.get("mode")
    scored = trial is not None and not trial.scores_itself
    if mode is None and not block.at("mode") and trial is not None and not scored:
        block.at("mode").require("write min or max")
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
    block = EVALUATE.block(place)
    scored = trial is None or trial.kind != "function"
    if not scored and place and not study.at("data"):
        place.refuse("a function scores itself, and there is no data block to split for it; drop evaluate, or add data")
    if not scored and (at := block.at("metrics")):
        at.add("a function returns its own metrics; drop metrics")
    given = EVALUATE.values(block, but=() if scored else ("metrics",))
    if not scored and not place:
        return None
    own = () if metric is None else (metric.name,)
    metrics = given.get("metrics", own)
    if scored and block.at("metrics"):
        _check_among(block.at("metrics"), metrics, study.at("metric").child("name"))
    cv = CvSpec(**given["cv"]) if "cv" in given else None
    holdout = HoldoutSpec(**given["holdout"]) if "holdout" in given else None
    if cv is not None and cv.repeats > 1 and not cv.shuffle:
        block.at("cv").child("repeats").refuse("without shuffle every repeat is the same; write shuffle: true, or repeats: 1")
    if cv is not None and (splits := cv.folds * cv.repeats) > _MOST_SPLITS:
        block.at("cv").add(
            f": {cv.folds:,} folds, {cv.repeats:,} times, are {splits:,} splits; a trial has at most {_MOST_SPLITS:,}"
        )
    return EvaluateSpec(cv if cv or holdout else CvSpec(), holdout, metrics)


def _check_among(place: Place, metrics: tuple[str, ...], name: Place) -> None:
    """Notes a metric that is none of the list. Of two names nearly the same one is misspelt: which, nobody knows."""
    if not isinstance(name.node, ScalarNode) or not isinstance(name.node.value, str) or name.node.value in metrics:
        return
    if near := nearest(name.node.value, metrics):
        places = [place] if isinstance(place.node, ScalarNode) else place.items()
        at = next((item for item in places if isinstance(item.node, ScalarNode) and item.node.value == near), place)
        at.refuse(f"metric.name is {name.node.value}; write the same name in both")
    else:
        name.refuse("is not one of evaluate.metrics; add it there")
