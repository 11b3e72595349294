"""Constraints: conditions that every configuration of a study must meet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword

from hpsearch.core.errors import Problem
from hpsearch.core.names import did_you_mean
from hpsearch.core.values import Value
from hpsearch.space.conditions import Parameter, named
from hpsearch.space.domain import SpaceError, shown
from hpsearch.space.expressions import Expression, ExpressionError


@dataclass(frozen=True)
class Constraint:
    """An expression whose names are bound to parameters. It holds wherever one of them is inactive.

    `idents`: the parameter of each name. `place`: where it is written, for messages.
    """

    expression: Expression
    idents: Mapping[str, str]
    place: str = ""

    @classmethod
    def of(cls, text: str, parameters: Sequence[Parameter], place: str = "") -> Constraint:
        """Raises: ExpressionError, also for a name that is no parameter's, or several parameters'."""
        for name in {each.name for each in parameters if not _can_be_read(each.name)}:
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text):
                rule = "cannot stand in a constraint, where it reads as something else; rename the parameter"
                raise ExpressionError(f"{name} {rule}")
        expression = Expression.parse(text)
        if not expression.names:
            raise ExpressionError("names no parameter")
        idents: dict[str, str] = {}
        for name, column in expression.names.items():
            found = named(name, parameters)
            if len(found) > 1:
                known = " or ".join(each.ident for each in found)
                raise ExpressionError(f"{name} is the name of {len(found)} parameters; write {known}", column)
            if not found:
                near = did_you_mean(name, {each.name for each in parameters})
                quoted = f"; write it in quotes if it is a text: '{name}'" if not near and "." not in name else ""
                raise ExpressionError(f"there is no parameter {name}{near}{quoted}", column)
            idents[name] = found[0].ident
        return cls(expression, idents, place)

    def holds(self, chosen: Mapping[str, Value]) -> bool:
        """Whether a configuration, by ident, meets it.

        Raises:
            SpaceError: it cannot be told, as where a divisor is zero.
        """
        if not all(ident in chosen for ident in self.idents.values()):
            return True
        values = {name: chosen[ident] for name, ident in self.idents.items()}
        try:
            return self.expression.holds(values)
        except ExpressionError as error:
            where = ", ".join(f"{name} = {shown(value)}" for name, value in values.items())
            raise SpaceError([Problem(f" = {self.expression.text}: {error} (where {where})", self.place)]) from None


def _can_be_read(name: str) -> bool:
    """Whether Python's parser, which reads constraints, takes the name for one."""
    return all(part.isidentifier() and not iskeyword(part) for part in name.split("."))
