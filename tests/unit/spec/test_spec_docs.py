"""Every example of docs/space.md is a spec that can be read, and gives what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from harness import ROOT

from hpsearch.core.values import Params
from hpsearch.spec import StudySpec, parse_spec

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "space.md").read_text(encoding="utf-8"), flags=re.DOTALL)
AROUND = "name: example\ntrial: {function: 'job:run'}\nmetric: {name: loss, mode: min}\n"


def read(example: str) -> StudySpec:
    return parse_spec(AROUND + example, file="space.md", folder=Path())


def grid(example: str) -> list[Params]:
    space = read(example).space
    return [space.grid_at(index) for index in range(space.grid_size())]


@pytest.mark.parametrize("example", EXAMPLES, ids=["domains", "branches", "constraints", "search", "first"])
def test_every_example_is_read(example: str) -> None:
    assert read(example).space.names()


def test_the_domains_give_the_values_that_the_comments_say() -> None:
    domains = {name: read(EXAMPLES[0]).space.domains(name)[0] for name in ("max_depth", "layers", "momentum")}
    listed = {name: [domain.grid_at(index) for index in range(domain.grid_size())] for name, domain in domains.items()}
    assert listed == {"max_depth": [3, 5, 7, 9], "layers": [1, 3, 10, 32, 100], "momentum": [0.5, 0.6, 0.7, 0.8, 0.9]}


def test_the_branches_are_eight() -> None:
    assert len(grid(EXAMPLES[1])) == 8


def test_the_constraints_leave_some_and_exclude_some() -> None:
    space = read(EXAMPLES[2]).space
    assert 0 < sum(map(space.admits, grid(EXAMPLES[2]))) < space.grid_size()
