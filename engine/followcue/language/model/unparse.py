"""Pretty-printing: conditions and values of rules as their author would write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import assert_never

from followcue.base.civil import MONTHS, CivilOp
from followcue.base.rows import ColumnType, places_of
from followcue.base.values import format_date, format_decimal, format_duration, format_period, format_time
from followcue.language.model.decision_table import Given
from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Assigned,
    Comparing,
    Condition,
    Demand,
    Every,
    Gathering,
    Mention,
    NoRowAbove,
    Pattern,
    RuleHead,
    TableCell,
)
from followcue.language.model.syntax import (
    TURNED,
    CivilOf,
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
        case TableCell(column):
            return f"{column}: {spoken_cell(condition)}"
        case NoRowAbove():
            return "no row above fits"
        case Condition():
            return _head(condition) + _fields(condition.pattern)
        case Gathering(word, value, variable, each, conditions):
            of = f" of {spoken(value)}" if value is not None else ""
            return f"{word}{of} as ${variable.name}{_each(each)}: {_all_of(conditions)}"
        case Every(pattern, has):
            return f"every {_kinds(pattern)}{_fields(pattern) or ':'}, has: {_all_of(has)}"
        case _:
            assert_never(condition)


def spoken_pattern(pattern: Pattern) -> str:
    """A pattern without a word before it: `rejected: {date: after $day}`."""
    return _kinds(pattern) + _fields(pattern)


def spoken_head(head: RuleHead) -> str:
    """What a rule concludes, with its fields: `due_back: {day: $day}`."""
    fields = ", ".join(f"{name}: {spoken(given.expression)}" for name, given in head.values.items())
    return f"{head.target}: {{{fields}}}" if fields else head.target


def spoken_demand(demand: Demand) -> str:
    """A field and what is demanded of it: `date: after $day`."""
    return f"{demand.field}: {spoken_constraint(demand.constraint)}"


def spoken_constraint(constraint: Constraint, of_days: bool | None = None) -> str:
    """What is demanded of a field: `after $day`; `of_days` if it is known whether that is a day."""
    op, values = constraint.op, constraint.values
    if op in ("present", "absent", "any"):
        return op
    if op == "in":
        return f"[{', '.join(map(spoken, values))}]"
    if op == "==":
        return f"is {spoken(values[0])}" if constraint.says_is else spoken(values[0])
    of_days = constraint.of_days if of_days is None else of_days
    return f"{_comparator(op, values, of_days)} {spoken(values[0])}"


def spoken_cell(cell: TableCell) -> str:
    """What a row of a table asks of a value: `at least 3 and at most 5`."""
    return " and ".join(spoken_constraint(constraint, cell.of_days) for constraint in cell.constraints)


def spoken_given(given: Given) -> str:
    """What a cell of a table gives."""
    match given:
        case Assigned(expression):
            return spoken(expression)
        case Mention(name):
            return name
        case tuple():
            return "; ".join(given)
        case _:
            return given


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
        case CivilOf("next_yearly", (Constant(_, day), first)):
            return f"next {yearly(int(day))} on or after {_factor(first)}"
        case CivilOf(op, items):
            return CIVIL_WORDS[op].format(*map(_factor, items))
        case LengthOf(item):
            return f"length of {_beside('*', item, on_right=True)}"
        case _:
            assert_never(expression)


CIVIL_WORDS: Mapping[CivilOp, str] = {
    "months_after": "{0} + {1}",
    "months_before": "{0} - {1}",
    "months_between": "months from {0} to {1}",
    "years_between": "years from {0} to {1}",
    "weekday_of": "weekday of {0}",
    "first_of_month": "first day of month of {0}",
    "last_of_month": "last day of month of {0}",
    "next_anniversary": "next anniversary of {0} on or after {1}",
    "next_yearly": "next {0} on or after {1}",
}
"""How the functions of the civil calendar are written."""


def yearly(day: int) -> str:
    """A day of each year, kept as that of one year: `5 April`."""
    kept = date.fromordinal(day)
    return f"{kept.day} {MONTHS[kept.month - 1]}"


def _factor(item: Expression) -> str:
    """A value in a place that takes no sum without brackets."""
    return f"({spoken(item)})" if isinstance(item, Operation) else spoken(item)


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
    return f"{word}{kinds}{field}{variable}{_each(condition.each)}"


def _each(variables: Iterable[Variable]) -> str:
    names = " and ".join(f"${variable.name}" for variable in variables)
    return f" for each {names}" if names else ""


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
    word = {"==": "is", "!=": "is not"}.get(test.op) or _comparator(test.op, sides, test.of_days)
    return f"{spoken(test.left)} {word} {spoken(test.right)}"


def _comparator(op: str, sides: Iterable[Expression], of_days: bool | None = None) -> str:
    if op == "!=":
        return "not"
    if op in TURNED:
        return op
    if of_days is not None:
        return (OF_DAYS if of_days else OF_NUMBERS)[op]
    numbers = any(
        (
            isinstance(side, Constant)
            and (side.base in ("duration", "period") or places_of(side.base) is not None)
        )
        or isinstance(side, (LengthOf, RoundedTo, RemainderOf))
        or (isinstance(side, CivilOf) and side.op in ("months_between", "years_between"))
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
    if base == "time":
        return format_time(int(value))
    if base == "period":
        return format_period(int(value))
    if base == "duration":
        sign, days = ("-" if int(value) < 0 else ""), abs(int(value))
        return f"{sign}{format_duration(days)}"
    return str(value)
