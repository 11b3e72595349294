"""The search block: how configurations are chosen, and those that are written out."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from hpsearch.core.groups import groups_of
from hpsearch.core.seeds import uniform
from hpsearch.core.values import Params, Value, canonical
from hpsearch.space import Parameter, Space, SpaceError
from hpsearch.spec.fixed import opened
from hpsearch.spec.forms import SAID, Form, Key, Schema, together
from hpsearch.spec.kinds import ANYTHING, Many, Named, Own, Whole, Words
from hpsearch.spec.model import SOBOL_BITS, SearchSpec
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.places import Place

_METHODS = ("grid", "random", "sobol", "list")
_LATER_METHODS = ("tpe", "gp", "cmaes", "nsga2")


def _method(place: Place) -> str | None:
    if isinstance(place.node, MapNode) and "ray" in place.node.entries:
        place.refuse("Ray's own searchers are not supported yet; use grid, random or sobol")
        return None
    return place.one_of(_METHODS, None, _LATER_METHODS)


def _one_of(*methods: str | None) -> Schema:
    return {"properties": {"method": {"enum": list(methods)}}}


def _left_out_or(key: str, *others: Schema) -> Schema:
    return {"anyOf": [{"properties": {key: {"type": "null"}}}, *others]}


def _method_is(key: str, *methods: str) -> Schema:
    return _left_out_or(key, {"required": ["method"], **_one_of(*methods)})


# Points that a Sobol sequence has.
_MOST_SOBOL = 2**SOBOL_BITS
# Of all configurations that are written out, with what they leave out.
_MOST_VALUES = 100_000

_CONFIGURATIONS = Many(Named(ANYTHING, "a mapping of parameters to values"), "a list of mappings of parameters to values")
SEARCH = Form(
    "search",
    "How configurations are chosen.",
    (
        Key(
            "method",
            Own(" or ".join(f"`{method}`" for method in _METHODS), _method, {"enum": list(_METHODS)}),
            "All of the grid, independent draws, a Sobol sequence, or a list written out.",
            "random",
            "grid",
        ),
        Key("trials", Whole(1), "How many configurations are drawn; for random and sobol alone.", "200"),
        Key("seed", Whole(0, 2**63 - 1), "Of the drawing, and of the shuffling.", "7", "0"),
        Key("order", Words(("sequential", "shuffled")), "The order of a grid.", "shuffled", "sequential"),
        Key(
            "first",
            _CONFIGURATIONS,
            "Configurations that come before all others; the rest of each is its default, the grid's first value, or drawn.",
            "[{max_depth: 5}]",
        ),
        Key("configurations", _CONFIGURATIONS, "For method: list, what is run.", "[{max_depth: 3}, {max_depth: 5}]"),
        Key("args", Named(ANYTHING), "Handed to the sampler.", "{n_startup_trials: 20}", later=""),
    ),
    beside={
        "method": {
            "anyOf": [
                _one_of("grid", None),
                together("trials", method={"enum": ["random", "sobol"]}),
                together(method={"const": "list"}, configurations={**SAID, "minItems": 1}),
            ]
        },
        "trials": _left_out_or(
            "trials",
            {"required": ["method"], **_one_of("random")},
            {"required": ["method"], "properties": {"method": {"const": "sobol"}, "trials": {"maximum": _MOST_SOBOL}}},
        ),
        "order": _left_out_or("order", _one_of("grid", None)),
        "first": _left_out_or("first", _one_of("grid", "random", "sobol", None)),
        "configurations": _method_is("configurations", "list"),
    },
    example="search: {method: random, trials: 200, seed: 7, first: [{max_depth: 5}]}",
)


def read_search(place: Place) -> SearchSpec:
    """The block but for its configurations, which the space must be known for."""
    block = SEARCH.block(place)
    given = SEARCH.values(block, but=("first", "configurations"))
    # A method that could not be read is not held against the rest.
    at = block.at("method")
    known = not at or "method" in given
    method = given.get("method", "grid" if known else "random")
    trials, seed = given.get("trials"), given.get("seed", 0)
    if known and method != "grid" and (at := block.at("order")):
        at.refuse("only a grid has an order; drop it, or write method: grid")
    if known and method != "list" and (at := block.at("configurations")):
        at.add("is for method: list; configurations that come before others are written as first")
    if method == "list":
        block.at("configurations").require("write a list of {parameter: value}")
        if at := block.at("first"):
            at.add("a list has an order of its own; write them into configurations")
    if method in ("random", "sobol"):
        if known:
            block.at("trials").require(f"method: {method} draws that many configurations; write trials: 100")
        if method == "sobol" and (trials or 0) > _MOST_SOBOL:
            block.at("trials").refuse(f"a Sobol sequence has {_MOST_SOBOL:,} points; write at most as many, or method: random")
        return SearchSpec(method, trials, seed)
    if trials is not None and known:
        block.at("trials").refuse(f"a {method} runs every configuration; drop trials, or write method: random")
    return SearchSpec(method, None, seed, given.get("order", "sequential"))


def read_first(place: Place, space: Space, search: SearchSpec) -> SearchSpec:
    """The search with the configurations that its block writes out, each made whole; problems are noted.

    Of equal ones the first is kept: they are one trial, as in a grid. A parameter left out has its default, else the first of its
    grid, or a draw where draws are searched or there is no grid.
    """
    at = place.child("configurations" if search.method == "list" else "first")
    found: dict[str, Params] = {}
    again = 0
    if isinstance(at.node, ListNode) and (size := len(at.node.items) * len(space.parameters)) > _MOST_VALUES:
        fix = "; write fewer configurations, or fix what they have in common under trial.fixed"
        at.add(f": {len(at.node.items):,} configurations have up to {size:,} values; all have at most {_MOST_VALUES:,}{fix}")
        return search
    groups = groups_of(space.names())
    for index, item in enumerate(at.items("a list of mappings of parameters to values")):
        given = {name: entry.value() for name, entry in opened(item, groups, "a mapping of parameters to values")}

        def fill(parameter: Parameter, index: int = index) -> Value:
            if search.method in ("grid", "list"):
                with contextlib.suppress(SpaceError):
                    return parameter.domain.grid_at(0)
            return parameter.domain.sample(uniform(search.seed, "first", index, parameter.ident))

        try:
            whole = space.complete(given, fill, seeks=place.log.seeks_near)
        except SpaceError as error:
            for problem in error.problems:
                (item.child(problem.path) if problem.path else item).add(problem.message)
        else:
            again += found.setdefault(canonical(whole), whole) is not whole
    if search.method == "list" and isinstance(at.node, ListNode) and not at.node.items:
        at.refuse("needs at least one configuration")
    if search.trials is not None and len(found) > search.trials:
        at.add(f"{len(found)} configurations are more than trials: {search.trials}")
    return replace(search, first=tuple(found.values()), again=again)
