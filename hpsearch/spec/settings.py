"""The blocks that say how a study runs: search, repeat, resources, limits, retry, reuse, tracking, report."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from hpsearch.core.names import did_you_mean
from hpsearch.core.seeds import uniform
from hpsearch.core.values import Params, Value, canonical
from hpsearch.space import Parameter, Space, SpaceError
from hpsearch.spec.data import MEASURED
from hpsearch.spec.fixed import opened
from hpsearch.spec.model import (
    EvaluateSpec,
    LimitsSpec,
    RepeatSpec,
    ReportSpec,
    ResourcesSpec,
    RetrySpec,
    ReuseSpec,
    SearchSpec,
    TrackingSpec,
)
from hpsearch.spec.nodes import ListNode, MapNode, ScalarNode
from hpsearch.spec.places import Place
from hpsearch.spec.units import fraction, memory_bytes

_METHODS = ("grid", "random", "sobol", "list")
_LATER_METHODS = ("tpe", "gp", "cmaes", "nsga2")
# scikit-learn's random_state takes no more.
_LARGEST_SEED = 2**32 - 1


def read_search(place: Place) -> SearchSpec:
    block = place.block(("method", "trials", "seed", "order", "first", "configurations"), later={"args": ""})
    at = block.at("method")
    if isinstance(at.node, MapNode) and "ray" in at.node.entries:
        at.refuse("Ray's own searchers are not supported yet; use grid, random or sobol")
        method = "random"
    else:
        method = at.one_of(_METHODS, "grid", _LATER_METHODS)
    known = not at or (isinstance(at.node, ScalarNode) and at.node.value == method)
    trials = block.at("trials").whole(None, low=1)
    seed = block.at("seed").whole(0, low=0, high=2**63 - 1)
    order = block.at("order").one_of(("sequential", "shuffled"), "sequential")
    if known and method != "grid" and (at := block.at("order")):
        at.add("is a grid's alone")
    if known and method != "list" and (at := block.at("configurations")):
        at.add("is for method: list; configurations that come before others are written as first")
    if method == "list":
        block.at("configurations").require("write a list of {parameter: value}")
        if at := block.at("first"):
            at.add("a list has an order of its own; write them into configurations")
    if method in ("random", "sobol"):
        if known:
            block.at("trials").require(f"method: {method} draws that many configurations; write trials: 100")
        return SearchSpec("sobol" if method == "sobol" else "random", trials, seed)
    if trials is not None and known:
        block.at("trials").refuse(f"a {method} runs every configuration; drop trials, or write method: random")
    return SearchSpec("list" if method == "list" else "grid", None, seed, "shuffled" if order == "shuffled" else "sequential")


def read_first(place: Place, space: Space, search: SearchSpec) -> SearchSpec:
    """The search with the configurations that its block writes out, each made whole; problems are noted.

    A parameter left out has its default, else the first of its grid, or a draw where draws are searched or there is no grid.
    """
    at = place.child("configurations" if search.method == "list" else "first")
    found: dict[str, Params] = {}
    for index, item in enumerate(at.items("a list of mappings of parameters to values")):
        given = {name: entry.value() for name, entry in opened(item, space.names(), "a mapping of parameters to values")}

        def fill(parameter: Parameter, index: int = index) -> Value:
            if search.method in ("grid", "list"):
                with contextlib.suppress(SpaceError):
                    return parameter.domain.grid_at(0)
            return parameter.domain.sample(uniform(search.seed, "first", index, parameter.ident))

        try:
            whole = space.complete(given, fill)
        except SpaceError as error:
            for problem in error.problems:
                (item.child(problem.path) if problem.path else item).add(problem.message)
        else:
            if found.setdefault(canonical(whole), whole) is not whole:
                item.add("is a configuration that stands here already")
    if search.method == "list" and isinstance(at.node, ListNode) and not at.node.items:
        at.refuse("needs at least one configuration")
    if search.trials is not None and len(found) > search.trials:
        at.add(f"{len(found)} configurations are more than trials: {search.trials}")
    return replace(search, first=tuple(found.values()))


def read_repeat(place: Place) -> RepeatSpec:
    at = place.block(("seeds",)).at("seeds")
    if not at:
        return RepeatSpec()
    if isinstance(at.node, ScalarNode) and type(at.node.value) is int and 0 < at.node.value <= 100:
        at.refuse(f"must be a list of seeds; write [{', '.join(str(seed) for seed in range(at.node.value))}]")
        return RepeatSpec()
    seeds: list[int] = []
    items = list(at.items("a list of seeds"))
    for item in items:
        seed = item.whole(None, low=0, high=_LARGEST_SEED)
        if seed is not None and seed in seeds:
            item.refuse("stands twice; a seed repeated gives the same trial")
        elif seed is not None:
            seeds.append(seed)
    if not items:
        at.refuse("needs at least one seed")
    return RepeatSpec(tuple(seeds)) if seeds else RepeatSpec()


def read_resources(place: Place) -> ResourcesSpec:
    block = place.block(("cpu", "gpu", "memory"), later={"accelerator": "", "cases": ""})
    gpu = block.at("gpu").number(0.0, low=0)
    if gpu > 1 and gpu != int(gpu):
        block.at("gpu").refuse("above 1 only whole GPUs can be had")
    return ResourcesSpec(block.at("cpu").number(1.0, low=0, above=True), gpu, _memory(block.at("memory")))


def read_limits(place: Place) -> LimitsSpec:
    later = {"trial_time": "", "total_time": "", "memory": "", "no_gain": ""}
    block = place.block(("concurrent", "failures"), later=later)
    return LimitsSpec(block.at("concurrent").whole(None, low=1), _failures(block.at("failures")))


def read_retry(place: Place) -> RetrySpec:
    default = RetrySpec()
    block = place.block(("crash", "node_lost", "out_of_memory", "timeout", "error"))
    return RetrySpec(
        crash=block.at("crash").whole(default.crash, low=0),
        node_lost=block.at("node_lost").whole(default.node_lost, low=0),
        out_of_memory=block.at("out_of_memory").whole(default.out_of_memory, low=0),
        timeout=block.at("timeout").whole(default.timeout, low=0),
        error=block.at("error").whole(default.error, low=0),
    )


def read_reuse(place: Place) -> ReuseSpec:
    block = place.block(("results", "failed"), later={"from": ""})
    failed = block.at("failed").one_of(("keep", "rerun"), "keep")
    results = block.at("results")
    if not results.flag(True):
        results.refuse("false is not supported yet; `hpsearch rm` forgets a study's results")
    return ReuseSpec("rerun" if failed == "rerun" else "keep")


def read_tracking(place: Place) -> TrackingSpec:
    block = place.block(("uri", "experiment"), later={"artifacts": ""})
    return TrackingSpec(block.at("uri").text(None), block.at("experiment").text(None))


def read_report(place: Place, evaluate: EvaluateSpec | None) -> ReportSpec:
    block = place.block(("top", "tie_break"), later={"rank": "configurations are ranked by their mean score"})
    at = block.at("tie_break")
    tie_break = at.labels()
    # A function's metrics are known only when it has run.
    known: Sequence[str] = (*evaluate.metrics, *MEASURED) if evaluate is not None else ()
    for name in tie_break:
        if known and name not in known:
            fix = did_you_mean(name, known) or f"; known are {', '.join(known)}"
            at.add(f"{name} is no metric of this study{fix}")
    return ReportSpec(block.at("top").whole(20, low=1), tie_break)


def _memory(place: Place) -> int | None:
    if place.node is None:
        return None
    size = memory_bytes(place.node.value) if isinstance(place.node, ScalarNode) and isinstance(place.node.value, str) else None
    if size is None or size == 0:
        place.refuse("must be a size with its unit, as 4GiB or 500MB")
    return size


def _failures(place: Place) -> float | None:
    if place.node is None:
        return None
    value = place.node.value if isinstance(place.node, ScalarNode) else None
    share = fraction(value) if isinstance(value, str) else None
    # A bare 1 could be meant as one trial, or as all of them.
    if type(value) is float or (type(value) is int and value == 0):
        share = value if 0 <= value <= 1 else None
    if share is None:
        place.refuse("must be a share of the trials: a percentage up to 100%, or a fraction, as 10% or 0.1")
    return share
