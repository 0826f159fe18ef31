"""How generated code comes by the rows of an atom: which loop, through which index, testing what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from followcue.evaluation.match.compiled.indexes import (
    ExtremeIndex,
    KeyIndex,
    OrderedIndex,
    ReachIndex,
    RowIndex,
)
from followcue.evaluation.match.compiled.planner import Access
from followcue.evaluation.match.compiled.scope import FunctionScope
from followcue.evaluation.match.compiled.spelling import Speller
from followcue.language.logic.program import Expr, Test, Var


class SharedRow:
    """The row `u` of a loop that several clauses share: what any of them needs of it is fetched once."""

    name = "u"

    def __init__(self, width: int) -> None:
        self._width = width
        self._columns: set[int] = set()

    def columns(self, needed: Iterable[int]) -> dict[int, str]:
        """The local names of the needed columns."""
        columns = {column: f"u{column}" for column in sorted(set(needed))}
        self._columns |= columns.keys()
        return columns

    def fetching(self) -> list[str]:
        """What fetches all that was needed."""
        return _fetching(self.name, self._width, self.columns(self._columns))


class Stretch(NamedTuple):
    """The local names of an `Ordered` and of the places between which its rows are meant."""

    ordered: str
    start: str
    stop: str

    @property
    def values(self) -> str:
        """The text for its values."""
        return f"{self.ordered}[0]"

    @property
    def rows(self) -> str:
        """The text for all its rows."""
        return f"{self.ordered}[1]"

    @property
    def sums(self) -> str:
        """The text for the sums before each row."""
        return f"{self.ordered}[2]"


class RowFinder:
    """Writes, for one clause, the code that finds rows; `names` has the local name of each bound variable.

    `growing` names the relations that grow while the clause runs; their indexes grow along.
    """

    def __init__(
        self, scope: FunctionScope, growing: Collection[str], shared: SharedRow | None = None
    ) -> None:
        self.scope = scope
        self.growing = growing
        self.shared = shared
        self.names: dict[str, str] = {}
        self.speller = Speller(self._use, calendar=scope.module.calendar)
        self._values = 0

    def open(self, access: Access, row: str) -> Access:
        """Open a loop that gives each candidate the name `row`; what is left to demand of it."""
        source, rest = self.source(access)
        if self.scope.writer.loops:
            self.scope.writer.add(f"c = {source}")
            self.spend("c")
            source = "c"
        self.scope.writer.open(f"for {row} in {source}:")
        return rest

    def source(self, access: Access) -> tuple[str, Access]:
        """The text for the candidate rows, and what is left to demand of each.

        Outside of all loops the rows are looked at once: then an index would not pay.
        """
        once = not self.scope.writer.loops or not (access.keys or access.fixed or access.bounds)
        if once and access.relation not in self.growing:
            return self.relation(access.relation), access
        rest = Access(access.relation, (), (), access.tests)
        if access.bounds:
            stretch = self.stretch(access)
            return f"{stretch.rows}[{stretch.start}:{stretch.stop}]", rest
        return self.with_keys(access), rest

    def with_keys(self, access: Access) -> str:
        """The text for the rows, in an index, that have the keys and pass what is fixed."""
        index = self.index(access)
        return f"{index}.get({self.key(access)}, ())" if access.keys else index

    def stretch(self, access: Access, *, order: int | None = None, summed: int | None = None) -> Stretch:
        """Find where the rows between the bounds begin and end; without bounds, `order` tells their order."""
        order = access.bounds[0].column if access.bounds else order
        columns = tuple(column for column, _ in access.keys)
        index = self.scope.index(OrderedIndex(access.relation, columns, access.fixed, order, summed))
        found = self.named(f"{index}.get({self.key(access)}, {self.scope.use('NO_ROWS')})")
        start, stop = self._ends(access.bounds, f"{found}[0]")
        return Stretch(found, start, stop or f"len({found}[1])")

    def _ends(self, bounds: tuple[Test, ...], values: str) -> tuple[str, str]:
        """The texts for the first place and the one after the last, empty where nothing bounds it."""
        after = [self._place(test, values) for test in bounds if test.op in (">", ">=")]
        before = [self._place(test, values) for test in bounds if test.op in ("<", "<=")]
        start = self.named(_furthest("max", after)) if after else "0"
        if not before:
            return start, ""
        return start, self.named(
            _furthest("max", [start, _furthest("min", before)]) if after else _furthest("min", before)
        )

    def _place(self, bound: Test, values: str) -> str:
        assert bound.value is not None
        assert not isinstance(bound.value, tuple)
        side = "bisect_right" if bound.op in (">", "<=") else "bisect_left"
        return f"{self.scope.use(side)}({values}, {self.speller.expr(bound.value)})"

    def reach(self, access: Access, column: int, op: Literal["max", "min"]) -> str:
        """The local name of the rows that have the extreme of a column on this side of the bounds."""
        order, backwards = access.bounds[0].column, access.bounds[0].op in (">", ">=")
        columns = tuple(column for column, _ in access.keys)
        index = self.scope.index(
            ReachIndex(access.relation, columns, access.fixed, order, column, op, backwards)
        )
        found = self.named(f"{index}.get({self.key(access)}, {self.scope.use('REACH_NO_ROWS')})")
        start, stop = self._ends(access.bounds, f"{found}[0]")
        return self.named(f"{found}[1][{start if backwards else stop}]")

    def extreme(self, access: Access, column: int, op: Literal["max", "min"]) -> str:
        """The local name of the greatest or least value of the rows with the keys, None if there is none."""
        columns = tuple(column for column, _ in access.keys)
        index = self.scope.index(ExtremeIndex(access.relation, columns, access.fixed, column, op))
        return self.named(f"{index}.get({self.key(access)})")

    def named(self, text: str) -> str:
        """Give a value a new local name, and tell that."""
        name = self.value()
        self.scope.writer.add(f"{name} = {text}")
        return name

    def spend(self, rows: str) -> None:
        """Count the rows about to be looked at; outside of all loops their number is bounded anyway."""
        if self.scope.writer.loops:
            self.scope.writer.add(*self.scope.spend(f"len({rows})"))

    def index(self, access: Access) -> str:
        """The local name of the index that has the rows for `access`."""
        index = RowIndex(access.relation, tuple(column for column, _ in access.keys), access.fixed)
        if access.relation in self.growing:
            return self.scope.growing_index(index)
        return self.scope.index(index)

    def known_keys(self, access: Access) -> str:
        """The local name of the set of the keys that some row has."""
        columns = tuple(column for column, _ in access.keys)
        return self.scope.index(KeyIndex(access.relation, columns, access.fixed))

    def key(self, access: Access) -> str:
        """The text of the key to look up in that index."""
        return self.speller.key(tuple(value for _, value in access.keys))

    def fetch(self, row: str, access: Access, more: Iterable[int] = ()) -> dict[int, str]:
        """Fetch the columns of `row` that `access` demands something of, and `more`, into local names."""
        tested = [test.column for test in (*access.fixed, *access.bounds, *access.tests)]
        return self.unpack(row, access.relation, [*(column for column, _ in access.keys), *tested, *more])

    def unpack(self, row: str, relation: str, needed: Iterable[int]) -> dict[int, str]:
        """Fetch the needed columns of `row` into local names."""
        if self.shared is not None and row == self.shared.name:
            return self.shared.columns(needed)
        width = len(self.scope.module.program.relations[relation].columns)
        columns = {column: self.value() for column in sorted(set(needed))}
        self.scope.writer.add(*_fetching(row, width, columns))
        return columns

    def equal(self, access: Access, columns: Mapping[int, str]) -> list[str]:
        """The conditions that say that a row with these columns has the keys."""
        return [f"{columns[column]} == {self.speller.operand(value)}" for column, value in access.keys]

    def pass_tests(self, access: Access, columns: Mapping[int, str]) -> list[str]:
        """The conditions that say that a row with these columns passes the tests."""
        tests = (*access.fixed, *access.bounds, *access.tests)
        return [text for test in tests for text in self.speller.test(test, columns[test.column])]

    def relation(self, name: str) -> str:
        """The local name of the rows of a relation."""
        return self.scope.use(self.scope.module.names[name])

    def value(self) -> str:
        """A new local name for a value."""
        self._values += 1
        return f"v{self._values - 1}"

    def _use(self, expr: Expr | str) -> str:
        return self.names[expr.name] if isinstance(expr, Var) else self.scope.outer(expr)


def _furthest(op: str, places: list[str]) -> str:
    return places[0] if len(places) == 1 else f"{op}({', '.join(places)})"


def _fetching(row: str, width: int, columns: Mapping[int, str]) -> list[str]:
    """The statements that give columns of `row` local names: all at once where that is cheaper."""
    if len(columns) > 1 and 2 * len(columns) >= width:
        return [f"{', '.join(columns.get(column, '_') for column in range(width))} = {row}"]
    return [f"{name} = {row}[{column}]" for column, name in columns.items()]
