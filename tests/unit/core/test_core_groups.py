"""Names with dots, and the mappings that they stand for."""

from __future__ import annotations

from hpsearch.core.groups import groups_of, head, nested


def test_what_runs_gets_its_groups_as_mappings_of_its_own() -> None:
    width = {"hidden": 3}
    whole = nested({"x": 1, "model.lr": 0.1, "model.opt.beta": 0.9, "model.width": width})
    assert whole == {"x": 1, "model": {"lr": 0.1, "opt": {"beta": 0.9}, "width": {"hidden": 3}}}
    assert nested({"model.width": width, "model.width.more": 1})["model"]["width"] == {"hidden": 3, "more": 1}
    assert width == {"hidden": 3}, "a value that is given is not changed"


def test_the_outermost_group() -> None:
    assert [head(name) for name in ("model.opt.beta", "x")] == ["model", "x"]


def test_groups_are_all_that_stand_around_a_parameter() -> None:
    assert groups_of(["model.opt.beta", "model.lr", "x"]) == {"model", "model.opt"}
