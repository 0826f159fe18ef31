"""The rows of a decision table as boxes: which of them fit together, and what is left to none of them.

Idea: what a row asks of one column holds on some of the pieces into which all that is written in this column
cuts its values, so that a row is a box of such pieces, and a set of rows is a number of bits:

    $age       less than 18   (below 18)   18   (18 to 25)   25   (above 25)
    row-1      less than 18       x
    row-2      at most 25         x        x       x          x
    mask                         11       10      10         10       00

Pieces on which the same rows hold are one group. No row fits where the masks of a group of each column have
no bit in common (a gap), two rows fit together where they have both bits, and a row is never reached where
all that is left by the rows above has lost its bit.

Invariant: exact for whatever is compared with values that are known: numbers, days, words and parts of texts
(see `text_pieces`), parameters as the
profile has them, one day (today or a variable) moved by days and months. A column that is compared with
anything else is `unclear`, and nothing is said of the table. Work is bounded by `MOST_STEPS`, after which
`TooLarge` is raised.

A day moved by months and then by days is one number, `MONTH` for each month: `today - 18 years + 1 day` is
today and -216 * MONTH + 1. Two moves whose months differ lie at least 28 days apart, so that these numbers
have the order of the days, and have a day between them, as long as the days are no more than `MOST_DAYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from followcue.authoring.lint.text_pieces import TextAsked, holds, texts_apart
from followcue.base.rows import Value
from followcue.language.logic import program as ir
from followcue.language.logic.expressions import ABSENT, Typed
from followcue.language.logic.types import ORDERED
from followcue.language.model.syntax import OPPOSITE, TURNED
from followcue.synthesis.solver.solve import EXAMPLE_DAY

MOST_STEPS: Final = 200_000

MONTH: Final = 100
"""What a month counts in the number that stands for a day moved by months and days."""

MOST_DAYS: Final = 13
"""How many days may be added to a day that is moved by months."""

OTHER: Final = "something else"
"""Stands for every word that is not written in a column."""


class TooLarge(Exception):
    """A table has more cases than are looked at."""


class UnclearColumn(Exception):
    """A column is compared with what nobody knows before the rules run; `column` is its number."""

    def __init__(self, column: int) -> None:
        self.column = column


class Amount(NamedTuple):
    """A number of days or the like, added to `base` (`today`, a variable, or nothing) moved by `months`."""

    base: ir.Expr | None
    offset: int
    months: int = 0


class ValuePiece(NamedTuple):
    """Values of a column that nothing in it tells apart: a bound, what lies between two, or a word.

    `low` and `high` are the bounds around it, themselves left out; a bound is both `low` and `high`, and
    `is_bound`. `value` is one of the values. `asked` are the tests of texts that hold of all of them.
    """

    value: Value
    low: int | None = None
    high: int | None = None
    is_bound: bool = False
    asked: tuple[tuple[ir.CompareOp, str], ...] = ()


class Group(NamedTuple):
    """Pieces of a column, by their numbers, on which the same rows hold: those whose bits are in `mask`."""

    mask: int
    pieces: tuple[int, ...]


class Axis(NamedTuple):
    """A column: the value that is asked, its pieces in their order, and these grouped."""

    value: Typed
    base: ir.Expr | None
    pieces: tuple[ValuePiece, ...]
    groups: tuple[Group, ...]
    names: Mapping[int, str]
    """The parameters by which bounds are called."""
    by_months: bool = False
    """Whether bounds are days moved by months, as `moved` takes them apart."""


Spot: TypeAlias = tuple[int, ...]
"""The number of one group of each column."""

Box: TypeAlias = tuple[frozenset[int], ...]
"""The numbers of groups of each column."""


def moved(offset: int) -> tuple[int, int]:
    """The months and the days of a bound that is a day moved by both."""
    months = (offset + MONTH // 2) // MONTH
    return months, offset - months * MONTH


class Boxes:
    """The rows of a table in one case, as boxes."""

    def __init__(
        self,
        columns: Sequence[Typed],
        rows: Sequence[Mapping[int, ir.Expr]],
        known: Mapping[str, Value],
        possible: Callable[[int, Axis, ValuePiece], bool] = lambda column, axis, piece: True,
    ) -> None:
        """`rows` are the guards of each row by column, `known` the parameters.

        `possible` says whether a column may have the values of a piece at all. Raises UnclearColumn.
        """
        self.count = len(rows)
        self.all_rows = (1 << self.count) - 1
        self.axes: list[Axis] = []
        for number, column in enumerate(columns):
            guards = [row.get(number) for row in rows]
            cutter = _Cutter(number, column, known)
            axis = cutter.axis(guards)
            kept = [place for place, piece in enumerate(axis.pieces) if possible(number, axis, piece)]
            masks = [cutter.mask(piece, guards) for piece in axis.pieces]
            self.axes.append(axis._replace(groups=_grouped(kept, masks)))
        self._steps = 0

    # --- gaps
    def gaps(self, most: int) -> Iterator[tuple[Box, Spot]]:
        """Boxes in which no row fits, as large as they can be made; together all there is, unless `most`.

        Each with a cell of it that is in no earlier one.
        """
        masks = [[group.mask for group in axis.groups] for axis in self.axes]
        for found in range(most):
            cell = self._uncovered(masks, self.all_rows | (((1 << found) - 1) << self.count))
            if cell is None:
                return
            box = self._widened(masks, cell)
            yield box, cell
            taken = 1 << (self.count + found)
            for column, groups in enumerate(box):
                for group in groups:
                    masks[column][group] |= taken

    def _uncovered(self, masks: Sequence[Sequence[int]], rows: int) -> Spot | None:
        """A group of each column such that none of these rows fits there; None if there is none."""
        if not all(masks):
            return None
        every = [_intersection(column) for column in masks]
        rest = [_intersection(every[place:]) for place in range(len(masks))] + [-1]
        known: set[tuple[int, int]] = set()

        def look(place: int, alive: int) -> Spot | None:
            if not alive:
                return (0,) * (len(masks) - place)
            if alive & rest[place] or (place, alive) in known:
                return None
            self._step()
            for number, mask in enumerate(masks[place]):
                found = look(place + 1, alive & mask)
                if found is not None:
                    return (number, *found)
            known.add((place, alive))
            return None

        return look(0, rows)

    def _widened(self, masks: Sequence[Sequence[int]], cell: Spot) -> Box:
        """The cell with all groups beside it that no row reaches either."""
        box = [{number} for number in cell]
        for column in range(len(masks)):
            others = self.all_rows & _intersection(
                [_union(masks[c][n] for n in groups) for c, groups in enumerate(box) if c != column]
            )
            box[column] |= {number for number, mask in enumerate(masks[column]) if not mask & others}
        return tuple(map(frozenset, box))

    # --- overlaps
    def overlaps(self) -> Iterator[tuple[int, int, Spot]]:
        """Pairs of rows that fit together, with a group of each column in which both do."""
        for row in range(self.count):
            together = self.all_rows & ~((2 << row) - 1)
            for axis in self.axes:
                together &= _union(group.mask for group in axis.groups if group.mask >> row & 1)
            for other in _bits(together):
                both = 1 << row | 1 << other
                yield row, other, tuple(_first(axis.groups, both) for axis in self.axes)

    def is_empty(self, row: int) -> bool:
        """Whether a row fits nowhere, for what it asks itself."""
        return any(not any(group.mask >> row & 1 for group in axis.groups) for axis in self.axes)

    # --- rows above
    def is_taken(self, row: int) -> tuple[int, ...] | None:
        """The rows above that take all of a row, as few as are enough; None if it is left something."""
        inside = [[g.mask for g in axis.groups if g.mask >> row & 1] for axis in self.axes]
        above = (1 << row) - 1
        if self._uncovered(inside, above) is not None:
            return None
        for other in _bits(above):
            if self._uncovered(inside, above & ~(1 << other)) is None:
                above &= ~(1 << other)
        return tuple(_bits(above))

    def covers(self, one: int, other: int) -> bool:
        """Whether a row fits wherever another one does."""
        groups = [group for axis in self.axes for group in axis.groups]
        return all(group.mask >> one & 1 or not group.mask >> other & 1 for group in groups)

    def cell_of(self, row: int) -> Spot:
        """A group of each column in which a row fits."""
        return tuple(_first(axis.groups, 1 << row) for axis in self.axes)

    def rows_at(self, cell: Spot) -> tuple[int, ...]:
        """The rows that fit where each column has the value of one of its groups."""
        return tuple(_bits(_intersection([a.groups[n].mask for a, n in zip(self.axes, cell, strict=True)])))

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooLarge


# --- masks
def _union(masks: Iterator[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _intersection(masks: Sequence[int]) -> int:
    found = -1
    for mask in masks:
        found &= mask
    return found


def _bits(mask: int) -> Iterator[int]:
    number = 0
    while mask:
        if mask & 1:
            yield number
        mask >>= 1
        number += 1


def _first(groups: Sequence[Group], rows: int) -> int:
    return next(number for number, group in enumerate(groups) if group.mask & rows == rows)


def _grouped(kept: Sequence[int], masks: Sequence[int]) -> tuple[Group, ...]:
    pieces: dict[int, list[int]] = {}
    for place in kept:
        pieces.setdefault(masks[place], []).append(place)
    return tuple(Group(mask, tuple(places)) for mask, places in pieces.items())


# --- pieces of a column
class _Cutter:
    """Cuts the values of a column at all that it is compared with."""

    def __init__(self, number: int, column: Typed, known: Mapping[str, Value]) -> None:
        self._number = number
        self._column = column
        self._known = known
        self._base: ir.Expr | None = None
        self._by_months = False
        self._names: dict[int, str] = {}

    def axis(self, guards: Sequence[ir.Expr | None]) -> Axis:
        """The axis, not yet grouped."""
        compared = [operand for guard in guards if guard is not None for operand in _operands(guard)]
        type = self._column.type
        if self._column.expr == ABSENT:
            pieces: tuple[ValuePiece, ...] = (ValuePiece(None),)
        elif type.base in ORDERED:
            pieces = self._ordered(compared)
        elif type.base == "bool":
            pieces = (ValuePiece(False), ValuePiece(True))
        else:
            parts = list(self._texts_asked(guards))
            has_parts = any(op != "==" for op, _ in parts)
            pieces = self._parts(parts) if has_parts else self._words(compared)
        return Axis(self._column, self._base, pieces, (), self._names, self._by_months)

    def mask(self, piece: ValuePiece, guards: Sequence[ir.Expr | None]) -> int:
        """The rows that hold on a piece."""
        holding = (guard is None or self._holds(guard, piece.value) for guard in guards)
        return sum(1 << row for row, holds in enumerate(holding) if holds)

    def _ordered(self, compared: Sequence[ir.Expr]) -> tuple[ValuePiece, ...]:
        amounts = [self._amount(expr) for expr in compared]
        bases = {amount.base for amount in amounts}
        if len(bases) > 1:
            raise UnclearColumn(self._number)
        self._base = next(iter(bases), None)
        self._by_months = any(amount.months for amount in amounts)
        if self._by_months and any(abs(amount.offset) > MOST_DAYS for amount in amounts):
            raise UnclearColumn(self._number)
        bounds = sorted({_place(amount) for amount in amounts})
        for amount, expr in zip(amounts, compared, strict=True):
            if isinstance(expr, ir.Param):
                self._names[amount.offset] = expr.name
        pieces: list[ValuePiece] = []
        for low, high in zip([None, *bounds], [*bounds, None], strict=True):
            if low is not None:
                pieces.append(ValuePiece(low, low, low, True))
            if low is None or high is None or high - low > 1:
                inside = high - 1 if low is None and high is not None else (low or 0) + 1
                pieces.append(ValuePiece(inside if bounds else self._usual(), low, high))
        return tuple(pieces)

    def _usual(self) -> int:
        """A value of a column of which nothing is asked."""
        return EXAMPLE_DAY if self._column.type.base == "date" else 0

    def _words(self, compared: Sequence[ir.Expr]) -> tuple[ValuePiece, ...]:
        written = []
        for expr in compared:
            value = self._value(expr)
            if not isinstance(value, str):
                raise UnclearColumn(self._number)
            written.append(value)
        choices = self._column.type.choices
        return tuple(map(ValuePiece, choices or (*dict.fromkeys(written), OTHER)))

    def _texts_asked(self, guards: Sequence[ir.Expr | None]) -> Iterator[TextAsked]:
        """What the cells ask of a text, each once; what they deny as if they asked it."""
        for guard in guards:
            for compare in _comparisons(guard):
                value = self._value(compare.right)
                op = _ASKED.get(compare.op)
                if op is None or not isinstance(value, str):
                    raise UnclearColumn(self._number)
                yield op, value

    def _parts(self, asked: Sequence[TextAsked]) -> tuple[ValuePiece, ...]:
        tests = tuple(dict.fromkeys(asked))
        found = texts_apart(tests)
        if found is None:
            raise UnclearColumn(self._number)
        return tuple(ValuePiece(text, asked=_said_of(tests, holding)) for holding, text in found.items())

    def _holds(self, guard: ir.Expr, value: Value) -> bool:
        match guard:
            case ir.Junction("and", items):
                return all(self._holds(item, value) for item in items)
            case ir.Junction(_, items):
                return any(self._holds(item, value) for item in items)
            case ir.Compare(op, _, right) if op in TURNED:
                part = self._value(right)
                return isinstance(part, str) and isinstance(value, str) and holds(op, value, part)
            case ir.Compare(op, _, right):
                return _compare(op, value, self._compared(right))
            case _:
                raise UnclearColumn(self._number)

    def _compared(self, expr: ir.Expr) -> Value:
        return _place(self._amount(expr)) if self._column.type.base in ORDERED else self._value(expr)

    def _value(self, expr: ir.Expr) -> Value:
        match expr:
            case ir.Const(value):
                return value
            case ir.Param(name) if name in self._known:
                return self._known[name]
        raise UnclearColumn(self._number)

    def _amount(self, expr: ir.Expr) -> Amount:
        match expr:
            case ir.Today() | ir.Var():
                return Amount(expr, 0)
            case ir.Shift(day, by, sign):
                return self._sum(self._amount(day), self._amount(by), sign)
            case ir.Civil("months_after" | "months_before" as op, (day, by)):
                start, period = self._amount(day), self._amount(by)
                if start.base is not None and not start.offset and not start.months and period.base is None:
                    return Amount(start.base, 0, period.offset * (1 if op == "months_after" else -1))
            case ir.Rescale(item, more):
                number = self._amount(item)
                if number.base is None:
                    return Amount(None, number.offset * 10**more)
            case ir.Arith("+" | "-" as op, left, right):
                return self._sum(self._amount(left), self._amount(right), 1 if op == "+" else -1)
            case ir.Arith("*", left, right):
                first, second = self._amount(left), self._amount(right)
                if first.base is None and second.base is None:
                    return Amount(None, first.offset * second.offset)
            case ir.Const() | ir.Param():
                value = self._value(expr)
                if isinstance(value, int) and not isinstance(value, bool):
                    return Amount(None, value)
        raise UnclearColumn(self._number)

    def _sum(self, one: Amount, other: Amount, sign: int) -> Amount:
        if other.base is None:
            return Amount(one.base, one.offset + sign * other.offset, one.months)
        if sign < 0 and one.base == other.base and not one.months and not other.months:
            return Amount(None, one.offset - other.offset)
        if one.base is None and sign > 0:
            return Amount(other.base, one.offset + other.offset, other.months)
        raise UnclearColumn(self._number)


def _place(amount: Amount) -> int:
    """The number of a bound in the order of its column."""
    return amount.months * MONTH + amount.offset


_ASKED: Final[Mapping[ir.CompareOp, Literal["==", "contains", "starts with", "ends with"]]] = {
    "==": "==",
    "!=": "==",
    "contains": "contains",
    "does not contain": "contains",
    "starts with": "starts with",
    "does not start with": "starts with",
    "ends with": "ends with",
    "does not end with": "ends with",
}
"""What a comparison of texts asks or denies."""


def _said_of(tests: Sequence[TextAsked], holding: Sequence[bool]) -> tuple[tuple[ir.CompareOp, str], ...]:
    return tuple(
        (op if holds else OPPOSITE[op], text) for (op, text), holds in zip(tests, holding, strict=True)
    )


def _comparisons(guard: ir.Expr | None) -> Iterator[ir.Compare]:
    match guard:
        case ir.Junction(_, items):
            for item in items:
                yield from _comparisons(item)
        case ir.Compare():
            yield guard


def _operands(guard: ir.Expr) -> Iterator[ir.Expr]:
    match guard:
        case ir.Junction(_, items):
            for item in items:
                yield from _operands(item)
        case ir.Compare(_, _, right):
            yield right


def _compare(op: str, left: Value, right: Value) -> bool:
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    assert isinstance(left, int)
    assert isinstance(right, int)
    if op == "<":
        return left < right
    if op == "<=":
        return left <= right
    return left > right if op == ">" else left >= right
