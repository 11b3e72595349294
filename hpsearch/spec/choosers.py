"""Parameters of the space that choose what runs: the estimator, or a pipeline's step by the step's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hpsearch.core.names import nearest
from hpsearch.space.space import Space
from hpsearch.spec.domains import BRANCHES
from hpsearch.spec.fixed import Names
from hpsearch.spec.model import CHOOSER, OWN, TrialSpec
from hpsearch.spec.naming import Naming
from hpsearch.spec.nodes import ListNode, MapNode, ScalarNode, is_null, key_value
from hpsearch.spec.paths import CLASS
from hpsearch.spec.places import Place


def settle(trial: TrialSpec, naming: Naming, block: Place, space: Space, fixed: Names, searched: Names) -> TrialSpec:
    """The trial without the classes that the space replaces in every configuration; problems are noted.

    Args:
        block: the trial's.
        fixed, searched: the parameters' names and places.
    """
    for name, at in searched:
        if naming.chooses(name):
            _check_values(at, name, naming)
        elif name == CHOOSER and trial.kind == "estimator":
            at.add(
                f"trial.estimator says what runs; drop it, or write {OWN}{name} for the estimator's own parameter of that name"
            )
    names = {name for name, _ in searched}
    for name, at in fixed:
        if name in naming.steps and name not in names:
            at.add(f"is a step, which is no fixed parameter; write its class at trial.pipeline.{name}")
    if naming.is_chosen:
        _check_always(CHOOSER, "", space, searched)
    for step in trial.steps:
        if not step.path and not step.columns:
            if step.name in names:
                _check_always(step.name, f", or write its class at trial.pipeline.{step.name} for the others", space, searched)
            elif not _is_misspelt(step.name, names) and not any(problem.path == "space" for problem in block.log.problems):
                at = block.child("pipeline").child(step.name)
                at.add(f"is empty; write its class, or choose it in the space: {step.name}: [CLASS, CLASS]")
    replaced = {step.name for step in trial.steps if step.name in names and space.is_always_there(step.name)}
    steps = (replace(step, path="", columns=(), remainder="drop") if step.name in replaced else step for step in trial.steps)
    return replace(trial, steps=tuple(steps))


def _is_misspelt(step: str, names: Iterable[str]) -> bool:
    """Whether some other name in the space was meant to be the step's: that has been said."""
    return any(nearest(name, [step]) for name in names if "__" not in name)


def _check_always(name: str, fix: str, space: Space, searched: Names) -> None:
    if not space.is_always_there(name):
        at = next(at for each, at in searched if each == name)
        at.add(f"says what runs, and exists in some configurations alone; let it exist in all{fix}")


def _check_values(at: Place, name: str, naming: Naming) -> None:
    """Notes each value that is no class: of a step other than the last, `passthrough` is one too."""
    may_pass = name in naming.steps[:-1]
    for value in _values(at):
        if not value.says("passthrough"):
            CLASS.read(value)
        elif not may_pass:
            value.refuse("the last step must be an estimator" if naming.steps else "is for steps of a pipeline")


def _values(at: Place) -> Iterator[Place]:
    """Where each value of a choice stands, however it is written."""
    node = at.node
    if isinstance(node, MapNode):
        if "const" in node.entries:
            yield at.child("const")
            return
        key = next((key for key in (BRANCHES, "ordinal") if key in node.entries), None)
        if key is None:
            at.refuse("says what runs: write a choice of classes, by dotted path")
            return
        at = at.child(key)
        node = at.node
    if isinstance(node, ListNode):
        yield from at.items()
    elif isinstance(node, MapNode):
        for key, entry in node.entries.items():
            yield Place(at.log, at.path, entry.mark, ScalarNode(entry.mark, key_value(key, entry), key))
    elif node is not None and not is_null(node):
        yield at
    else:
        at.refuse("says what runs: write a choice of classes, by dotted path")
