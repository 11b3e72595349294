"""A Katib trial template: of the Kubernetes resource that runs a trial, its command and what it asks of a machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from hpsearch.core.names import did_you_mean
from hpsearch.spec.foreign.command import command_item, literal, reporting
from hpsearch.spec.foreign.reading import Foreign, Keys, texts
from hpsearch.spec.foreign.sheet import Item, yaml_of
from hpsearch.spec.nodes import ListNode, MapNode, ScalarNode
from hpsearch.spec.places import Place

_REFERENCE = re.compile(r"\$\{trialParameters\.([^}]+)\}")
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<unit>[A-Za-z]*)")
_BYTES = {"": "B", "k": "kB", "M": "MB", "G": "GB", "T": "TB", "Ki": "KiB", "Mi": "MiB", "Gi": "GiB", "Ti": "TiB"}
_GPU = "nvidia.com/gpu"
_NO_IMAGE = (
    "is not run: the program and the files that the command names must be on each machine that runs trials; "
    "where they lie under other paths there, change the command"
)
_UNTIL_NOW = "Katib reads name=value from its output, and takes the best: report that one last."


def read_template(spec: Keys, space: Sequence[Item], metric: str) -> tuple[Item, ...]:
    """The trial block, and the resources block where the container says what it needs."""
    foreign = spec.foreign
    template = spec.inside("trialTemplate")
    if template.place.node is None:
        template.place.add("is missing; it says what a trial runs")
    given = _references(foreign, template.at("trialParameters"), space)
    source, primary = template.at("trialSpec"), template.at("primaryContainerName").text(None)
    template.lose("configMap", "a template elsewhere cannot be read; write its command in place of train.py")
    containers = list(_containers(source))
    named = [each for each in containers if primary is not None and each.child("name").says(primary)]
    container = next(iter([*named, *containers]), None)
    words, resources = list[str](), list[Item]()
    if container is not None:
        words = [_word(container, text, given) for key in ("command", "args") for text in texts(_given(container, key))]
        resources = list(_resources(container.child("resources")))
        foreign.lose(source, "of the resource only the container's command and limits remain")
        image = container.child("image")
        if words and image.node is not None:
            foreign.lose(image, f"{image.text('')} {_NO_IMAGE}")
    elif source.node is not None:
        foreign.lose(source, "has no containers")
    if not words:
        foreign.lose(source, "says no command: write what a trial runs in place of train.py")
        words = ["python", "train.py", "{args}"]
    template.finish("it tells Kubernetes how a trial ends; here the exit code of its command tells")
    above, beside = spec.remarks("trialTemplate")
    trial = Item("trial", (command_item(words, (*above, *reporting(metric, _UNTIL_NOW)), beside),))
    return (trial, *([Item("resources", tuple(resources))] if resources else []))


def _references(foreign: Foreign, place: Place, space: Sequence[Item]) -> Mapping[str, str]:
    """What each name of the template stands for: a parameter of the space, or text."""
    names = [item.key for item in space]
    found = {}
    for at in place.items("a list of trial parameters"):
        keys = foreign.keys(at)
        name, reference = keys.at("name").label(None), keys.at("reference").label(None)
        keys.at("description")  # a parameter says it in a comment, if at all; the name is the template's own
        keys.finish()
        if name is None or reference is None:
            at.add("needs name and reference")
        elif reference.startswith("${"):
            foreign.lose(keys.place.child("reference"), "a trial knows nothing of Kubernetes; it stands in the command as it is")
            found[name] = literal(reference)
        elif reference not in names:
            keys.place.child("reference").refuse(f"is no parameter of the experiment{did_you_mean(reference, names)}")
            found[name] = ""  # that the command names it too would be noise
        else:
            # Also of one that stands as a comment: until its values are written, the spec is refused for it.
            found[name] = f"{{{reference}}}"
    return found


def _word(container: Place, text: str, given: Mapping[str, str]) -> str:
    """A word of the command, with our placeholders."""

    def put(match: re.Match[str]) -> str:
        if match[1] not in given:
            container.add(f"{match[0]} is not among trialParameters{did_you_mean(match[1], given)}")
        return given.get(match[1], "")

    parts, end = [], 0
    for match in _REFERENCE.finditer(text):
        parts += [literal(text[end : match.start()]), put(match)]
        end = match.end()
    return "".join([*parts, literal(text[end:])])


def _containers(place: Place) -> Iterator[Place]:
    """Every container of a resource, whatever its kind."""
    if isinstance(place.node, MapNode):
        for key, at in place.entries():
            if key == "containers" and isinstance(at.node, ListNode):
                yield from (each for each in at.items() if isinstance(each.node, MapNode))
            else:
                yield from _containers(at)
    elif isinstance(place.node, ListNode):
        for at in place.items():
            yield from _containers(at)


def _given(place: Place, key: str) -> Place:
    at = place.child(key)
    return at if not at.is_null else Place(at.log, at.path, at.mark, None)


def _resources(place: Place) -> Iterator[Item]:
    limits = place.child("limits") if isinstance(place.child("limits").node, MapNode) else place.child("requests")
    amounts = {key: _amount(limits.child(key)) for key in ("cpu", _GPU, "memory")}
    if found := amounts["cpu"]:
        cpu = found[0] / 1000 if found[1] == "m" else found[0]
        yield Item("cpu", yaml_of(float(cpu)), (), (), limits.mark)
    if (found := amounts[_GPU]) and found[0] > 0:
        yield Item("gpu", yaml_of(int(found[0])), (), (), limits.mark)
    if (found := amounts["memory"]) and found[1] in _BYTES:
        yield Item("memory", f"{found[0]}{_BYTES[found[1]]}", (), (), limits.mark)


def _amount(place: Place) -> tuple[Decimal, str] | None:
    match = _QUANTITY.fullmatch(place.node.text) if isinstance(place.node, ScalarNode) else None
    return None if match is None else (Decimal(match["number"]), match["unit"])
