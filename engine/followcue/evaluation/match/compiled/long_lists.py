"""What generated code asks of long lists of rows instead of going through them.

`no visit: {date: after $day}` has to look at the latest visit of the case alone, and a `count` of visits
between two days at two places of the visits in order of their days. So either takes hardly longer for the ten
thousandth visit than for the first, where to go through all visits for each would be quadratic. What is found
out about a list is kept in `memo` for the run, by the identity of the list, which lives as long and does not
change. Of `FEW` rows and less, going through them is quicker.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final, TypeAlias, overload

from followcue.base.rows import Row

FEW: Final = 32

Memo: TypeAlias = dict[tuple[object, ...], Any]
Bounds: TypeAlias = tuple[tuple[str, int], ...]
"""Comparisons of a column with values, all of which a row has to pass."""


def furthest(memo: Memo, rows: Collection[Row], column: int, *, last: bool) -> tuple[Row, ...]:
    """A row with the greatest value that is present in a column, or the least; none if there is no value."""
    key = id(rows), "furthest", column, last
    if key not in memo:
        present = [row for row in rows if row[column] is not None]
        choose: Any = max if last else min
        memo[key] = (choose(present, key=itemgetter(column)),) if present else ()
    found: tuple[Row, ...] = memo[key]
    return found


def ends(memo: Memo, rows: Collection[Row], column: int) -> tuple[Row, ...]:
    """A row with the least and one with the greatest value: if any differs from a value, one of them does."""
    return furthest(memo, rows, column, last=False) + furthest(memo, rows, column, last=True)


def between(memo: Memo, rows: Collection[Row], column: int | None, bounds: Bounds) -> RowSlice:
    """The rows whose value in a column passes the bounds; all, if there is no column and no bounds."""
    values, inside, _ = _ordered(memo, rows, column, None)
    return RowSlice(inside, *_places(values, len(inside), bounds))


def total(
    memo: Memo, rows: Collection[Row], column: int | None, bounds: Bounds, summed: int
) -> tuple[RowSlice, int]:
    """The same, and the sum of `summed` of these rows."""
    values, inside, sums = _ordered(memo, rows, column, summed)
    start, stop = _places(values, len(inside), bounds)
    return RowSlice(inside, start, stop), sums[stop] - sums[start]


def extreme(
    memo: Memo, rows: Collection[Row], bounds: Bounds, order: int | None, column: int, *, last: bool
) -> tuple[Sequence[Row], Any]:
    """Of the rows whose value of `order` passes the bounds, those with the extreme of `column`; and that.

    The bounds are all on one side, or those of `column` itself.
    """
    if order is None or order == column:
        values, inside, _ = _ordered(memo, rows, column, None)
        start, stop = _places(values, len(inside), bounds)
        if start == stop:
            return (), None
        value = values[stop - 1 if last else start]
        if last:
            return RowSlice(inside, bisect_left(values, value, start, stop), stop), value
        return RowSlice(inside, start, bisect_right(values, value, start, stop)), value
    backwards = bounds[0][0] in (">", ">=")
    values, reached = _reached(memo, rows, order, column, last, backwards)
    start, stop = _places(values, len(values), bounds)
    found = reached[start if backwards else stop]
    return found, found[0][column] if found else None


def _places(values: Sequence[Any], length: int, bounds: Bounds) -> tuple[int, int]:
    """Where, among ascending values, those begin and end that pass the bounds."""
    start, stop = 0, length
    for op, value in bounds:
        place = (bisect_right if op in (">", "<=") else bisect_left)(values, value)
        if op in (">", ">="):
            start = max(start, place)
        else:
            stop = min(stop, place)
    return start, max(start, stop)


def _ordered(memo: Memo, rows: Collection[Row], order: int | None, summed: int | None) -> Any:
    """The values of a column, ascending; the rows that have one, likewise; the sums of another before each.

    There is one more sum, that of all. Rows without a value of `summed` are left out, too.
    """
    key = id(rows), "ordered", order, summed
    if key not in memo:
        columns = [column for column in (order, summed) if column is not None]
        present = [row for row in rows if all(row[column] is not None for column in columns)]
        if order is not None:
            present.sort(key=itemgetter(order))
        numbers: list[Any] = [] if summed is None else [row[summed] for row in present]
        values = [] if order is None else [row[order] for row in present]
        memo[key] = values, present, list(accumulate(numbers, initial=0))
    return memo[key]


def _reached(
    memo: Memo, rows: Collection[Row], order: int, column: int, last: bool, backwards: bool
) -> tuple[Sequence[Any], Sequence[Sequence[Row]]]:
    """The values of `order`, ascending; and for each place the rows of the extreme among all before it.

    Or (`backwards`) among all from there on.
    """
    key = id(rows), "reached", order, column, last, backwards
    if key not in memo:
        present = [row for row in rows if row[order] is not None and row[column] is not None]
        present.sort(key=itemgetter(order), reverse=backwards)
        values = [row[order] for row in present]
        reached: list[Sequence[Row]] = [()]
        best: Any = None
        alike: list[Row] = []
        for row in present:
            value: Any = row[column]
            if best is None or (value > best if last else value < best):
                best, alike = value, []
            if value == best:
                alike.append(row)
            reached.append(RowSlice(alike, 0, len(alike)))
        if backwards:
            values.reverse()
            reached.reverse()
        memo[key] = values, reached
    found: tuple[Sequence[Any], Sequence[Sequence[Row]]] = memo[key]
    return found


class RowSlice(Sequence[Row]):
    """Rows that stand side by side in a list, which may only grow at its end, without a list of their own.

    So derivations for each of n rows, each of which rests on all before it, do not take n² places.
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
