"""Katib Experiments, v1beta1: the search of a Kubernetes resource; `katib_template` reads its trial template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from hpsearch.core.names import study_name
from hpsearch.core.values import Value
from hpsearch.spec.foreign.checking import grid_size
from hpsearch.spec.foreign.domains import Domain, choice, constant, instead, left_out, parameter, span
from hpsearch.spec.foreign.katib_template import read_template
from hpsearch.spec.foreign.reading import Foreign, Keys, number, required, texts, whole, word
from hpsearch.spec.foreign.search import Method, early_stop, method_of, search_item, trials_of
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.foreign.system import System
from hpsearch.spec.nodes import ListNode, MapNode, ScalarNode
from hpsearch.spec.places import Place

_GROUP, _VERSION = "kubeflow.org/", "v1beta1"
_METHODS = {
    "grid": Method("grid"),
    "random": Method("random"),
    "sobol": Method("sobol"),
    "tpe": Method("random", "tpe"),
    "multivariate-tpe": Method("random", "tpe"),
    "bayesianoptimization": Method("random", "gp"),
    "cmaes": Method("random", "cmaes"),
    "hyperband": Method("random", "hyperband", is_ours=False),
    "pbt": Method("random", "pbt", is_ours=False),
    "enas": Method("random", "enas", is_ours=False),
    "darts": Method("random", "darts", is_ours=False),
}
_GOALS = {"minimize": "min", "maximize": "max"}
_STOPS = {"medianstop": "median"}


def read(foreign: Foreign) -> tuple[Item, ...]:
    keys = foreign.top()
    version, kind = keys.at("apiVersion"), keys.at("kind")
    if not version.says(_GROUP + _VERSION):
        version.refuse(f"must be {_GROUP}{_VERSION}, the one version that is read")
    if kind and not kind.says("Experiment"):
        kind.refuse("must be Experiment")
    keys.lose("status", "it is how an experiment stood, and no part of what it asks for")
    meta, spec = keys.inside("metadata"), keys.inside("spec")
    if not required(spec.place, "an Experiment has its search there"):
        return ()
    algorithm = spec.inside("algorithm")
    method = method_of(foreign, algorithm.at("algorithmName"), _METHODS, "random")
    space = _space(foreign, spec.at("parameters"), is_grid=method.name == "grid")
    limit = spec.at("maxTrialCount")
    trials, said = trials_of(foreign, method, limit, space)
    metric, name = _metric(spec)
    trial, *resources = read_template(spec, space, name)
    items = [*_names(meta), trial, metric, spec.item("parameters", "space", tuple(space))]
    items.append(_search(spec, algorithm, method, trials, said))
    items += [*_stopping(spec), *_limits(spec, trials or grid_size(space)), *resources]
    spec.lose("nasConfig", "a search for an architecture has no counterpart")
    spec.lose("resumePolicy", "a study can always be continued: run it again")
    _collector(spec)
    for each in (algorithm, spec, meta, keys):
        each.finish()
    return tuple(items)


def _names(meta: Keys) -> Iterator[Item]:
    key = "name" if "name" in meta.entries else "generateName"
    if (given := meta.at(key).label(None)) is not None:
        name = study_name(given)
        yield meta.item(key, "name", yaml_of(name), *(() if name == given else (f"{given} in the file",)))
    tags = {label: at.label(None) for label, _, at in meta.inside("labels").each()}
    if tags:
        yield meta.item("labels", "tags", yaml_of(tags))


def _metric(spec: Keys) -> tuple[Item, str]:
    objective = spec.inside("objective")
    name = objective.at("objectiveMetricName").text(None)
    if name is None:
        required(objective.at("objectiveMetricName"), "write the metric's name")
        name = "metric"
    beside = []
    if required(objective.at("type"), "write minimize or maximize"):
        goal = word(objective.at("type"), tuple(_GOALS), "maximize")
    else:
        goal = "maximize"
    if (target := number(objective.at("goal"))) is not None:
        spec.foreign.lose(objective.at("goal"), "a target is not supported yet: the whole search runs")
        beside.append(f"target: {yaml_of(target)} is not supported yet")
    if others := texts(objective.at("additionalMetricNames")):
        beside.append(f"whatever else is reported is recorded too: {', '.join(others)}")
    objective.lose("metricStrategies", "the last value reported counts; report the best one last")
    objective.finish()
    return spec.item("objective", "metric", f"{{name: {yaml_of(name)}, mode: {_GOALS[goal]}}}", *beside), name


def _search(spec: Keys, algorithm: Keys, method: Method, trials: int | None, said: str) -> Item:
    more = []
    for at in algorithm.at("algorithmSettings").items("a list of {name, value}"):
        setting = spec.foreign.keys(at)
        if setting.at("name").says("random_state"):
            seed = whole(setting.at("value"))
            if seed is not None:
                more.append(Item("seed", str(seed), (), (), at.mark))
        else:
            spec.foreign.lose(at, f"method: {method.name} has no such setting")
            setting.left.clear()
        setting.finish()
    item = search_item(algorithm, "algorithmName", method, trials, said, more)
    above, beside = spec.remarks("algorithm")
    return Item(item.key, item.content, above, beside, item.mark)


def _stopping(spec: Keys) -> Iterator[Item]:
    algorithm = spec.place.child("algorithm")
    if algorithm.child("algorithmName").says("hyperband"):
        given = dict(_settings(algorithm.child("algorithmSettings")))
        resource, most, eta = (given.get(name) for name in ("resource_name", "r_l", "eta"))
        yield early_stop(spec, "", "hyperband", resource=resource, max=most, eta=eta)
    stop = spec.inside("earlyStopping")
    if stop.place.node is not None:
        spec.foreign.lose(stop.place, "early stopping is not supported yet: every trial runs to its end")
        name = stop.place.child("algorithmName").text("medianstop")
        yield early_stop(spec, "earlyStopping", _STOPS.get(name, name))


def _settings(place: Place) -> Iterator[tuple[str, str]]:
    """The names and values of settings; what is wrong with them is said where they are listed."""
    for at in place.items() if isinstance(place.node, ListNode) else ():
        name, value = (at.child(key).node for key in ("name", "value"))
        if isinstance(name, ScalarNode) and isinstance(value, ScalarNode):
            yield name.text, value.text


def _limits(spec: Keys, total: int | None) -> Iterator[Item]:
    items = []
    if (concurrent := whole(spec.at("parallelTrialCount"))) is not None:
        items.append(spec.item("parallelTrialCount", "concurrent", str(concurrent)))
    at = spec.at("maxFailedTrialCount")
    failures = whole(at)
    if failures is not None and failures < 0:
        at.refuse("must be at least 0")
    elif failures is not None and total is not None:
        said = f"more than {failures} of {total:,} failed trials end the study"
        items.append(spec.item("maxFailedTrialCount", "failures", _share(failures, total), said))
    elif failures is not None:
        spec.foreign.lose(at, "limits.failures is a share of the trials, whose number is not known")
    if items:
        yield Item("limits", tuple(items))


def _share(count: int, total: int) -> str:
    """A short fraction of `total` that is at least `count`, and less than one more."""
    if count >= total:
        return "100%"
    digits = len(str(total)) + 1
    return str(float((Decimal(count) / total).quantize(Decimal(1).scaleb(-digits), ROUND_CEILING))) if count else "0"


def _collector(spec: Keys) -> None:
    collector = spec.inside("metricsCollectorSpec")
    if collector.place.node is None:
        return
    if collector.inside("collector").place.child("kind").says("StdOut") and len(collector.entries) == 1:
        return  # what the program has to do instead stands above its command
    spec.foreign.lose(collector.place, "there is no collector: a program reports its metrics itself")


def _space(foreign: Foreign, place: Place, *, is_grid: bool) -> list[Item]:
    required(place, "an Experiment needs parameters")
    found = []
    for at in place.items("a list of parameters"):
        keys = foreign.keys(at)
        name = keys.at("name").label(None)
        if name is None:
            required(keys.at("name"), "write the parameter's name")
        feasible = keys.inside("feasibleSpace")
        kind = keys.at("parameterType")
        known = word(kind, tuple(_TYPES), "categorical")
        if not kind or kind.says(known):
            domain = _TYPES[known](foreign, feasible, is_grid)
            feasible.finish("has no counterpart beside the others")
        else:  # of another type nobody can say what it needs
            domain = constant(None)
        keys.finish()
        found.append(parameter(foreign, name or "", domain, at.mark, at.node or place.node or foreign.root))
    return found


def _listed(foreign: Foreign, feasible: Keys, *, numbers: bool) -> Domain:
    at = feasible.at("list")
    if not isinstance(at.node, ListNode):
        (at if at else feasible.place).add("needs list, a list of values")
        return constant(None)
    return choice(tuple(_value(each, numbers=numbers) for each in at.items()))


def _value(at: Place, *, numbers: bool) -> Value:
    """An element of a list: text, or the number that it is."""
    if not isinstance(at.node, ScalarNode):
        at.refuse("must be a single value")
        return None
    return number(at) if numbers else at.node.value


def _discrete(foreign: Foreign, feasible: Keys, is_grid: bool) -> Domain:
    return _listed(foreign, feasible, numbers=True)


def _categorical(foreign: Foreign, feasible: Keys, is_grid: bool) -> Domain:
    return _listed(foreign, feasible, numbers=False)


def _int(foreign: Foreign, feasible: Keys, is_grid: bool) -> Domain:
    ends = [whole(at) for at in _ends(feasible)]
    return _range(foreign, feasible, "int", ends, whole(feasible.at("step")), is_grid)


def _double(foreign: Foreign, feasible: Keys, is_grid: bool) -> Domain:
    ends = [number(at) for at in _ends(feasible)]
    return _range(foreign, feasible, "float", ends, number(feasible.at("step")), is_grid)


def _ends(feasible: Keys) -> list[Place]:
    places = [feasible.at("min"), feasible.at("max")]
    for at in places:
        required(at, "a range needs min and max")
    return places


def _range(
    foreign: Foreign, feasible: Keys, kind: str, ends: Sequence[float | None], step: float | None, is_grid: bool
) -> Domain:
    low, high = ends
    if low is None or high is None:
        return constant(None)
    if step == 0:
        step = None  # Katib takes nothing and zero for the same
    at = feasible.at("distribution")
    shape = word(at, ("uniform", "logUniform", "normal", "logNormal"), "uniform") if at else "uniform"
    even = span(kind, low, high, step=step if low < high and (step is None or step <= high - low) else None)
    if is_grid:
        # A grid goes by the steps, whatever the distribution.
        if kind == "float" and step is None and low < high:
            return left_out(foreign, feasible.place, "a grid needs a step, in Katib too", even)
        if step is not None and low < high and step > high - low:
            return constant(float(low) if kind == "float" else low)
        return even
    if shape == "logUniform":
        log = span(kind, low, high, log=True)
        if step is None or (kind == "int" and step == 1):
            return log
        reason = "a log scale has no steps: every value is drawn"
        return instead(foreign, feasible.at("step"), reason, log, f"without steps of {yaml_of(step)}")
    if shape in ("normal", "logNormal"):
        reason = f"{shape} between two ends has no counterpart: it is drawn evenly"
        return instead(foreign, at, reason, even, f"{shape} in the file, drawn evenly here")
    return even


_TYPES = {"int": _int, "double": _double, "discrete": _discrete, "categorical": _categorical}


def _is_one(root: MapNode) -> bool:
    version, kind = (getattr(root.entries.get(key), "node", None) for key in ("apiVersion", "kind"))
    is_katib = isinstance(version, ScalarNode) and version.text.startswith(_GROUP)
    return is_katib and isinstance(kind, ScalarNode) and kind.text == "Experiment"


KATIB = System("a Katib Experiment", f"kind: Experiment and apiVersion: {_GROUP}{_VERSION}", _is_one, read)
