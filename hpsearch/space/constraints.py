"""Constraints: conditions that every configuration of a study must meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.core.errors import Problem
from hpsearch.core.values import Value
from hpsearch.space.conditions import NAMED, Parameter, Vocabulary
from hpsearch.space.domain import Domain, SpaceError, instead_of, shown
from hpsearch.space.domains import Choice, Constant
from hpsearch.space.expressions import LONGEST, Expression, ExpressionError, equal


def never(name: str, value: Value, domain: Domain) -> str:
    """That `name` is never what a condition asks for: "kernel is never 'rfb'; did you mean rbf?"; "" where it may be."""
    if isinstance(domain, Choice):
        found = any(equal(value, other) for other in domain.values)
    else:
        found = not isinstance(value, str) or isinstance(domain, Constant)
    return "" if found else f"{name} is never {shown(value)}{instead_of(value, domain)}"


@dataclass(frozen=True)
class Constraint:
    """An expression whose names are bound to parameters. It holds wherever one of them is inactive.

    `idents`: the parameter of each name. `place`: where it is written, for messages.
    """

    expression: Expression
    idents: Mapping[str, str]
    place: str = ""

    @classmethod
    def of(cls, text: str, parameters: Sequence[Parameter] | Vocabulary, place: str = "") -> Constraint:
        """Raises: ExpressionError, also for a name that is no parameter's, or several parameters'."""
        vocabulary = parameters if isinstance(parameters, Vocabulary) else Vocabulary(parameters)
        if len(text) <= LONGEST and (name := vocabulary.unfit(text)) is not None:
            rule = "cannot stand in a constraint, where it reads as something else; rename the parameter"
            raise ExpressionError(f"{name} {rule}")
        expression = Expression.parse(text)
        if not expression.names:
            raise ExpressionError("names no parameter")
        idents: dict[str, str] = {}
        for name, column in expression.names.items():
            found = vocabulary.meant(name)
            if len(found) > 1:
                known = " or ".join(each.ident for each in found[:NAMED]) + (" or another" if len(found) > NAMED else "")
                raise ExpressionError(f"{name} is the name of {len(found)} parameters; write {known}", column)
            if not found:
                near = vocabulary.near(name)
                quoted = f"; write it in quotes if it is a text: '{name}'" if not near and "." not in name else ""
                raise ExpressionError(f"there is no parameter {name}{near}{quoted}", column)
            idents[name] = found[0].ident
        return cls(expression, idents, place)

    def holds(self, chosen: Mapping[str, Value]) -> bool:
        """Whether a configuration, by ident, meets it.

        Raises:
            SpaceError: it cannot be told, as where a divisor is zero.
        """
        values: dict[str, Value] = {}
        for name, ident in self.idents.items():
            if ident not in chosen:
                return True
            values[name] = chosen[ident]
        try:
            return self.expression.holds(values)
        except ExpressionError as error:
            where = ", ".join(f"{name} = {shown(value)}" for name, value in values.items())
            raise SpaceError([Problem(f" = {self.expression.text}: {error} (where {where})", self.place)]) from None
