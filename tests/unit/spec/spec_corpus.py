"""Specs with one value in one place: every key of every form, and values of every type in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hpsearch.core.errors import SpecError
from hpsearch.spec import StudySpec, parse_spec
from hpsearch.spec.domain_forms import DOMAIN_FORMS
from hpsearch.spec.forms import Form, Key, read_value
from hpsearch.spec.kinds import Many, Own
from hpsearch.spec.study import STUDY

VALUES: tuple[Any, ...] = (
    None, "", " ", "word", "3", "10%", "4GiB", "10m", "pkg.mod.Class", "pkg.mod:name", 0, 1, 2, 3, -1, 2.5, 0.5, 1e-4, True,
    False, [], [1], [3, 9], [9, 3], [0, 0], [1, 1], ["a", "b"], ["a", "a"], [None], [[1, 2]], [{"x": 1}], {},
    {"x": 1}, {"x": {}}, {"": 1},
)  # fmt: skip

ENVIRON = {"HPSEARCH_WEBHOOK": "w", "MLFLOW_USER": "u", "MLFLOW_PASSWORD": "p"}
BASE: dict[str, Any] = {
    "name": "churn",
    "trial": {"estimator": "pkg.mod.Class"},
    "data": {"csv": "churn.csv", "target": "churn"},
    "metric": {"name": "roc_auc", "mode": "max"},
    "space": {"max_depth": [3, 5]},
}
# What stands beside the example of a key, for it asks for that.
ASKED: dict[str, dict[str, Any]] = {
    "search.method": {"trials": 3},
    "search.trials": {"method": "random"},
    "search.configurations": {"method": "list"},
}


@dataclass(frozen=True)
class Spot:
    """A key of a form, and a spec that is good with the key's example in it."""

    path: tuple[str | int, ...]
    key: Key
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))

    def put(self, value: Any) -> dict[str, Any]:
        spec = copy.deepcopy(self.spec)
        at: Any = spec
        for part in self.path[:-1]:
            at = at[part]
        at[self.path[-1]] = value
        return spec

    def example(self) -> dict[str, Any]:
        """The spec with the key's example in it."""
        spec = self.put(read_value(self.key.example))
        if self.name in ASKED:
            spec[self.path[0]].update(ASKED[self.name])
        return spec


def spots() -> Iterator[Spot]:
    yield from _spots(STUDY, (), BASE)
    for name, form in DOMAIN_FORMS.items():
        search = {} if name not in ("normal", "lognormal") else {"search": {"method": "random", "trials": 3}}
        own = {name: read_value(form.keys[0].example), **({"points": 2} if name == "float" else {})}
        yield from _spots(form, ("space", name), {**BASE, **search, "space": {name: own, "booster": ["gbtree", "dart"]}})


def _spots(form: Form, path: tuple[str | int, ...], spec: dict[str, Any]) -> Iterator[Spot]:
    for key in form.keys:
        here = _others_removed(form, key, path, spec)
        spot = Spot((*path, key.name), key, here)
        yield spot
        kind = key.kind
        inner: Form | None = None
        where: tuple[str | int, ...] = spot.path
        if isinstance(kind, Many) and isinstance(kind.each, Form):
            inner, where = kind.each, (*spot.path, 0)
        elif isinstance(kind, Form):
            inner = kind
        elif isinstance(kind, Own) and len(kind.forms) == 1 and key.name == "early_stop":
            inner = kind.forms[0]
        if inner is not None:
            start = {each.name: read_value(each.example) for each in inner.keys if each.needs}
            whole = spot.put([start] if where != spot.path else {**spec.get(key.name, {}), **start} if not path else start)
            yield from _spots(inner, where, whole)


def _others_removed(form: Form, key: Key, path: tuple[str | int, ...], spec: dict[str, Any]) -> dict[str, Any]:
    """The spec without the keys that exclude this one."""
    spec = copy.deepcopy(spec)
    if key.name == "command":
        del spec["data"]
    at: Any = spec
    for part in path:
        at = at[part]
    if key.name == "step":
        at.pop("points", None)
    for group in (form.one_of, form.at_most):
        if key.name in group:
            for name in group:
                at.pop(name, None)
    return spec


def read(spec: dict[str, Any]) -> StudySpec:
    return parse_spec(json.dumps(spec), file="s.yaml", folder=Path("/specs"), environ=ENVIRON)


def problems_of(spec: dict[str, Any]) -> list[str]:
    """What the loader says of a spec: "path: message"."""
    return list(_problems_of(json.dumps(spec)))


@cache
def _problems_of(text: str) -> list[str]:
    try:
        read(json.loads(text))
    except SpecError as error:
        return [str(problem).partition("  ")[2] for problem in error.problems]
    return []
