"""Whether a command can run in every trial of its study, as far as can be told before the first."""

from __future__ import annotations

from collections.abc import Iterator

from hpsearch.core.names import did_you_mean, listed
from hpsearch.space.conditions import Parameter
from hpsearch.space.domain import shown
from hpsearch.spec.command import ALL, literal, names_in
from hpsearch.spec.model import StudySpec
from hpsearch.trainables.command_code import check_script, find_program
from hpsearch.trainables.commands import SEED
from hpsearch.trainables.findings import Findings

_SHOWN_VALUES = 5


def check_command(spec: StudySpec, findings: Findings) -> None:
    """Adds a finding for a program or script that is not there, and for every name that is none in some configuration."""
    words = spec.trial.command
    listing = "trial.command[0]" in spec.positions
    places = [f"trial.command[{index}]" if listing else "trial.command" for index in range(len(words))]
    with findings.collecting():
        find_program(literal(words[0]) or "", spec.folder, places[0])
    with findings.collecting():
        check_script(words, spec.folder, places)
    # Which names there are cannot be told of half a space.
    if not findings.is_unread("space") and not findings.is_unread("trial.fixed"):
        for index, name, rule in _wrong_names(spec, findings):
            if findings.is_whole(f"space.{name}"):
                findings.add(places[index], rule)


def _wrong_names(spec: StudySpec, findings: Findings) -> Iterator[tuple[int, str, str]]:
    """(index of the word, name in it, the rule that it breaks)."""
    known = {
        **{name: f"trial.fixed.{name}" for name in spec.trial.fixed},
        **{name: f"space.{name}" for name in spec.space.names()},
    }
    there = listed(known)
    for index, name in dict.fromkeys(names_in(spec.trial.command)):
        if name == ALL and ALL in known:
            yield index, name, f": {{{ALL}}} is all parameters; give the one that {known[ALL]} calls {ALL} another name"
        elif name in (ALL, SEED) and name not in known:
            continue
        elif name not in known:
            near = (did_you_mean(name, known) if findings.seeks_near else "") or (
                f"; the parameters are {there}" if known else ""
            )
            yield index, name, f": {{{name}}} is neither in space nor in trial.fixed{near}"
        elif name not in spec.trial.fixed and not spec.space.is_always_there(name):
            yield (
                index,
                name,
                (
                    f": {{{name}}} exists only where {_conditions(spec, name)}, and a command names what every configuration has;"
                    f" write {{{ALL}}}, which passes what there is, or read HPSEARCH_PARAMS in the program"
                ),
            )


def _conditions(spec: StudySpec, name: str) -> str:
    """ "booster is dart", of all branches that have the parameter."""
    return " or ".join(dict.fromkeys(_condition(each) for each in spec.space.parameters if each.name == name))


def _condition(parameter: Parameter) -> str:
    said = []
    for condition in parameter.when:
        values = [value if isinstance(value, str) else shown(value) for value in condition.values]
        more = [f"{len(values) - _SHOWN_VALUES} other values"] if len(values) > _SHOWN_VALUES else []
        said.append(f"{condition.parent} is {' or '.join(values[:_SHOWN_VALUES] + more)}")
    return " and ".join(said)
