"""The order in which to satisfy a clause: demands as soon as they can be made, cross products last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from followcue.language.logic.program import Aggregate, Atom, Clause, Expr, Test, Var
from followcue.language.logic.walk import aggregate_variables, atom_variables, test_variables, variables


@dataclass(frozen=True, slots=True)
class Access:
    """How to find the rows of an atom once some variables are bound.

    `keys` pairs columns with the expressions that they must equal; `fixed` are tests without variables, alike
    all through a run; `bounds`, only of negated atoms and aggregates, compare the order of one column with
    what is known; `tests` are all other tests that can be made now.
    """

    relation: str
    keys: tuple[tuple[int, Expr], ...]
    fixed: tuple[Test, ...]
    tests: tuple[Test, ...]
    bounds: tuple[Test, ...] = ()

    @property
    def one_sided(self) -> bool:
        """Whether all bounds are on one side."""
        return len({test.op[0] for test in self.bounds}) == 1

    @property
    def any_row(self) -> bool:
        """Whether nothing is demanded of a row."""
        return not (self.keys or self.fixed or self.bounds or self.tests)


@dataclass(frozen=True, slots=True)
class Scan:
    """Choose a row for a body atom: `binds` columns to new variables, `repeats` must equal one of those."""

    atom: int
    access: Access
    binds: tuple[tuple[int, str], ...]
    repeats: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Compute an aggregate; `at_once` if an index has the answer, so that no row is looked at for it."""

    aggregate: int
    access: Access
    at_once: bool


@dataclass(frozen=True, slots=True)
class AntiJoin:
    """Go on only if no row matches a negated atom."""

    access: Access

    @property
    def at_once(self) -> bool:
        """Whether an index has the answer, so that no row is looked at for it."""
        return not self.access.tests or self.other is not None

    @property
    def other(self) -> Test | None:
        """The one thing to demand of rows with the keys, where that is another value than one."""
        tests = self.access.tests
        return tests[0] if len(tests) == 1 and tests[0].op == "!=" and not self.access.bounds else None


@dataclass(frozen=True, slots=True)
class Filter:
    """Go on only if a guard holds."""

    guard: Expr


@dataclass(frozen=True, slots=True)
class LateFilter:
    """Go on only if the row already chosen for a body atom passes a test."""

    atom: int
    test: Test


_ORDERS: Final = frozenset(("<", "<=", ">", ">="))

Step: TypeAlias = Scan | Aggregation | AntiJoin | Filter | LateFilter


def plan(clause: Clause, given: int | None = None) -> tuple[Step, ...]:
    """The steps that satisfy `clause`, starting with body atom `given` where its row is known beforehand."""
    return tuple(_Planner(clause).steps(given))


class _Planner:
    """What of a clause is bound, and what is left to do."""

    def __init__(self, clause: Clause) -> None:
        self.clause = clause
        self.bound: frozenset[str] = frozenset()
        self.atoms = list(range(len(clause.body)))
        self.aggregates = list(range(len(clause.aggregates)))
        self.negated = list(clause.negated)
        self.guards = list(clause.guards)
        self.late: list[tuple[int, Test]] = []

    def steps(self, given: int | None) -> Iterator[Step]:
        if given is not None:
            yield self._scan(given)
        yield from self._ready()
        while self.atoms:
            yield self._scan(max(self.atoms, key=self._merit))
            yield from self._ready()

    def _merit(self, number: int) -> tuple[bool, int, int, int]:
        """Greater for an atom that leaves fewer rows to try; the author's order where nothing else tells."""
        atom = self.clause.body[number]
        access = self._access(atom)
        equal = sum(test.op in ("==", "in") for test in access.fixed)
        return bool(access.keys), len(access.keys) + equal, len(access.fixed) + len(access.tests), -number

    def _scan(self, number: int) -> Scan:
        self.atoms.remove(number)
        atom = self.clause.body[number]
        binds: dict[str, int] = {}
        repeats = []
        for column, variable in atom.joins:
            if variable in binds:
                repeats.append((column, variable))
            elif variable not in self.bound:
                binds[variable] = column
        access = self._access(atom, frozenset(binds))
        self.bound |= binds.keys()
        self.late += [(number, test) for test in atom.tests if not test_variables(test) <= self.bound]
        return Scan(number, access, tuple((column, name) for name, column in binds.items()), tuple(repeats))

    def _bounded(self, atom: Atom) -> Access:
        """How to find rows of an atom all of whose variables are bound."""
        access = self._access(atom)
        column = next((test.column for test in access.tests if test.op in _ORDERS), None)
        bounds = tuple(test for test in access.tests if test.op in _ORDERS and test.column == column)
        others = tuple(test for test in access.tests if test not in bounds)
        return replace(access, tests=others, bounds=bounds)

    def _access(self, atom: Atom, own: frozenset[str] = frozenset()) -> Access:
        """How to find rows of `atom` now; `own` are the variables that the row itself will bind."""
        keys: list[tuple[int, Expr]] = [
            (column, Var(name)) for column, name in atom.joins if name in self.bound
        ]
        fixed = []
        tests = []
        for test in atom.tests:
            needed = test_variables(test)
            if not needed:
                fixed.append(test)
            elif needed <= self.bound and test.op == "==" and not isinstance(test.value, tuple | None):
                keys.append((test.column, test.value))
            elif needed <= self.bound | own:
                tests.append(test)
        return Access(atom.relation, tuple(sorted(keys, key=_column)), tuple(fixed), tuple(tests))

    def _ready(self) -> Iterator[Step]:
        """All that can be demanded by now: first the cheap checks, and again after each aggregate."""
        yield from self._checks()
        while (number := self._next_aggregate()) is not None:
            self.aggregates.remove(number)
            aggregate = self.clause.aggregates[number]
            access = self._bounded(aggregate.atom)
            yield Aggregation(number, access, _at_once(aggregate, access))
            self.bound |= aggregate_variables(aggregate)
            yield from self._checks()

    def _checks(self) -> Iterator[Step]:
        for late in [late for late in self.late if test_variables(late[1]) <= self.bound]:
            self.late.remove(late)
            yield LateFilter(*late)
        for guard in [guard for guard in self.guards if variables(guard) <= self.bound]:
            self.guards.remove(guard)
            yield Filter(guard)
        for atom in [atom for atom in self.negated if atom_variables(atom) <= self.bound]:
            self.negated.remove(atom)
            yield AntiJoin(self._bounded(atom))

    def _next_aggregate(self) -> int | None:
        for number in self.aggregates:
            if atom_variables(self.clause.aggregates[number].atom) <= self.bound:
                return number
        return None


def _at_once(aggregate: Aggregate, access: Access) -> bool:
    """Whether the rows between `bounds` are all that count, and their extreme can be told beforehand."""
    if access.tests:
        return False
    if aggregate.op in ("count", "sum") or not access.bounds or access.bounds[0].column == aggregate.column:
        return True
    return access.one_sided


def _column(key: tuple[int, Expr]) -> int:
    return key[0]
