"""Phrases of the rule language as values: expressions, constraints and the heads of conditions.

Every node keeps its place inside its phrase (`at`: offset and length), which equality ignores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from followcue.base.civil import CivilOp
from followcue.base.rows import DecimalType

At: TypeAlias = tuple[int, int]


def _place() -> At:
    return field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: a parameter or a literal, whichever is wanted where it stands."""

    text: str
    at: At = _place()


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`."""

    name: str
    at: At = _place()


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, date (day number), duration (days), period (months), time (minutes), boolean or text.

    A decimal is a whole number of its smallest unit: `12.50` is 1250 of the base `decimal 2`.
    """

    base: Literal["number", "date", "duration", "period", "time", "bool", "text"] | DecimalType
    value: str | int | bool
    at: At = _place()


@dataclass(frozen=True, slots=True)
class Operation:
    """`left op right` with + - * or /."""

    op: Literal["+", "-", "*", "/"]
    left: Expression
    right: Expression
    at: At = _place()


@dataclass(frozen=True, slots=True)
class ExtremeOf:
    """`later of (…)`, `earlier of (…)`."""

    op: Literal["max", "min"]
    items: tuple[Expression, ...]
    at: At = _place()


@dataclass(frozen=True, slots=True)
class LengthOf:
    """`length of …`: how many characters a text has."""

    item: Expression
    at: At = _place()


@dataclass(frozen=True, slots=True)
class CivilOf:
    """`years from $a to $b`, `weekday of $day`, `next 5 April on or after $day`: a function of the calendar.

    That of `next_yearly` has the day of each year as its first item, as a date of the year `LEAP_YEAR`.
    """

    op: CivilOp
    items: tuple[Expression, ...]
    at: At = _place()


Rounding: TypeAlias = Literal["down", "up", "half up", "half even"]
"""How a number is rounded, in the words of the language; `up` and `down` are away from nought and to it."""


@dataclass(frozen=True, slots=True)
class RoundedTo:
    """`item rounded half up to 2 places`."""

    item: Expression
    how: Rounding
    places: int
    at: At = _place()


@dataclass(frozen=True, slots=True)
class RemainderOf:
    """`remainder of left / right`."""

    left: Expression
    right: Expression
    at: At = _place()


def needs_brackets(op: str, inner: str | None, *, on_right: bool) -> bool:
    """Whether an operation `inner` beside the sign `op` means something else without brackets around it.

    `*` and `/` go before `+` and `-`, and equals are read from the left: `1 - (0 - 1)` is not `1 - 0 - 1`.
    """
    if inner is None:
        return False
    return on_right or inner not in "*/" if op in "*/" else on_right and inner not in "*/"


Expression: TypeAlias = (
    Word | Variable | Constant | Operation | ExtremeOf | CivilOf | LengthOf | RoundedTo | RemainderOf
)

TextTest: TypeAlias = Literal[
    "contains", "starts with", "ends with", "does not contain", "does not start with", "does not end with"
]
"""How a text is compared with a part of it, in the words of the language."""

TURNED: Mapping[str, TextTest] = {
    "contains": "does not contain",
    "starts with": "does not start with",
    "ends with": "does not end with",
    "does not contain": "contains",
    "does not start with": "starts with",
    "does not end with": "ends with",
}
"""Each test of a text and the one that holds where it does not."""

Comparator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="] | TextTest

OPPOSITE: Mapping[str, Comparator] = {
    **{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"},
    **TURNED,
}
"""Each comparison and the one that holds where it does not."""

MIRRORED: Mapping[Comparator, Comparator] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}
"""Each comparison and the one that says the same with its sides exchanged."""


def _of_days() -> bool | None:
    return field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right`; `of_days`: written in the words for days (`after`) or for amounts (`more than`)."""

    op: Comparator
    left: Expression
    right: Expression
    at: At = _place()
    of_days: bool | None = _of_days()


@dataclass(frozen=True, slots=True)
class CompoundTest:
    """Comparisons joined by `and` or `or`."""

    op: Literal["and", "or"]
    items: tuple[Test, ...]
    at: At = _place()


Test: TypeAlias = Comparison | CompoundTest


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a pattern demands of a field.

    `op` is a comparator with one expression in `values`, `in` with several, or `present`, `absent`, `any`
    with none. `says_is`: written as a comparison (`is $x`), which never binds a variable as a bare `$x` does.
    `of_days`: written in the words for days (`after`) or for amounts (`more than`).
    """

    op: Comparator | Literal["in", "present", "absent", "any"]
    values: tuple[Expression, ...] = ()
    says_is: bool = False
    at: At = _place()
    of_days: bool | None = _of_days()


@dataclass(frozen=True, slots=True)
class Name:
    """A kind or field as written."""

    text: str
    at: At = _place()


ConditionWord: TypeAlias = Literal[
    "there is",
    "no",
    "maybe",
    "maybe newest",
    "maybe oldest",
    "newest",
    "oldest",
    "latest",
    "earliest",
    "count",
    "sum",
    "max",
    "min",
]
GatheringWord: TypeAlias = Literal["count", "sum", "max", "min"]


@dataclass(frozen=True, slots=True)
class ConditionHead:
    """The key of a condition: its word and kinds, and for some a field and the variable of the result.

    `each` are the variables by which the result is grouped.
    """

    word: ConditionWord
    kinds: tuple[Name, ...]
    field: Name | None = None
    variable: Variable | None = None
    each: tuple[Variable, ...] = ()
    at: At = _place()


@dataclass(frozen=True, slots=True)
class GatheringHead:
    """The key of an aggregate over conditions: `sum of $hours * $rate as $total for each $who`.

    `value` is what is added up or compared, None where the ways are counted.
    """

    word: GatheringWord
    value: Expression | None
    variable: Variable
    each: tuple[Variable, ...] = ()
    at: At = _place()


@dataclass(frozen=True, slots=True)
class EveryHead:
    """The key of a condition on all facts of one of some kinds: `every interview`."""

    kinds: tuple[Name, ...]
    at: At = _place()


AnyHead: TypeAlias = ConditionHead | GatheringHead | EveryHead
