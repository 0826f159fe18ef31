"""How generated code comes by the rows of an atom: which loop, through which index, testing what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from followcue.evaluation.match.compiled.planner import Access, AntiJoin
from followcue.evaluation.match.compiled.scope import FunctionScope, RowIndex
from followcue.evaluation.match.compiled.spelling import Speller, tuple_text
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
            if access.bounds:
                self.narrow(access, one=False)
            else:
                self.spend("c")
            source = "c"
        self.scope.writer.open(f"for {row} in {source}:")
        return rest

    def open_few(self, step: AntiJoin) -> Access:
        """Open such a loop with rows `n` of which a few are enough, uncounted: all, if they are no more."""
        source, rest = self.source(step.access)
        writer = self.scope.writer
        if writer.loops:
            writer.add(f"c = {source}")
            source = "c"
            if step.other is not None:
                writer.add(f"if len(c) > {self.scope.use('FEW')}:")
                writer.add(f"    c = {self.long('ends', step.other.column)}")
            else:
                self.narrow(step.access, one=True)
        writer.open(f"for n in {source}:")
        return rest

    def source(self, access: Access) -> tuple[str, Access]:
        """The text for the candidate rows, and what is left to demand of each.

        Outside of all loops the rows are looked at once: then an index would not pay.
        """
        once = not self.scope.writer.loops or not (access.keys or access.fixed)
        if once and access.relation not in self.growing:
            return self.relation(access.relation), access
        index = self.index(access)
        rest = replace(access, keys=(), fixed=())
        return (f"{index}.get({self.key(access)}, ())" if access.keys else index), rest

    def long(self, function: str, *arguments: object) -> str:
        """The text that asks a function of `long_lists` about the rows `c`."""
        return f"{self.scope.use(function)}({', '.join(map(str, (self.scope.use('L'), 'c', *arguments)))})"

    def bounds(self, access: Access) -> str:
        """The text of the bounds for a function of `long_lists`."""
        return tuple_text([f"({bound.op!r}, {self._value_of(bound)})" for bound in access.bounds])

    def narrow(self, access: Access, *, one: bool) -> None:
        """Leave of many rows `c` those between the bounds, or `one` of these, if that will do."""
        writer = self.scope.writer
        with writer.block():
            writer.open(f"if len(c) > {self.scope.use('FEW')}:")
            if one and len(access.bounds) == 1:
                (bound,) = access.bounds
                last = bound.op in (">", ">=")
                writer.add(f"c = {self.long('furthest', bound.column, f'{last=}')}")
                return
            column = access.bounds[0].column
            writer.add(f"c = {self.long('between', column, self.bounds(access))}")
            if not one:
                self.spend("c")

    def _value_of(self, bound: Test) -> str:
        assert bound.value is not None
        assert not isinstance(bound.value, tuple)
        return self.speller.expr(bound.value)

    def spend(self, rows: str) -> None:
        """Count the rows about to be looked at; outside of all loops their number is bounded anyway."""
        if self.scope.writer.loops:
            self.scope.writer.add(*self.scope.spend(f"len({rows})"))

    def index(self, access: Access, *, keys_only: bool = False) -> str:
        """The local name of the index that serves `access`."""
        index = RowIndex(access.relation, tuple(column for column, _ in access.keys), access.fixed, keys_only)
        if access.relation in self.growing:
            return self.scope.growing_index(index)
        return self.scope.index(index)

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


def _fetching(row: str, width: int, columns: Mapping[int, str]) -> list[str]:
    """The statements that give columns of `row` local names: all at once where that is cheaper."""
    if len(columns) > 1 and 2 * len(columns) >= width:
        return [f"{', '.join(columns.get(column, '_') for column in range(width))} = {row}"]
    return [f"{name} = {row}[{column}]" for column, name in columns.items()]
