"""What a spec may say and somebody hardly meant: said once, before anything starts, and no reason not to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from hpsearch.core.errors import Caution, in_order
from hpsearch.core.values import Value
from hpsearch.plan.effects import admission, effects
from hpsearch.space import Choice, Domain, FloatRange, IntRange, Parameter
from hpsearch.space.constraints import never
from hpsearch.space.domain import shown
from hpsearch.spec.model import StudySpec
from hpsearch.spec.scalars import resolve
from hpsearch.spec.variables import masked

# As people write numbers: 1_000, 1/3, 2^10, 10**-3, 1,5.
_NUMBER = r"[-+]?\d[\d_]*(\.\d*)?([eE][-+]?\d+)?"
_LIKE_A_NUMBER = re.compile(rf"{_NUMBER}\s*((/|\^|\*\*?|,)\s*{_NUMBER})?")
_LONGEST_NUMBER = 40  # characters

_SECRET_KEYS = frozenset({"password", "passwd", "pwd", "token", "secret"})  # of an address's query


def cautions(spec: StudySpec) -> tuple[Caution, ...]:
    """In the order of the spec's lines.

    Raises:
        SpecError: a constraint has no answer for some configuration.
    """
    parents = {condition.parent for each in spec.space.parameters for condition in each.when}
    found: list[Caution] = []
    for each in spec.space.parameters:
        grid = spec.search.method == "grid"
        for part, sentence in _of_parameter(each, is_parent=each.ident in parents, grid=grid):
            found.append(_caution(spec, f"space.{each.place}{part}", sentence))
    found += [
        _caution(spec, path, sentence) for path, sentence in (*_of_constraints(spec), *_of_absent(spec), *_of_tracking(spec))
    ]
    return tuple(in_order(found, "warnings"))


def _caution(spec: StudySpec, path: str, sentence: str) -> Caution:
    at = spec.problem(path, sentence)
    return Caution(at.message, at.path, at.file, at.line, at.column)


def _of_parameter(parameter: Parameter, *, is_parent: bool, grid: bool) -> Iterator[tuple[str, str]]:
    """(part of its place, sentence) of each."""
    domain = parameter.domain
    if isinstance(domain, Choice):
        if len(domain.values) == 1 and not is_parent and not parameter.when:  # in a branch it is no trouble to anybody
            value = domain.values[0]
            alone = f"{{const: {shown(value)}}}" if isinstance(value, tuple | dict) else f"{shown(value)} alone"
            yield "", f": is a list of one value, and so the same in every trial; write {alone}, or add values"
        yield from _of_values(domain.values)
    elif isinstance(domain, IntRange | FloatRange):
        if domain.log and domain.high < 2 * domain.low:
            ends = f"{shown(domain.low)} to {shown(domain.high)}"
            yield ".log", f": from {ends} a log range hardly differs from a linear one; drop log, or widen the range"
        if grid and domain.step is not None and (last := _last(domain)) != domain.high:
            yield (
                ".high",
                f" = {shown(domain.high)}: the grid ends at {shown(last)}, the last on the step of {shown(domain.step)}; "
                f"write {shown(last)}, or a step that reaches the end",
            )


def _last(domain: Domain) -> Value:
    return domain.grid_at(domain.grid_size() - 1)


def _of_values(values: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
    wholes = [value for value in values if type(value) is int]
    floats = [value for value in values if type(value) is float]
    if wholes and floats:
        number, other = wholes[0], floats[0]
        yield (
            f"[{_place(values, number)}]",
            f" = {number}: is a whole number, and {shown(other)} beside it is none, which many estimators take in another way; "
            f"write {number}.0, unless that is meant",
        )
    flags = [value for value in values if isinstance(value, bool)]
    if flags and (wholes or floats):
        rule = "is no number here, and most estimators take it for 1 or 0; write the number, unless that is meant"
        yield f"[{_place(values, flags[0])}]", f" = {shown(flags[0])}: {rule}"
    for index, value in enumerate(values):
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            rule = "is one value, and no sub-space; unless that is meant, write {choice: {x: {}, y: {b: [1, 2]}}}"
            yield f"[{index}]", f" = {shown(value)}: {rule}"
            break
    for index, value in enumerate(values):
        if isinstance(value, str) and _looks_like_a_number(value, beside_numbers=bool(wholes or floats)):
            yield f"[{index}]", f" = {shown(value)}: is a text, and looks like a number; write the number, as 1000 or 0.5"
            return


def _place(values: tuple[Value, ...], value: Value) -> int:
    return next(index for index, other in enumerate(values) if other is value)


def _looks_like_a_number(text: str, *, beside_numbers: bool) -> bool:
    """A number in quotes is meant as a text, unless it stands among numbers."""
    if len(text) > _LONGEST_NUMBER or not _LIKE_A_NUMBER.fullmatch(text.strip()):
        return False
    try:
        return beside_numbers or isinstance(resolve(text), str)
    except ValueError:  # larger than a number may be
        return beside_numbers


def _of_constraints(spec: StudySpec) -> Iterator[tuple[str, str]]:
    unmet = dict(_never_equal(spec))
    yield from unmet.items()
    for effect in effects(spec):
        if effect.path in unmet:
            continue
        if effect.exact and not effect.excluded:
            all_of_it = f"all {effect.looked:,} configurations of the grid" if effect.looked > 1 else "the only configuration"
            yield effect.path, f" = {effect.text}: excludes nothing: {all_of_it} meet it; drop it, or check what it says"
        elif effect.excluded == effect.looked:
            rule = f"excludes every one of {effect.looked:,} configurations looked at; check what it says"
            yield effect.path, f" = {effect.text}: {rule}"


def _never_equal(spec: StudySpec) -> Iterator[tuple[str, str]]:
    """Of each constraint that asks whether a parameter is what it never is: a misspelt text excludes, or admits, in silence."""
    domains = {each.ident: each.domain for each in spec.space.parameters}
    for constraint in spec.space.constraints:
        for name, value in constraint.expression.compared:
            if rule := never(name, value, domains[constraint.idents[name]]):
                yield constraint.place, f" = {constraint.expression.text}: {rule}"
                break


def _of_absent(spec: StudySpec) -> Iterator[tuple[str, str]]:
    """Of each parameter that constraints keep out of every configuration of a grid, where all of it was looked at."""
    if spec.search.method != "grid" or not spec.space.constraints or not (found := admission(spec)).exact:
        return
    for each in spec.space.parameters:
        if each.ident not in found.tally.met:
            rule = "no configuration of the grid has this parameter: constraints exclude all that would; drop it, or check them"
            yield f"space.{each.place}", f": {rule}"


def _of_tracking(spec: StudySpec) -> Iterator[tuple[str, str]]:
    """Of a password that stands in the spec itself; what the environment put in is stored nowhere."""
    if any(word in spec.text for word in _passwords(masked(spec.tracking.uri or "", ""))):
        rule = "a password stands in it as it is, and is stored with the study and in MLflow"
        yield "tracking.uri", f": {rule}; write ${{secret:NAME}} in its place, and set NAME in the environment"


def _passwords(address: str) -> Iterator[str]:
    parts = urlsplit(address)  # which the spec has seen to be one
    found = [parts.password or "", *(value for key, value in parse_qsl(parts.query) if key.lower() in _SECRET_KEYS)]
    yield from filter(None, found)
