"""Blocks that are known and checked, and have no effect yet: a spec that has one is refused with a sentence."""

from __future__ import annotations

from hpsearch.spec.forms import Form, Key, Schema
from hpsearch.spec.kinds import Label, Labels, Many, Named, Number, Own, Text, Words
from hpsearch.spec.nodes import MapNode
from hpsearch.spec.places import Place

EARLY_STOP = Form(
    "early_stop",
    "Ends trials that fall behind before they have spent all of their resource.",
    (
        Key("method", Words(("none", "asha", "hyperband", "median", "pbt", "pb2")), "The rule.", "asha"),
        Key("ray", Text(), "One of Ray's schedulers, by its dotted path.", "ray.tune.schedulers.HyperBandScheduler"),
        Key("resource", Label(), "What `trial.report(step=...)` counts.", "rounds"),
        Key("min", Number(0, above=True), "What every trial may spend.", "1"),
        Key("max", Number(0, above=True), "What a trial may spend at most.", "81"),
        Key("eta", Number(1, above=True), "The share that goes on at each rung is 1 in this many.", "3"),
    ),
)
ENVIRONMENT = Form(
    "environment",
    "What workers run in: Ray's runtime environment. A part of who a trial is.",
    (
        Key("pip", Labels(), "Packages, as pip names them.", "[catboost==1.2.10]"),
        Key("env", Named(Label(), "a mapping of names to texts"), "Environment variables.", '{OMP_NUM_THREADS: "1"}'),
        Key("working_dir", Text(), "The folder that workers run in.", "."),
    ),
)
COST = Form(
    "cost",
    "Prices, for what a study has cost.",
    (
        Key("cpu_hour", Number(0), "Of a CPU for an hour.", "0.04"),
        Key("gpu_hour", Number(0), "Of a GPU for an hour.", "2.5"),
    ),
)
NOTIFY = Form(
    "notify",
    "Whom to tell of a study's end.",
    (
        Key("webhook", Text(), "The address that is told.", "'${secret:HPSEARCH_WEBHOOK}'", needs="write the address"),
        Key("on", Many(Words(("done", "failed")), "a list of done and failed"), "Of what.", "[done, failed]"),
    ),
)
LOG_RULE = Form(
    "log_rules",
    "What a line in a failed trial's log means.",
    (
        Key("pattern", Text(), "A regular expression.", "CUDA out of memory", needs="write a regular expression"),
        Key("action", Words(("no_retry", "exclude_node")), "What to do.", "no_retry", needs="write no_retry or exclude_node"),
    ),
)


def _early_stop(place: Place) -> None:
    at = place
    if isinstance(place.node, MapNode):
        EARLY_STOP.read(place)
        at = place.child("method")
    if not at.says("none"):
        place.add("early stopping is not supported yet; drop it, or write none")


def _ledger(place: Place) -> None:
    if not place.says("sqlite"):
        place.refuse("a ledger elsewhere than in the study's folder is not supported yet; drop it, or write sqlite")


def _none_alone() -> Schema:
    form = EARLY_STOP.schema()
    form["properties"]["method"] = {"const": "none"}
    return {"anyOf": [{"const": "none"}, {**form, "required": ["method"]}]}


EARLY = Own("`none`", _early_stop, _none_alone(), (EARLY_STOP,))
LEDGER = Own("`sqlite`", _ledger, {"const": "sqlite"})
