"""The order in which to satisfy a clause: demands as soon as they can be made, cross products last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from followcue.language.logic.program import Aggregate, Atom, Clause, Expr, Test, Var
from followcue.language.logic.variables import test_variables, variables


@dataclass(frozen=True, slots=True)
class Access:
    """How to find the rows of an atom once some variables are bound.

    `keys` pairs columns with the expressions that they must equal; `fixed` are tests without variables, alike
    all through a run; `tests` are all other tests that can be made now.
    """

    relation: str
    keys: tuple[tuple[int, Expr], ...]
    fixed: tuple[Test, ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """Choose a row for a body atom: `binds` columns to new variables, `repeats` must equal one of those."""

    atom: int
    access: Access
    binds: tuple[tuple[int, str], ...]
    repeats: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Compute an aggregate."""

    aggregate: int
    access: Access


@dataclass(frozen=True, slots=True)
class Reject:
    """Go on only if no row matches a negated atom."""

    access: Access


@dataclass(frozen=True, slots=True)
class Check:
    """Go on only if a guard holds."""

    guard: Expr


@dataclass(frozen=True, slots=True)
class Recheck:
    """Go on only if the row already chosen for a body atom passes a test."""

    atom: int
    test: Test


Step: TypeAlias = Scan | Fold | Reject | Check | Recheck


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
            yield Fold(number, self._access(aggregate.atom))
            self.bound |= aggregate_variables(aggregate)
            yield from self._checks()

    def _checks(self) -> Iterator[Step]:
        for late in [late for late in self.late if test_variables(late[1]) <= self.bound]:
            self.late.remove(late)
            yield Recheck(*late)
        for guard in [guard for guard in self.guards if variables(guard) <= self.bound]:
            self.guards.remove(guard)
            yield Check(guard)
        for atom in [atom for atom in self.negated if atom_variables(atom) <= self.bound]:
            self.negated.remove(atom)
            yield Reject(self._access(atom))

    def _next_aggregate(self) -> int | None:
        for number in self.aggregates:
            if atom_variables(self.clause.aggregates[number].atom) <= self.bound:
                return number
        return None


def atom_variables(atom: Atom) -> frozenset[str]:
    """The variables that an atom joins or compares with."""
    return frozenset(name for _, name in atom.joins).union(*map(test_variables, atom.tests))


def aggregate_variables(aggregate: Aggregate) -> frozenset[str]:
    """The variables that an aggregate binds."""
    names = {name for _, name in aggregate.outputs}
    return frozenset(names if aggregate.result is None else names | {aggregate.result})


def _column(key: tuple[int, Expr]) -> int:
    return key[0]
