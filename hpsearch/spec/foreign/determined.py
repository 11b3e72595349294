"""Determined experiment configurations: `searcher` and `hyperparameters`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from hpsearch.core.names import study_name
from hpsearch.spec.foreign.command import command_item, literal, reporting
from hpsearch.spec.foreign.determined_parameters import read_hyperparameters
from hpsearch.spec.foreign.reading import Foreign, Keys, number, required, texts, whole
from hpsearch.spec.foreign.search import Method, early_stop, method_of, search_item, trials_of
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.foreign.system import System
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.places import Place

_METHODS = {
    "single": Method("grid"),
    "grid": Method("grid"),
    "random": Method("random"),
    **dict.fromkeys(("adaptive_asha", "adaptive", "adaptive_simple", "async_halving", "sync_halving"), Method("random")),
    "pbt": Method("random", "pbt", is_ours=False),
    "custom": Method("random", "custom", is_ours=False),
}
_HALVING = _METHODS.keys() - {"single", "grid", "random", "pbt", "custom"}
_LENGTHS = ("max_length", "max_time", "time_metric")
_TRIAL_CLASS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
# For which Determined's shell is needed.
_SHELL = re.compile(r"[|&;<>()$`*?\[\]#~\n\\]")
_UNTIL_NOW = "Determined's own library tells Determined alone."


def read(foreign: Foreign) -> tuple[Item, ...]:
    keys = foreign.top()
    searcher = keys.inside("searcher")
    if not required(searcher.place, "it says how to search"):
        return ()
    method = method_of(foreign, searcher.at("name"), _METHODS, "single")
    space = read_hyperparameters(foreign, keys, is_grid=method.name == "grid")
    metric, name = _metric(keys, searcher)
    trials, said = (None, "") if method.name == "grid" else trials_of(foreign, method, searcher.at("max_trials"), space)
    items = [*_names(keys), _trial(keys, name), metric, keys.item("hyperparameters", "space", tuple(space))]
    items += [_search(keys, searcher, method, trials, said), *_stopping(searcher)]
    items += [*_limits(searcher), *_retry(keys), *_resources(keys)]
    if (project := keys.at("project").label(None)) is not None:
        items.append(Item("tracking", (keys.item("project", "experiment", yaml_of(project)),)))
    keys.lose("workspace", "MLflow has experiments alone; project became one")
    keys.lose("data", "it is for the experiment's own code: let the program read it from a file, or make parameters of it")
    keys.lose("environment", "environments are not supported yet: trials run in the one that hpsearch runs in")
    keys.lose("log_policies", "rules on logs are not supported yet")
    searcher.finish()
    keys.finish()
    return tuple(items)


def _names(keys: Keys) -> Iterator[Item]:
    if (given := keys.at("name").label(None)) is not None:
        name = study_name(given)
        yield keys.item("name", "name", yaml_of(name), *(() if name == given else (f"{given} in the file",)))
    description = keys.at("description").label(None)
    if description is not None and description.strip():
        yield keys.item("description", "description", yaml_of(description))
    if labels := texts(keys.at("labels")):
        yield keys.item("labels", "tags", f"{{labels: {yaml_of(', '.join(labels))}}}")


def _metric(keys: Keys, searcher: Keys) -> tuple[Item, str]:
    name = searcher.at("metric").text(None)
    if name is None:
        required(searcher.at("metric"), "write the metric's name")
        name = "metric"
    smaller = searcher.at("smaller_is_better").flag(True)
    above, beside = searcher.remarks("smaller_is_better")
    item = searcher.item("metric", "metric", f"{{name: {yaml_of(name)}, mode: {'min' if smaller else 'max'}}}")
    return Item(item.key, item.content, (*item.above, *above), (*item.beside, *beside), item.mark), name


def _trial(keys: Keys, metric: str) -> Item:
    """The entrypoint as it is: its program has its parameters from the environment."""
    at = keys.at("entrypoint")
    script = at.text("") if not isinstance(at.node, ListNode) else ""
    words = texts(at) if isinstance(at.node, ListNode) else ["sh", "-c", script] if _SHELL.search(script) else _split(script)
    if not words or _TRIAL_CLASS.fullmatch(script):
        said = "a trial class of Determined's has no counterpart" if words else "is not set: the file names no program"
        keys.foreign.lose(at, f"{said}; write a program that trains, in place of train.py")
        words = ["python", "train.py"]
    above, beside = keys.remarks("entrypoint")
    how = "It finds its parameters in the environment variable HPSEARCH_PARAMS, as JSON; or add {args} to have them as arguments."
    made = command_item([literal(word) for word in words], (*above, *reporting(metric, _UNTIL_NOW), how), beside)
    return Item("trial", (made,))


def _split(script: str) -> list[str]:
    try:
        return shlex.split(script)
    except ValueError:  # quotes that do not close: the shell's to say
        return ["sh", "-c", script]


def _search(keys: Keys, searcher: Keys, method: Method, trials: int | None, said: str) -> Item:
    for key in _LENGTHS:
        searcher.lose(key, "how long a trial trains is the program's own matter; a parameter may say it")
    more: Sequence[Item] = ()
    reproducibility = keys.inside("reproducibility")
    if (seed := whole(reproducibility.at("experiment_seed"))) is not None:
        more = (keys.item("reproducibility", "seed", str(seed)),)
    reproducibility.finish()
    item = search_item(searcher, "name", method, trials, said, more)
    above, beside = keys.remarks("searcher")
    return Item(item.key, item.content, above, beside, item.mark)


def _stopping(searcher: Keys) -> Iterator[Item]:
    """What halving stops by, of a searcher that does."""
    at = searcher.at("name")
    kind = next((kind for kind in _HALVING if at.says(kind)), None)
    if kind is not None:
        eta, rungs = number(searcher.at("divisor")) or 4, number(searcher.at("max_rungs")) or 5
        unit, most = _length(searcher)
        least = None if most is None or eta <= 1 or rungs > 64 else max(1, int(most / eta ** (rungs - 1)))
        searcher.foreign.lose(at, "early stopping is not supported yet: every trial runs to its end")
        for key in ("divisor", "max_rungs", "mode", "stop_once"):
            searcher.lose(key, "belongs to early stopping, which is not supported yet")
        yield early_stop(searcher, "name", "asha", resource=unit, min=least, max=most, eta=eta)


def _length(searcher: Keys) -> tuple[str | None, float | None]:
    """The unit and the number of max_length, or of max_time, whose unit stands elsewhere."""
    at = searcher.place.child("max_length")
    if isinstance(at.node, MapNode) and len(at.node.entries) == 1:
        unit = next(iter(at.node.entries))
        return unit, number(at.child(unit))
    return searcher.place.child("time_metric").text(None), number(_present(searcher.place.child("max_time")))


def _present(place: Place) -> Place:
    return Place(place.log, place.path, place.mark, None) if place.is_null else place


def _limits(searcher: Keys) -> Iterator[Item]:
    most = whole(searcher.at("max_concurrent_trials"))
    if most:  # 0 is no limit
        yield Item("limits", (searcher.item("max_concurrent_trials", "concurrent", str(most)),))


def _retry(keys: Keys) -> Iterator[Item]:
    times = whole(keys.at("max_restarts"))
    if times is not None:
        kinds = ", ".join(f"{kind}: {times}" for kind in ("crash", "out_of_memory", "error"))
        yield keys.item("max_restarts", "retry", f"{{{kinds}}}", "each kind counts on its own; Determined counts them together")


def _resources(keys: Keys) -> Iterator[Item]:
    resources = keys.inside("resources")
    slots = whole(resources.at("slots_per_trial"))
    if slots is not None:
        item = resources.item("slots_per_trial", "gpu", str(slots), "a slot is a GPU; write cpu where yours are CPUs")
        above, beside = keys.remarks("resources")
        yield Item("resources", (item,), above, beside, item.mark)
    resources.finish()


def _is_one(root: MapNode) -> bool:
    searcher = getattr(root.entries.get("searcher"), "node", None)
    return isinstance(searcher, MapNode) and ("hyperparameters" in root.entries or "entrypoint" in root.entries)


DETERMINED = System("a Determined experiment", "searcher beside hyperparameters or entrypoint", _is_one, read)
