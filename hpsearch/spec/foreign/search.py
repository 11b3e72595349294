"""How configurations are chosen: the foreign method, or the nearest that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.core.names import did_you_mean
from hpsearch.spec.foreign.checking import grid_size
from hpsearch.spec.foreign.reading import Foreign, Keys, whole
from hpsearch.spec.foreign.sheet import Item
from hpsearch.spec.places import Place

TRIALS = 100


@dataclass(frozen=True)
class Method:
    """`name`: one that runs here. `later`: what the file asks for, where that is a method that does not run yet."""

    name: str
    later: str = ""
    is_ours: bool = True

    @property
    def beside(self) -> tuple[str, ...]:
        if not self.later:
            return ()
        return (f"{self.later} in the file" + ("; write it here when it is supported" if self.is_ours else ""),)


def method_of(foreign: Foreign, at: Place, known: Mapping[str, Method], default: str) -> Method:
    """The method that stands at `at`; one that does not run here is listed."""
    text = at.text(default)
    if text not in known:
        at.refuse(f"must be {' or '.join(known)}{did_you_mean(text, known)}")
        return known[default]
    method = known[text]
    if method.later:
        ours = f"would be {method.later}, which is not supported yet" if method.is_ours else "is no method of hpsearch"
        foreign.lose(at, f"{ours}; method: {method.name} stands in the spec")
    return method


def trials_of(foreign: Foreign, method: Method, at: Place, space: Sequence[Item]) -> tuple[int | None, str]:
    """How many configurations are drawn, None for a grid, and a comment. `at`: the file's own limit."""
    limit = whole(at)
    if limit is not None and limit < 1:
        at.refuse("must be at least 1")
        return None, ""
    if method.name != "grid":
        if limit is None:
            foreign.lose(at, f"is not set, and a search of hpsearch has an end; trials: {TRIALS} stands in the spec")
            return TRIALS, "the file sets no end"
        return limit, ""
    size = grid_size(space)
    if limit is not None and (size is None or limit < size):
        every = "every configuration" if size is None else f"all {size:,} configurations"
        foreign.lose(at, f"a grid runs {every}; for {limit:,} of them write method: random, trials: {limit}")
    return None, ""


def search_item(keys: Keys, key: str, method: Method, trials: int | None, said: str, more: Sequence[Item] = ()) -> Item:
    """The search block, with the comments that stand at the method's `key`."""
    items = [keys.item(key, "method", method.name, *method.beside)]
    if trials is not None:
        items.append(Item("trials", str(trials), (), (said,) if said else ()))
    return Item("search", (*items, *more))


def early_stop(keys: Keys, key: str, method: str, **options: object) -> Item:
    """What the early stopping at `key` will be, as a comment."""
    said = ", ".join(f"{name}: {value}" for name, value in {"method": method, **options}.items() if value is not None)
    return keys.item(key, "early_stop", f"{{{said}}}", "not supported yet", is_off=True)
