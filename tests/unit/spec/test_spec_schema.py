"""The JSON Schema, the reference page and the loader say the same: all are made of one declaration of every key."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from harness import ROOT
from spec_corpus import BASE, VALUES, Spot, problems_of, read, spots

from hpsearch.spec import StudySpec, load_spec, parse_spec
from hpsearch.spec.forms import forms_of, read_value
from hpsearch.spec.places import Log, Place
from hpsearch.spec.reference import renewed
from hpsearch.spec.schema import SHIPPED, as_text, json_schema
from hpsearch.spec.source import read_nodes
from hpsearch.spec.study import STUDY

SPOTS = {spot.name: spot for spot in spots()}
VALIDATOR = jsonschema.Draft7Validator(json_schema())

# What no schema can say, since it hangs on another value: the loader alone refuses these.
BEYOND = re.compile(
    r"is not one of the parameter's own values|there is no such parameter|there is no parameter"
    r"|is no metric of this study|is not one of evaluate\.metrics"
    r"|trials are scored against a column|a range ends above its low end|is longer than the range"
    r"|there is no such file|takes something out of the spec|a float without points or step|above 1 only whole GPUs|names no step"
)


def schema_refuses(spec: dict[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(spec)]


def test_the_schema_is_one_and_is_the_one_that_is_shipped() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())
    assert SHIPPED.read_text(encoding="utf-8") == as_text(), "make docs"


def test_the_reference_page_is_the_forms() -> None:
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    assert renewed(page) == page, "make docs"


@pytest.mark.parametrize("name", SPOTS)
def test_schema_and_loader_refuse_the_same(name: str) -> None:
    for value in VALUES:
        spec = SPOTS[name].put(value)
        said, refused = problems_of(spec), schema_refuses(spec)
        if refused:
            assert said, (value, refused)
        else:
            assert [problem for problem in said if not BEYOND.search(problem)] == [], value


FEW = {"method": "list", "configurations": [{"max_depth": 3}]}
TOGETHER: list[dict[str, Any]] = [
    *(
        {"space": {"a": {kind: [1, 9], "step": 2, **more}}}
        for kind in ("int", "float")
        for more in ({"points": 2}, {"log": True})
    ),
    *(
        {"space": {"a": {kind: [1, 9], "step": 2, **more}}}
        for kind in ("int", "float")
        for more in ({"points": None}, {"log": False})
    ),
    *({"search": {"method": method}} for method in ("grid", "random", "sobol", "list")),
    *({"search": {"method": method, "trials": 3}} for method in ("grid", "random", "sobol", None)),
    *({"search": {"method": method, "trials": 3, "order": "shuffled"}} for method in ("random", "sobol")),
    *({"search": {**FEW, **more}} for more in ({}, {"method": None}, {"trials": 3}, {"order": "shuffled"}, {"first": []})),
    {"search": {**FEW, "configurations": []}},
    {"search": {"trials": 3}},
    {"search": {"order": "shuffled"}},
    {"data": None},
    {"data": None, "trial": None, "space": {"estimator": ["pkg.A", "pkg.B"]}},
    {"data": None, "trial": {"pipeline": [{"clf": "pkg.mod.Class"}]}},
    {"data": None, "trial": {"command": "./run"}},
    {"trial": {"command": "./run"}},
    {"data": None, "trial": {"function": "m:f"}, "metric": {"name": "a", "mode": "max"}, "space": {"estimator": ["a", "b"]}},
    {"evaluate": {"metrics": "roc_auc"}},
]


@pytest.mark.parametrize("part", TOGETHER, ids=json.dumps)
def test_schema_and_loader_say_the_same_of_what_stands_together(part: dict[str, Any]) -> None:
    spec = {key: value for key, value in {**BASE, **part}.items() if value is not None}
    assert bool(schema_refuses(spec)) == bool(problems_of(spec)), problems_of(spec)


def test_what_a_part_lacks_may_be_its_bases() -> None:
    for part in (
        {"data": None},
        {"trial": {"function": "m:f"}, "data": None},
        {"search": {"method": "random"}},
        {"search": {"trials": 3}},
    ):
        assert schema_refuses({"extends": "base.yaml", **part}) == [], part
    assert schema_refuses({"extends": "base.yaml", "space": {"a": {"int": [1, 9], "step": 2, "points": 3}}})


@pytest.mark.parametrize("name", SPOTS)
def test_every_key_has_an_example_that_is_read(name: str) -> None:
    spot = SPOTS[name]
    log = Log()
    node, _ = read_nodes(spot.key.example, "s.yaml")
    spot.key.kind.read(Place(log, name, node.mark, node))
    assert log.problems == []
    assert spot.key.help.endswith(".")
    if spot.key.later is None and not any(part in name for part in LATER_BLOCKS):
        said = problems_of(spot.example())
        assert [problem for problem in said if not BEYOND.search(problem)] == []


LATER_BLOCKS = ("early_stop", "log_rules", "environment", "cost", "notify", "resources.cases", "limits.no_gain", "early_stopping")


@pytest.mark.parametrize("name", [name for name, spot in SPOTS.items() if spot.key.later is not None])
def test_what_has_no_effect_yet_is_refused_with_a_sentence(name: str) -> None:
    spot = SPOTS[name]
    said = [problem for problem in problems_of(spot.put(read_value(spot.key.example))) if problem.startswith(name)]
    assert said[0].startswith(f"{name}: is not supported yet")


@pytest.mark.parametrize("name", [name for name, spot in SPOTS.items() if spot.key.default and spot.key.later is None])
def test_a_default_is_what_leaving_out_means(name: str) -> None:
    spot = SPOTS[name]
    if not any(part in name for part in LATER_BLOCKS):
        assert _meaning(spot.put(read_value(spot.key.default))) == _meaning(_without(spot))


def _meaning(spec: dict[str, Any]) -> StudySpec:
    return replace(read(spec), text="")


def _without(spot: Spot) -> dict[str, Any]:
    return spot.put(None)


@pytest.mark.parametrize("form", [form for form in forms_of(STUDY) if form.example], ids=lambda form: form.name)
def test_the_examples_of_blocks_are_read(form: Any) -> None:
    block = yaml.safe_load(form.example)
    space = {"max_depth": [3, 5]}
    read({**BASE, **block, "space": block.get("space", space)})


def test_the_examples_of_the_page_are_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8").partition("## Blocks")[0]
    base, upon = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    for example in (base, upon):
        assert schema_refuses(read_value(example)) == []
    assert parse_spec(base, file="spec.md", folder=tmp_path).space.names() == ("max_depth", "learning_rate", "n_estimators")
    assert parse_spec(upon, file="spec.md", folder=tmp_path).space.names() == ("max_depth", "learning_rate")


@pytest.mark.parametrize("path", sorted((ROOT / "search_spaces").glob("*.yaml")), ids=lambda path: path.name)
def test_the_specs_that_are_shipped_keep_to_the_schema_and_name_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None
    assert (path.parent / named[1]).resolve() == Path(str(SHIPPED)).resolve()
    assert schema_refuses(read_value(text)) == []
    assert load_spec(path).name


def test_a_misspelt_key_is_refused_in_every_block() -> None:
    for name, spot in SPOTS.items():
        spec = spot.put(read_value(spot.key.example))
        at: Any = spec
        for part in spot.path[:-1]:
            at = at[part]
        at[f"{spot.key.name}x"] = at.pop("extends", 1)
        assert any(f"{spot.key.name}x: is no key of" in problem for problem in problems_of(spec)), name
        assert schema_refuses(spec), name
