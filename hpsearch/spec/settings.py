"""The blocks that say how a study runs: repeat, resources, limits, retry, reuse, tracking, report."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from hpsearch.core.names import did_you_mean
from hpsearch.spec.evaluate import MEASURED
from hpsearch.spec.forms import Form, Key
from hpsearch.spec.kinds import (
    ANYTHING,
    SEED,
    Duration,
    Labels,
    Many,
    Memory,
    Named,
    Number,
    Own,
    Share,
    Text,
    Whole,
    Words,
)
from hpsearch.spec.model import (
    EvaluateSpec,
    LimitsSpec,
    RepeatSpec,
    ReportSpec,
    ResourcesSpec,
    RetrySpec,
    ReuseSpec,
    TrackingSpec,
)
from hpsearch.spec.nodes import ListNode, ScalarNode
from hpsearch.spec.places import Place
from hpsearch.spec.variables import SECRET, masked

# No letter of it may change when an address is taken apart.
_MASK = "secret"


def _seeds(place: Place) -> tuple[int, ...] | None:
    if isinstance(place.node, ScalarNode) and type(place.node.value) is int and 0 < place.node.value <= 100:
        place.refuse(f"must be a list of seeds; write [{', '.join(str(seed) for seed in range(place.node.value))}]")
        return None
    seeds: dict[int, None] = {}
    items = list(place.items("a list of seeds"))
    for item in items:
        seed = SEED.read(item)
        if seed is not None and seed in seeds:
            item.refuse("stands twice; a seed repeated gives the same trial")
        elif seed is not None:
            seeds[seed] = None
    if not items and isinstance(place.node, ListNode):
        place.refuse("needs at least one seed")
    return tuple(seeds) or None


REPEAT = Form(
    "repeat",
    "Each configuration runs once with each seed; rankings are over configurations.",
    (
        Key(
            "seeds",
            Own(
                "a list of seeds",
                _seeds,
                {"type": "array", "items": SEED.schema(), "minItems": 1, "uniqueItems": True},
            ),
            "The seeds.",
            "[0, 1, 2]",
            "[0]",
        ),
    ),
)

CASE = Form(
    "resources.cases",
    "Other resources for some configurations.",
    (
        Key(
            "when",
            Named(ANYTHING),
            "Parameters and their values.",
            "{estimator: xgboost.XGBClassifier}",
            needs="write {parameter: value}",
        ),
        Key("cpu", Number(0, above=True), "CPUs.", "4"),
        Key("gpu", Number(0), "GPUs.", "0.25"),
        Key("memory", Memory(), "Memory.", "4GiB"),
    ),
)

RESOURCES = Form(
    "resources",
    "What one trial takes.",
    (
        Key("cpu", Number(0, above=True), "CPUs, and threads of the libraries that a trial uses.", "2", "1"),
        Key("gpu", Number(0), "GPUs; a fraction below 1 shares one.", "0.25", "0"),
        Key("memory", Memory(), "Memory; trials run at once as far as it reaches.", "1GiB"),
        Key("accelerator", Text(), "The GPUs' type.", "A100", later=""),
        Key("cases", Many(CASE), "Other resources for some configurations.", "[{when: {booster: dart}, cpu: 2}]", later=""),
    ),
)

NO_GAIN = Form(
    "limits.no_gain",
    "Ends a search that finds nothing better any more.",
    (
        Key("trials", Whole(1), "After how many trials.", "100", needs="write a number of trials"),
        Key("by", Number(0), "What is a gain.", "0.001", "0"),
    ),
)

LIMITS = Form(
    "limits",
    "How far a study goes.",
    (
        Key("concurrent", Whole(1), "Trials at once; left out, as many as the machines hold.", "32"),
        Key("failures", Share("the trials"), "The share of failed trials above which a study ends.", "10%"),
        Key("trial_time", Duration(), "How long a trial may take.", "10m", later=""),
        Key("total_time", Duration(), "How long a run may take.", "2h", later=""),
        Key("memory", Memory(), "What a trial may take before it is ended.", "4GiB", later=""),
        Key("no_gain", NO_GAIN, "Ends a search that finds nothing better.", "{trials: 100, by: 0.001}", later=""),
    ),
)

RETRY = Form(
    "retry",
    "How often a trial is tried again, by what ended it.",
    tuple(
        Key(name, Whole(0), help, "1", str(getattr(RetrySpec(), name)))
        for name, help in (
            ("crash", "Its process died."),
            ("node_lost", "Its machine was lost."),
            ("out_of_memory", "Its machine ran out of memory."),
            ("timeout", "It took too long."),
            ("error", "It raised."),
        )
    ),
)


def _results(place: Place) -> bool | None:
    results = place.flag(None)
    if results is False:
        place.refuse("false is not supported yet; `hpsearch rm` forgets a study's results")
    return results


REUSE = Form(
    "reuse",
    "What is done with results that are there already.",
    (
        Key("results", Own("true", _results, {"const": True}), "A trial that has a result is not run again.", "true", "true"),
        Key(
            "failed", Words(("keep", "rerun")), "Whether failed trials stay as they are, or run again each time.", "rerun", "keep"
        ),
        Key("from", Labels(), "Other studies whose results a searcher is told.", "[churn-2023]", later=""),
    ),
)


def _uri(place: Place) -> str | None:
    """An address. A secret may stand where addresses hold theirs: those parts are shown to nobody."""
    uri = place.text(None)
    if uri is None:
        return None
    try:
        parts = urlsplit(masked(uri, _MASK))
    except ValueError:  # the value is not shown: a password may be in it
        place.add("the brackets hold no IPv6 address; write http://HOST:5000")
        return None
    if SECRET in uri:
        host = parts.netloc.rpartition("@")[2]
        if any(_MASK in part for part in (parts.scheme, host, parts.path, parts.fragment)):
            place.refuse("a secret stands in an address's user, password or query; write the rest in the open")
    return uri


def _experiment(place: Place) -> str | None:
    name = place.text(None)
    if name is not None and SECRET in name:
        place.refuse("a name is shown everywhere; write it in the open")
    return name


TRACKING = Form(
    "tracking",
    "Where MLflow is.",
    (
        Key(
            "uri",
            Own("an address; its user, password and query may be secrets", _uri, Text().schema()),
            "MLflow's tracking URI; left out, MLflow's own default.",
            "'http://${secret:MLFLOW_USER}:${secret:MLFLOW_PASSWORD}@head:5000'",
        ),
        Key("experiment", Own("a text", _experiment, Text().schema()), "The experiment; left out, the study's name.", "churn"),
        Key("artifacts", Many(Words(("model",)), "a list of what is kept"), "What is kept of each trial.", "[model]", later=""),
    ),
)

REPORT = Form(
    "report",
    "The ranking and the report.",
    (
        Key("top", Whole(1), "Rows of a printed ranking.", "10", "20"),
        Key("tie_break", Labels("a metric, or a list of them"), "What orders equal scores: less of it is better.", "[fit_s]"),
        Key("rank", Text(), "The rule of the ranking.", "nb-set", later="configurations are ranked by their mean score"),
    ),
)


def read_repeat(place: Place) -> RepeatSpec:
    return RepeatSpec(**REPEAT.read(place))


def read_resources(place: Place) -> ResourcesSpec:
    block = RESOURCES.block(place)
    given = RESOURCES.values(block)
    gpu = given.get("gpu", 0.0)
    if gpu > 1 and gpu != int(gpu):
        block.at("gpu").refuse("above 1 only whole GPUs can be had")
    return ResourcesSpec(given.get("cpu", 1.0), gpu, given.get("memory"))


def read_limits(place: Place) -> LimitsSpec:
    return LimitsSpec(**LIMITS.read(place))


def read_retry(place: Place) -> RetrySpec:
    return RetrySpec(**RETRY.read(place))


def read_reuse(place: Place) -> ReuseSpec:
    return ReuseSpec(REUSE.read(place).get("failed", "keep"))


def read_tracking(place: Place) -> TrackingSpec:
    return TrackingSpec(**TRACKING.read(place))


def read_report(place: Place, evaluate: EvaluateSpec | None) -> ReportSpec:
    block = REPORT.block(place)
    given = REPORT.values(block)
    # A function's metrics are known only when it has run.
    known: Sequence[str] = (*evaluate.metrics, *MEASURED) if evaluate is not None else ()
    for name in given.get("tie_break", ()):
        if known and name not in known:
            fix = did_you_mean(name, known) or f"; known are {', '.join(known)}"
            block.at("tie_break").add(f"{name} is no metric of this study{fix}")
    return ReportSpec(**given)
