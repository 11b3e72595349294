"""A small language of conditions on numbers, texts and booleans: read by Python's own parser, never run as Python.

    max_depth <= 7 or learning_rate <= 0.1
    1 < layers * width <= 4096 and solver in ['adam', 'sgd']
    not (booster == 'dart' and min(eta, gamma) < 0.1)

Literals, lists of them, names; and, or, not; comparisons, chained ones too, `in` and `not in` a list; + - * / // % **; min, max,
abs; parentheses. true, false and null are written as in YAML or as in Python.

A name may have no value (ABSENT): a comparison with it does not hold, whatever it is, and neither does the name by itself.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeGuard

from hpsearch.core.values import Value, canonical

ABSENT: Final = object()
Lookup: TypeAlias = "Mapping[str, Value] | Mapping[str, object]"
"""The names' values; ABSENT for one that has none."""
Evaluate: TypeAlias = Callable[[Lookup], Any]

LONGEST = 1000  # characters; a condition that a person wrote has tens
_LARGEST = 4096  # bits of a power or a product

_WORDS = {"true": True, "false": False, "null": None}
_NUMBERS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: lambda one, other: _product(one, other),
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SIGNS: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}

# What other languages write.
_OTHERWISE = (
    ("&&", "and"),
    ("||", "or"),
    ("!(", "not"),
    (" AND ", "and"),
    (" OR ", "or"),
    (" = ", "=="),
    ("<>", "!="),
    ("=<", "<="),
)


class ExpressionError(Exception):
    """What cannot be read, or has no value for the names' values. `column` counts from 1 in the expression."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


class _Absent(Exception):
    """A value is asked for that is not there."""


@dataclass(frozen=True)
class Expression:
    """A condition. Equal where the text is.

    Attributes:
        names: those that it mentions, as written, with where each stands first.
        size: how many operations, names and literals it is made of.
        compared: (name, literal) of each that is asked to be equal, or one of a list.
    """

    text: str
    names: Mapping[str, int] = field(compare=False)
    size: int = field(compare=False)
    compared: tuple[tuple[str, Value], ...] = field(compare=False)
    _evaluate: Evaluate = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Raises: ExpressionError."""
        if len(text) > LONGEST:
            raise ExpressionError(f"has {len(text)} characters; a constraint has at most {LONGEST}")
        try:
            tree = ast.parse(" ".join(text.splitlines()).strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            column = getattr(error, "offset", None) or 1
            hint = next((f"; write {right} for {wrong.strip()}" for wrong, right in _OTHERWISE if wrong in f" {text} "), "")
            raise ExpressionError(f"cannot be read as a condition, such as max_depth <= 7{hint}", column) from None
        reader = _Reader()
        try:
            evaluate = reader.read(tree)
        except RecursionError:
            raise ExpressionError("is nested too deeply") from None
        return cls(text, reader.names, reader.size, tuple(reader.compared), evaluate)

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression.parse, (self.text,)  # functions do not travel to other processes

    def holds(self, values: Lookup) -> bool:
        """Whether it is true, given a value for each of its names.

        Raises:
            ExpressionError: an operation that these values do not have; a division by zero; a value that is no condition.
        """
        try:
            result = self._evaluate(values)
        except _Absent:
            return False
        if not isinstance(result, bool):
            raise ExpressionError(f"is {_kind(result)}, not a condition that holds or does not")
        return result


class _Reader:
    """Turns a syntax tree into a function, and refuses what is not in the language."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.size = 0
        self.compared: list[tuple[str, Value]] = []

    def read(self, node: ast.expr) -> Evaluate:
        self.size += 1
        match node:
            case ast.Constant(value=value) if value is None or isinstance(value, bool | int | float | str):
                return lambda _: value
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                parts = [self.read(item) for item in items]
                return lambda values: tuple(part(values) for part in parts)
            case ast.BoolOp(op=op, values=several):
                return self._join(isinstance(op, ast.And), several)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._condition(operand)
                return lambda values: not inner(values)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                number = self._number(operand, "-" if isinstance(sign, ast.USub) else "+")
                return (lambda values: -number(values)) if isinstance(sign, ast.USub) else number
            case ast.BinOp(left=left, op=binary, right=right) if type(binary) in _SIGNS:
                return self._arithmetic(node, left, binary, right)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison([left, *others], ops)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
                return self._call(node, name, arguments)
        raise ExpressionError(
            f"{_text(node)} is not in the language of constraints: names, numbers, texts, lists, comparisons,"
            " + - * / // % **, and, or, not, in, min, max, abs",
            node.col_offset + 1,
        )

    def _name(self, node: ast.Name | ast.Attribute) -> Evaluate:
        name = _dotted(node)
        if name is None:
            raise ExpressionError(f"{_text(node)} is no name", node.col_offset + 1)
        if name in _WORDS:
            word = _WORDS[name]
            return lambda _: word
        self.names.setdefault(name, node.col_offset + 1)

        def look_up(values: Lookup) -> Any:
            value = values[name]
            if value is ABSENT:
                raise _Absent
            return value

        return look_up

    def _join(self, is_and: bool, several: Sequence[ast.expr]) -> Evaluate:
        parts = [self._condition(each) for each in several]
        join = all if is_and else any
        return lambda values: join(part(values) for part in parts)

    def _condition(self, node: ast.expr) -> Evaluate:
        inner = self._checked(node, bool, "and, or and not join conditions")
        if not isinstance(node, ast.Name | ast.Attribute):
            return inner

        def evaluate(values: Lookup) -> Any:
            try:
                return inner(values)
            except _Absent:
                return False

        return evaluate

    def _number(self, node: ast.expr, sign: str) -> Evaluate:
        return self._checked(node, (int, float), f"{sign} takes numbers")

    def _checked(self, node: ast.expr, kind: type | tuple[type, ...], rule: str) -> Evaluate:
        inner, column = self.read(node), node.col_offset + 1
        if isinstance(node, ast.Constant) and not _is(node.value, kind):
            raise ExpressionError(f"{rule}, and {_text(node)} is {_kind(node.value)}", column)

        def evaluate(values: Lookup) -> Any:
            value = inner(values)
            if not _is(value, kind):
                raise ExpressionError(f"{rule}, and {_text(node)} is {_kind(value)}", column)
            return value

        return evaluate

    def _arithmetic(self, node: ast.expr, left: ast.expr, op: ast.operator, right: ast.expr) -> Evaluate:
        sign, column = _SIGNS[type(op)], node.col_offset + 1
        one, other = self._number(left, sign), self._number(right, sign)
        compute = _power if isinstance(op, ast.Pow) else _NUMBERS[type(op)]

        def evaluate(values: Lookup) -> Any:
            try:
                return compute(one(values), other(values))
            except ZeroDivisionError:
                raise ExpressionError(f"{_text(node)} divides by zero", column) from None
            except OverflowError:
                raise ExpressionError(f"{_text(node)} has no finite value", column) from None

        if isinstance(right, ast.Constant) and right.value == 0 and isinstance(op, ast.Div | ast.FloorDiv | ast.Mod):
            raise ExpressionError(f"{_text(node)} divides by zero", column)
        return evaluate

    def _comparison(self, nodes: Sequence[ast.expr], ops: Sequence[ast.cmpop]) -> Evaluate:
        parts = [self.read(node) for node in nodes]
        tests = [self._test(op, left, right) for op, left, right in zip(ops, nodes, nodes[1:], strict=False)]

        def evaluate(values: Lookup) -> bool:
            try:
                left = parts[0](values)
                for test, part in zip(tests, parts[1:], strict=True):
                    right = part(values)
                    if not test(left, right):
                        return False
                    left = right
            except _Absent:
                return False
            return True

        return evaluate

    def _test(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Callable[[Any, Any], bool]:
        column = left.col_offset + 1
        if type(op) in _ORDERS:
            compare, rule = _ORDERS[type(op)], f"{_SIGNS[type(op)]} compares numbers, or texts"

            def ordered(one: Any, other: Any) -> bool:
                if not (is_number(one) and is_number(other)) and not (isinstance(one, str) and isinstance(other, str)):
                    both = f"{_text(left)} is {_kind(one)} and {_text(right)} is {_kind(other)}"
                    raise ExpressionError(f"{rule}, and {both}", column)
                return compare(one, other)

            return ordered
        self._note_compared(left, right)
        if isinstance(op, ast.Eq | ast.NotEq):
            wanted = isinstance(op, ast.Eq)
            return lambda one, other: equal(one, other) is wanted
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple):
                raise ExpressionError(f"in takes a list, as in x in [1, 2], and {_text(right)} is none", right.col_offset + 1)
            expected = isinstance(op, ast.In)
            return lambda one, others: any(equal(one, other) for other in others) is expected
        raise ExpressionError("is and is not are not in the language of constraints; write == or !=", column)

    def _note_compared(self, left: ast.expr, right: ast.expr) -> None:
        for one, other in ((left, right), (right, left)):
            name = _dotted(one)
            if name is not None and name not in _WORDS:
                literals = other.elts if isinstance(other, ast.List | ast.Tuple) else [other]
                self.compared += [(name, each.value) for each in literals if isinstance(each, ast.Constant)]  # type: ignore[misc]

    def _call(self, node: ast.Call, name: str, arguments: Sequence[ast.expr]) -> Evaluate:
        parts = [self._number(argument, name) for argument in arguments]
        if not parts or (name == "abs") != (len(parts) == 1):
            how = "one number" if name == "abs" else "two numbers or more"
            raise ExpressionError(f"{name} takes {how}", node.col_offset + 1)
        compute = _FUNCTIONS[name]
        return lambda values: compute(*(part(values) for part in parts))


def _dotted(node: ast.expr) -> str | None:
    """The name that is written; None where something else is."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _text(node: ast.expr) -> str:
    """A part of the expression, in an error. Made when it is needed: to write all parts takes the square of their number."""
    return ast.unparse(node)[:40]


def _product(one: float, other: float) -> float:
    if isinstance(one, int) and isinstance(other, int) and one.bit_length() + other.bit_length() > _LARGEST:
        raise OverflowError
    return one * other


def _power(base: float, exponent: float) -> float:
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if base.bit_length() * exponent > _LARGEST:
            raise OverflowError
        return int(base**exponent)
    power = float(base) ** float(exponent)
    if isinstance(power, complex) or not math.isfinite(power):
        raise OverflowError
    return float(power)


def is_number(value: object) -> TypeGuard[int | float]:
    """A truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def equal(one: Any, other: Any) -> bool:
    """Numbers by their value, 3 and 3.0 alike; everything else by its canonical text."""
    if is_number(one) and is_number(other):
        return bool(one == other)
    return canonical(one) == canonical(other)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value!r}"
    return f"the number {value!r}" if isinstance(value, int | float) else "a list"
