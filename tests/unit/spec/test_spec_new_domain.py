"""A new domain is one class and one entry: nothing else of the loader, the schema, the sampling or the messages knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import jsonschema
import pytest
from spec_text import FUNCTION, problems

from hpsearch.core.errors import Problem, SpecError
from hpsearch.core.seeds import uniform
from hpsearch.core.values import Value
from hpsearch.space.domain import UNSET, Default, as_float, default_problems, refuse, shown
from hpsearch.spec import parse_spec
from hpsearch.spec.domain_forms import DOMAIN_FORMS
from hpsearch.spec.forms import Key
from hpsearch.spec.kinds import Flag, Whole
from hpsearch.spec.schema import json_schema


@dataclass(frozen=True)
class Turn:
    """`parts` angles around the circle, from `start` on, which is below `whole`."""

    start: float
    whole: float
    parts: int = 4
    back: bool = False
    default: Default = UNSET

    is_continuous: ClassVar[bool] = False
    is_numeric: ClassVar[bool] = True
    is_log: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse(self._problems())
        if self.default is not UNSET:
            object.__setattr__(self, "default", self.taken(self.default))
        refuse(default_problems(self))

    def _problems(self) -> Iterator[Problem]:
        if self.start >= self.whole:
            yield Problem(f" = {shown(self.start)}: starts below the whole turn, {shown(self.whole)}", "start")

    def grid_size(self) -> int:
        return self.parts

    def grid_at(self, index: int) -> Value:
        step = (self.whole - self.start) / self.parts
        return self.start + step * (self.parts - 1 - index if self.back else index)

    def grid_find(self, value: Value) -> int | None:
        return next((index for index in range(self.parts) if self.grid_at(index) == value), None)

    def sample(self, u: float) -> Value:
        return self.grid_at(int(u * self.parts))

    def size(self) -> int | None:
        return self.parts

    def taken(self, value: Value) -> Value:
        return as_float(value)

    def contains(self, value: Value) -> bool:
        return self.grid_find(value) is not None

    def is_in_bounds(self, value: Value) -> bool:
        return type(value) is float and self.start <= value < self.whole

    @property
    def says(self) -> str:
        return f"an angle from {self.start} on"


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry: beside the class, all that is written for a domain."""
    like = DOMAIN_FORMS["normal"]
    own = replace(like.keys[0], name="turn", kind=replace(like.shape, of="start, whole"))  # type: ignore[type-var]
    keys = (own, Key("parts", Whole(2), "How many angles.", "8"), Key("back", Flag(), "Whether backwards.", "true", "false"))
    form = replace(like, name="space.turn", keys=(*keys, *like.keys[-2:]), shape=own.kind, make=Turn)  # type: ignore[arg-type]
    monkeypatch.setitem(DOMAIN_FORMS, "turn", form)  # type: ignore[misc]


def load(space: str, search: str = "{method: grid}"):  # type: ignore[no-untyped-def]
    lines = {**FUNCTION, "space": space, "search": search}
    return parse_spec("".join(f"{key}: {value}\n" for key, value in lines.items()), file="s.yaml", folder=Path("/nowhere"))


@pytest.mark.usefixtures("turn")
def test_it_is_loaded_counted_drawn_and_made_whole() -> None:
    spec = load("{a: {turn: [0.0, 360.0], back: true}, b: {choice: [1], when: {a: 90.0}}}", "{first: [{a: 90}]}")
    assert [spec.space.grid_at(index)["a"] for index in range(4)] == [270.0, 180.0, 90.0, 0.0]
    assert spec.search.first == ({"a": 90.0, "b": 1},), "an int is read as the domain reads it"
    drawn = load("{a: {turn: [0.0, 360.0], parts: 8}}", "{method: random, trials: 3}").space
    some = [drawn.sample(lambda ident, index=index: uniform(index, ident)) for index in range(50)]  # type: ignore[misc]
    assert {params["a"] for params in some} == {45.0 * index for index in range(8)}


@pytest.mark.usefixtures("turn")
@pytest.mark.parametrize(
    ("space", "said"),
    [
        ("{a: {turn: [400, 360]}}", "space.a.start = 400: starts below the whole turn, 360"),
        ("{a: {turn: 3}}", "space.a.turn = 3: must be [start, whole]"),
        ("{a: {turn: [0, 360], parts: 1.5}}", "space.a.parts = 1.5: must be a whole number of at least 2"),
        ("{a: {turn: [0, 360], back: 3}}", "space.a.back = 3: must be true or false"),
        ("{a: {turn: [0, 360], bakc: true}}", "space.a.bakc: is no key of space.a; did you mean back?"),
        (
            "{a: {turn: [0.0, 360.0], default: 5}}",
            "space.a.default = 5.0: is not one of the parameter's own values; write an angle",
        ),
        ("{a: {trun: [0, 360]}}", "did you mean turn?"),
    ],
)
def test_its_mistakes_are_told_with_their_places(space: str, said: str) -> None:
    (told,) = problems(FUNCTION, space=space)
    assert said in told


@pytest.mark.usefixtures("turn")
def test_a_part_of_it_is_told_where_it_stands() -> None:
    with pytest.raises(SpecError) as told:
        load("{a: {turn: [400, 360]}}")
    assert [(each.line, each.column) for each in told.value.problems] == [(3, len("space: {a: {turn: [") + 1)]


@pytest.mark.usefixtures("turn")
def test_the_schema_has_it() -> None:
    schema = json_schema()
    good = {"name": "h", "trial": {"function": "a:b"}, "metric": {"name": "x", "mode": "min"}}
    jsonschema.validate({**good, "space": {"a": {"turn": [0, 360], "parts": 8}}}, schema)
    for wrong in ({"turn": [0, 360], "parts": 1}, {"turn": 3}, {"turn": [0, 360], "odd": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, "space": {"a": wrong}}, schema)
