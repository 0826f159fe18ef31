"""What generated code needs at run time to answer `count`, `sum` and extremes without looking at each row."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple, overload

from followcue.base.rows import Row


class Ordered(NamedTuple):
    """Rows in ascending order of one column: its values, the rows, and the sum of another before each row.

    `sums` has one more, that of all. Without a column to sum or to order by there are no sums, no values.
    """

    values: Sequence[Any]
    rows: Sequence[Row]
    sums: Sequence[int]


NO_ROWS = Ordered((), (), (0,))


def ordered(
    found: Mapping[Hashable, list[Row]], order: int | None, summed: int | None
) -> Mapping[Hashable, Ordered]:
    """The rows of each key in order; each has a value in the columns `order` and `summed`."""
    return {key: _ordered(rows, order, summed) for key, rows in found.items()}


def _ordered(rows: list[Row], order: int | None, summed: int | None) -> Ordered:
    if order is not None and len(rows) > 1:
        rows.sort(key=itemgetter(order))
    values = [] if order is None else [row[order] for row in rows]
    numbers: list[Any] = [] if summed is None else [row[summed] for row in rows]
    return Ordered(values, rows, list(accumulate(numbers, initial=0)))


class Reaching(NamedTuple):
    """Rows in ascending order of one column: its values, and before and after each the rows of an extreme.

    `extremes[i]` are the rows with the greatest, or the least, value of another column among the first `i`;
    if it was made `backwards`, among all but the first `i`.
    """

    values: Sequence[Any]
    extremes: Sequence[Sequence[Row]]


REACH_NO_ROWS = Reaching((), ((),))


def reaching(
    found: Mapping[Hashable, list[Row]], order: int, column: int, op: str, *, backwards: bool
) -> Mapping[Hashable, Reaching]:
    """The rows of each key in order of the column `order`, with the extremes (`op`) of another."""
    return {key: _reaching(rows, order, column, op, backwards) for key, rows in found.items()}


def _reaching(rows: list[Row], order: int, column: int, op: str, backwards: bool) -> Reaching:
    rows.sort(key=itemgetter(order), reverse=backwards)
    values: list[Any] = [row[order] for row in rows]
    extremes: list[Sequence[Row]] = [()]
    best: Any = None
    alike: list[Row] = []
    for row in rows:
        value: Any = row[column]
        if best is None or (value > best if op == "max" else value < best):
            best, alike = value, []
        if value == best:
            alike.append(row)
        extremes.append(RowSlice(alike, 0, len(alike)))
    if backwards:
        values.reverse()
        extremes.reverse()
    return Reaching(values, extremes)


class RowSlice(Sequence[Row]):
    """Rows that stand side by side in a list, which may only grow at its end, without a list of their own.

    So a derivation for each of n rows, each of which rests on all before it, does not take n² places.
    """

    __slots__ = ("_rows", "_start", "_stop")

    def __init__(self, rows: Sequence[Row], start: int, stop: int) -> None:
        self._rows = rows
        self._start = start
        self._stop = stop

    def __len__(self) -> int:
        return self._stop - self._start

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows[self._start : self._stop])

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return tuple(self)[place]
        return self._rows[range(self._start, self._stop)[place]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple | RowSlice) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))
