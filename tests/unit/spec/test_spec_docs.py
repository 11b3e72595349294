"""Every example of docs/space.md is a spec that can be read, and gives what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from harness import ROOT

from hpsearch.core.values import Params
from hpsearch.spec import StudySpec, parse_spec
from hpsearch.trainables import prepare

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "space.md").read_text(encoding="utf-8"), flags=re.DOTALL)
AROUND = "name: example\ntrial: {function: 'job:run'}\nmetric: {name: loss, mode: min}\n"
IDS = ["domains", "branches", "estimators", "steps", "groups", "constraints", "search", "first"]
BY_ID = dict(zip(IDS, EXAMPLES, strict=True))


def read(example: str) -> StudySpec:
    return parse_spec(("" if "metric:" in example else AROUND) + example, file="space.md", folder=Path())


def grid(example: str) -> list[Params]:
    space = read(example).space
    return [space.grid_at(index) for index in range(space.grid_size())]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_every_example_is_read(example: str) -> None:
    assert read(example).space.names()


def test_the_domains_give_the_values_that_the_comments_say() -> None:
    domains = {name: read(BY_ID["domains"]).space.domains(name)[0] for name in ("max_depth", "layers", "momentum")}
    listed = {name: [domain.grid_at(index) for index in range(domain.grid_size())] for name, domain in domains.items()}
    assert listed == {"max_depth": [3, 5, 7, 9], "layers": [1, 3, 10, 32, 100], "momentum": [0.5, 0.6, 0.7, 0.8, 0.9]}


def test_the_branches_are_eight() -> None:
    assert len(grid(BY_ID["branches"])) == 8


def test_the_constraints_leave_some_and_exclude_some() -> None:
    space = read(BY_ID["constraints"]).space
    assert 0 < sum(map(space.admits, grid(BY_ID["constraints"]))) < space.grid_size()


def test_what_is_chosen_runs() -> None:
    """Each example's estimators exist, take their parameters, and are named in configurations as the page says."""
    for ident in ("estimators", "steps"):
        assert prepare(read(BY_ID[ident])).table is not None
    assert {"estimator": "sklearn.svm.SVC", "C": 0.1, "kernel": "rbf"} in grid(BY_ID["estimators"])
    assert len(grid(BY_ID["steps"])) == 6
    assert {"scale": "passthrough", "clf": "sklearn.svm.SVC", "clf__C": 10} in grid(BY_ID["steps"])


def test_a_group_has_all_its_parameters() -> None:
    assert read(BY_ID["groups"]).space.names() == ("model.lr", "model.depth", "model.width")
