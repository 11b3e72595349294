"""W&B sweeps: `method` and `parameters`, as `wandb sweep` reads them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from hpsearch.core.names import study_name
from hpsearch.spec.foreign.command import command_item, literal, reporting
from hpsearch.spec.foreign.reading import Foreign, Keys, number, texts, word
from hpsearch.spec.foreign.search import Method, early_stop, method_of, search_item, trials_of
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.foreign.system import System
from hpsearch.spec.foreign.wandb_parameters import read_parameters
from hpsearch.spec.nodes import ListNode, MapNode
from hpsearch.spec.places import Place

_METHODS = {
    "grid": Method("grid"),
    "random": Method("random"),
    "bayes": Method("random", "gp"),
    "custom": Method("random", "custom", is_ours=False),
}
_GOALS = {"minimize": "min", "maximize": "max"}
_MACRO = re.compile(r"\$\{(?P<name>[a-z_]+)(:(?P<variable>[A-Za-z_][A-Za-z0-9_]*))?\}")
_BOOLEAN = re.compile(r"(?<!log: )\b(true|false)\b")
_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")


def read(foreign: Foreign) -> tuple[Item, ...]:
    keys = foreign.top()
    for key in ("apiVersion", "kind"):
        keys.at(key)  # they say that it is a sweep
    at = keys.at("method")
    if at.node is None:
        at.add("is missing; write grid, random or bayes")
    method = method_of(foreign, at, _METHODS, "grid")
    space = read_parameters(foreign, keys.at("parameters"), is_grid=method.name == "grid")
    metric, metric_name = _metric(keys)
    trials, said = trials_of(foreign, method, keys.at("run_cap"), space)
    items = [*_names(keys), _trial(keys, space, metric_name), metric]
    items.append(keys.item("parameters", "space", tuple(space)))
    items.append(search_item(keys, "method", method, trials, said))
    if keys.at("early_terminate").node is not None:
        items.append(_stopping(keys))
    if (project := keys.at("project").label(None)) is not None:
        items.append(Item("tracking", (keys.item("project", "experiment", yaml_of(project)),)))
    keys.lose("entity", "MLflow has no teams; set tracking.uri to a server of the team's own")
    keys.lose("metrics", "several metrics are not supported yet; the first of them is searched for")
    for key in ("job", "image_uri", "scheduler", "controller"):
        keys.lose(key, "a study starts its trials itself; run the command on a cluster with --address")
    keys.finish("is no key of a sweep that hpsearch knows")
    return tuple(items)


def _names(keys: Keys) -> list[Item]:
    given = keys.at("name").label(None)
    name = study_name(given) if given is not None else None
    items = []
    if name is not None:
        beside = () if name == given else (f"{given} in the file; the name is a folder's",)
        items.append(keys.item("name", "name", yaml_of(name), *beside))
    description = keys.at("description").label(None)
    if description is not None and description.strip():
        items.append(keys.item("description", "description", yaml_of(description)))
    return items


def _metric(keys: Keys) -> tuple[Item, str]:
    at = keys.at("metric")
    key = "metric"
    if at.node is None and isinstance(keys.at("metrics").node, ListNode):
        at = next(keys.at("metrics").items(), at)
        key = "metrics"
    metric = keys.foreign.keys(at)
    name = metric.at("name").text(None)
    if name is None:
        name = "loss"
        keys.foreign.lose(at, f"is not set, and a study ranks by one; {{name: {name}, mode: min}} stands in the spec")
    mode = _GOALS[word(metric.at("goal"), tuple(_GOALS), "minimize")]
    content = f"{{name: {yaml_of(name)}, mode: {mode}}}"
    beside = []
    if (target := number(metric.at("target"))) is not None:
        keys.foreign.lose(metric.at("target"), "a target is not supported yet: the whole search runs")
        beside.append(f"target: {yaml_of(target)} is not supported yet")
    for imputed in ("impute", "impute_while_running"):
        metric.lose(imputed, "belongs to method: bayes")
    metric.finish()
    return keys.item(key, "metric", content, *beside), name


def _trial(keys: Keys, space: Sequence[Item], metric: str) -> Item:
    """The command that an agent would run, made of `command` and `program`."""
    at, program_at = keys.at("command"), keys.at("program")
    program = program_at.label(None)
    words = list(_COMMAND) if at.node is None else _words(at)
    if program is None and any("${program}" in each for each in words):
        keys.foreign.lose(program_at, "is not set: the file names no program to run; write it in place of train.py")
    made = [word for each in words for word in _made(keys.foreign, at, each, program or "train.py", space)]
    until_now = "wandb.log tells W&B alone; parameters come as arguments, not in wandb.config."
    (above, beside), (more, also) = keys.remarks("program"), keys.remarks("command")
    return Item("trial", (command_item(made, (*above, *more, *reporting(metric, until_now)), (*beside, *also)),))


def _words(at: Place) -> list[str]:
    if isinstance(at.node, ListNode):
        return texts(at)
    try:
        return shlex.split(at.text(""))
    except ValueError as error:
        at.refuse(f"cannot be split into words: {error}; write a list")
        return []


def _made(foreign: Foreign, at: Place, text: str, program: str, space: Sequence[Item]) -> list[str]:
    """The words that one word of the command becomes."""
    names = [item.key for item in space if not item.is_off]
    if text == "${env}":
        return []  # /usr/bin/env, which looks a program up as is done here without it
    if text == "${args_no_hyphens}":
        return [f"{name}={{{name}}}" for name in names]

    def put(match: re.Match[str]) -> str:
        name, variable = match["name"], match["variable"]
        if name == "envvar" and variable:
            return f"${{{variable}}}"
        if name in ("args", "args_no_boolean_flags") and variable is None:
            if name != "args" and any(_BOOLEAN.search(str(item.content)) for item in space):
                foreign.lose(at, "${args_no_boolean_flags} is {args} here: a boolean is passed with its value, not as a flag")
            return "{args}"
        if name in ("interpreter", "program") and variable is None:
            return "python" if name == "interpreter" else literal(program)
        way = "the environment variable HPSEARCH_PARAMS holds them as JSON" if "json" in name else "it stands as it is"
        foreign.lose(at, f"{match[0]} has no counterpart; {way}")
        return "" if "json" in name else literal(match[0])

    parts, end = [], 0
    for match in _MACRO.finditer(text):
        parts += [literal(text[end : match.start()]), put(match)]
        end = match.end()
    made = "".join([*parts, literal(text[end:])])
    return [made] if made else []


def _stopping(keys: Keys) -> Item:
    at = keys.at("early_terminate")
    rule = keys.foreign.keys(at)
    low, high = (number(rule.at(key)) for key in ("min_iter", "max_iter"))
    brackets, eta = number(rule.at("s")), number(rule.at("eta")) or 3
    if low is None and high is not None and brackets is not None and 0 <= brackets < 64 and eta > 1:
        low = max(1, int(high / eta**brackets))
    keys.foreign.lose(at, "early stopping is not supported yet: every trial runs to its end")
    return early_stop(keys, "early_terminate", "hyperband", resource="steps", min=low, max=high, eta=eta)


WANDB = System(
    "a W&B sweep",
    "a mapping with method and parameters",
    lambda root: "method" in root.entries and isinstance(getattr(root.entries.get("parameters"), "node", None), MapNode),
    read,
    is_yaml_1_1=True,
)
