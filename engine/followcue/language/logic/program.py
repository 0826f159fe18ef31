"""The logic program: clauses over typed facts, stratum by stratum; what every matcher receives.

A fact is a row: a tuple with one value a column. Dates are day numbers (`date.toordinal`), durations are
days, periods are months, an absent value is None. `at` columns hold moments: integers that order the events
of one record of the scope, also within one day.

Meaning of a clause: for every way to choose one row for each atom of `body` such that the joins agree and the
tests and guards hold, with each aggregate computed and no row matching any atom of `negated`, the head holds.
A test or join never holds of an absent value (but for the test `absent`). Set semantics throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from followcue.base.civil import CivilOp
from followcue.base.rows import ColumnType, Relation, Value
from followcue.language.model.syntax import Rounding, TextTest


# --- expressions: never see an absent value, so they always have one
@dataclass(frozen=True, slots=True)
class Const:
    """A value written in a rule; `kind`, which equality ignores, tells `365` from `365 days`."""

    value: Value
    kind: ColumnType | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, bound by an atom or an aggregate."""

    name: str


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter, looked up in the environment."""

    name: str


@dataclass(frozen=True, slots=True)
class Today:
    """The day of evaluation."""


@dataclass(frozen=True, slots=True)
class Arith:
    """Sum, difference or product of whole numbers (also: date - date, duration + duration)."""

    op: Literal["+", "-", "*"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Rescale:
    """A number in units of so many places more: `item` times a power of ten, which nobody wrote."""

    item: Expr
    places: int


@dataclass(frozen=True, slots=True)
class Quotient:
    """A quotient of two whole numbers, rounded, or its remainder; see `followcue.base.values.quotient`.

    A division by nought gives 0, so that every expression has a value; the clause that divides demands
    besides that the divisor is not nought. `kind` is the type of the result.
    """

    how: Rounding | Literal["remainder"]
    left: Expr
    right: Expr
    kind: ColumnType


@dataclass(frozen=True, slots=True)
class Shift:
    """A date moved by a duration, forward (sign 1) or back (-1); the calendar decides which days count."""

    day: Expr
    by: Expr
    sign: Literal[1, -1]


@dataclass(frozen=True, slots=True)
class Civil:
    """A function of the civil calendar: a day moved by months, whole months between days, a weekday.

    `op` names one of `followcue.base.civil.FUNCTIONS`, which is applied to the values of `items`.
    """

    op: CivilOp
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Extreme:
    """The latest or earliest (greatest or least) of several values of one type."""

    op: Literal["max", "min"]
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters (code points) a text has."""

    item: Expr


CompareOp: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="] | TextTest


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two values of one type.

    Order only for dates, durations, periods, numbers, times and moments; a part (`contains`) only of texts,
    which are in normal form (NFC), letter by letter.
    """

    op: CompareOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Junction:
    """`and` or `or` of comparisons."""

    op: Literal["and", "or"]
    items: tuple[Expr, ...]


Expr: TypeAlias = (
    Const
    | Var
    | Param
    | Today
    | Arith
    | Rescale
    | Quotient
    | Shift
    | Civil
    | Extreme
    | Length
    | Compare
    | Junction
)


# --- literals
@dataclass(frozen=True, slots=True)
class Test:
    """A demand on one column: compared with an expression, or one of constants, or merely present or absent.

    `value` is an expression for comparisons, a tuple of constants for `in`, None for `present` and `absent`.
    """

    column: int
    op: CompareOp | Literal["in", "present", "absent"]
    value: Expr | tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Atom:
    """Rows of one relation: `joins` pairs columns with variables, `tests` demand more of columns.

    In a body atom the first occurrence of a variable binds it and all others must be equal; in negated atoms
    and aggregates every variable of `joins` and `tests` is bound outside.
    """

    relation: str
    joins: tuple[tuple[int, str], ...] = ()
    tests: tuple[Test, ...] = ()


AggregateOp: TypeAlias = Literal["count", "sum", "min", "max", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One value, or the extreme rows, of the rows that match `atom`.

    count: how many distinct rows (0 when none). sum, min, max: over the present values of `column` of
    distinct rows; sum is 0 when there are none, min and max then make the clause fail. These bind `result`.
    newest, oldest: the rows with the greatest, least present value of `column`; each such row in turn binds
    its `outputs` (pairs of column and variable, every such column present); none makes the clause fail.
    Aggregates stand in an order in which each uses only variables of the body and of earlier aggregates, and
    a variable is bound in one place alone.
    """

    op: AggregateOp
    atom: Atom
    column: int | None = None
    result: str | None = None
    outputs: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The row that a clause derives: one expression a column; an absent value is Const(None)."""

    relation: str
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ComputedValue:
    """What a variable stands for that a computation binds; `is_told` if a sentence of its rule names it.

    `base`, `refers_to` and `is_word` say of what type it is, see `ValueAt`.
    """

    name: str
    expr: Expr
    is_told: bool
    base: ColumnType
    refers_to: tuple[str, ...] = ()
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One way in which one rule derives one row; `rule` is the id of that rule.

    The last `settled` of `negated` come from `done_when`: a row that matches one of them settles the action.
    They mean nothing else to a matcher than the others. `helper` is the relation of the head where its rows
    only serve other clauses of the rule. What is `computed` is told to people, and is nothing to a matcher.
    """

    rule: str
    head: Head
    body: tuple[Atom, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    negated: tuple[Atom, ...] = ()
    guards: tuple[Expr, ...] = ()
    settled: int = 0
    helper: Relation | None = None
    computed: tuple[ComputedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """Clauses (by number) whose heads depend on each other, to be run together.

    `recursive` if a clause uses a head of its own component. `level` is the classical stratum: 0 for what
    needs nothing completed, one more for each negation or aggregate on the way.
    """

    clauses: tuple[int, ...]
    recursive: bool
    level: int


@dataclass(frozen=True, slots=True)
class Program:
    """A stratified program: `components` in an order in which each uses only earlier ones and itself.

    Negation and aggregates look only at relations that earlier components completed.
    """

    relations: dict[str, Relation]
    clauses: tuple[Clause, ...]
    components: tuple[Component, ...]
