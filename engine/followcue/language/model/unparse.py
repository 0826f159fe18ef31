"""Pretty-printing: conditions and values of rules as their author would write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from followcue.base.rows import ColumnType, places_of
from followcue.base.values import format_date, format_decimal, format_duration
from followcue.language.model.rules import AnyCondition, AnyOf, Comparing, Condition, Demand, Pattern
from followcue.language.model.syntax import (
    TURNED,
    Comparison,
    CompoundTest,
    Constant,
    Constraint,
    Expression,
    ExtremeOf,
    LengthOf,
    Operation,
    RemainderOf,
    RoundedTo,
    Test,
    Variable,
    Word,
    needs_brackets,
)

OF_DAYS = {"<": "before", ">": "after", "<=": "on or before", ">=": "on or after"}
OF_NUMBERS = {"<": "less than", ">": "more than", "<=": "at most", ">=": "at least"}


def spoken_condition(condition: AnyCondition) -> str:
    """A condition: `no signed: {at: after $at}`."""
    match condition:
        case Comparing(test):
            return f"where: {spoken_test(test)}"
        case AnyOf(alternatives):
            return f"any of: [{', '.join(_all_of(conditions) for conditions in alternatives)}]"
        case Condition():
            return _head(condition) + _fields(condition.pattern)
        case _:
            assert_never(condition)


def spoken_pattern(pattern: Pattern) -> str:
    """A pattern without a word before it: `rejected: {date: after $day}`."""
    return _kinds(pattern) + _fields(pattern)


def spoken_demand(demand: Demand) -> str:
    """A field and what is demanded of it: `date: after $day`."""
    return f"{demand.field}: {spoken_constraint(demand.constraint)}"


def spoken_constraint(constraint: Constraint) -> str:
    """What is demanded of a field: `after $day`."""
    op, values = constraint.op, constraint.values
    if op in ("present", "absent", "any"):
        return op
    if op == "in":
        return f"[{', '.join(map(spoken, values))}]"
    if op == "==":
        return f"is {spoken(values[0])}" if constraint.says_is else spoken(values[0])
    return f"{_comparator(op, values)} {spoken(values[0])}"


def spoken_test(test: Test) -> str:
    """A comparison, or several: `$a is not $b and $n at least 2`."""
    if isinstance(test, CompoundTest):
        return f" {test.op} ".join(
            f"({spoken_test(item)})" if isinstance(item, CompoundTest) else spoken_test(item)
            for item in test.items
        )
    return _comparison(test)


def spoken(expression: Expression) -> str:
    """A value: `$day + promised_grace`."""
    match expression:
        case Word(text):
            return text
        case Variable(name):
            return f"${name}"
        case Constant(base, value):
            return _constant(base, value)
        case Operation(op, left, right):
            return f"{_beside(op, left)} {op} {_beside(op, right, on_right=True)}"
        case RoundedTo(item, how, places):
            return f"{_beside('+', item)} {rounding(how, places)}"
        case RemainderOf(left, right):
            return f"remainder of {_beside('*', left, on_right=True)} / {_beside('*', right, on_right=True)}"
        case ExtremeOf(op, items):
            word = "later" if op == "max" else "earlier"
            return f"{word} of ({', '.join(map(spoken, items))})"
        case LengthOf(item):
            return f"length of {_beside('*', item, on_right=True)}"
        case _:
            assert_never(expression)


def _beside(op: str, side: Expression, *, on_right: bool = False) -> str:
    inner = side.op if isinstance(side, Operation) else None
    brackets = isinstance(side, RoundedTo) or needs_brackets(op, inner, on_right=on_right)
    return f"({spoken(side)})" if brackets else spoken(side)


def rounding(how: str, places: int) -> str:
    """How a number is rounded: `rounded half up to 2 places`."""
    to = f" to {places} {'place' if places == 1 else 'places'}" if places else ""
    return f"rounded {how}{to}"


def _head(condition: Condition) -> str:
    kinds = _kinds(condition.pattern)
    word = "" if condition.word == "there is" else f"{condition.word} "
    field = f".{condition.field.text}" if condition.field else ""
    variable = f" as ${condition.variable.name}" if condition.variable else ""
    return f"{word}{kinds}{field}{variable}"


def _kinds(pattern: Pattern) -> str:
    return " or ".join(kind.text for kind in pattern.kinds)


def _fields(pattern: Pattern) -> str:
    by_field: dict[str, list[str]] = {}
    for demand in pattern.demands:
        by_field.setdefault(demand.field, []).append(spoken_constraint(demand.constraint))
    said = ", ".join(f"{field}: {' and '.join(demands)}" for field, demands in by_field.items())
    return f": {{{said}}}" if said else ""


def _all_of(conditions: Iterable[AnyCondition]) -> str:
    said = [spoken_condition(condition) for condition in conditions]
    return said[0] if len(said) == 1 else f"[{', '.join(said)}]"


def _comparison(test: Comparison) -> str:
    sides = (test.left, test.right)
    word = {"==": "is", "!=": "is not"}.get(test.op) or _comparator(test.op, sides)
    return f"{spoken(test.left)} {word} {spoken(test.right)}"


def _comparator(op: str, sides: Iterable[Expression]) -> str:
    if op == "!=":
        return "not"
    if op in TURNED:
        return op
    numbers = any(
        isinstance(side, Constant) and (side.base == "duration" or places_of(side.base) is not None)
        for side in sides
    )
    return (OF_NUMBERS if numbers else OF_DAYS)[op]


def _constant(base: ColumnType, value: str | int | bool) -> str:
    if base == "bool":
        return "true" if value else "false"
    if base == "date":
        return format_date(int(value))
    if places := places_of(base):
        return format_decimal(int(value), places)
    if base == "text":
        quote = "'" if '"' in str(value) else '"'
        return f"{quote}{value}{quote}"
    if base == "duration":
        sign, days = ("-" if int(value) < 0 else ""), abs(int(value))
        return f"{sign}{format_duration(days)}"
    return str(value)
