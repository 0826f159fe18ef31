"""Which table and columns hold what: names from rules never become names in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from followcue.base.rows import Relation
from followcue.evaluation.match.relational.sql import SQL_TYPES
from followcue.language.logic.program import Clause, Expr, Param, Program, Shift, Test, Today
from followcue.language.logic.walk import parameters_in, walk


class Tables:
    """The tables of one program: `r…` for relations, `d…` for clauses, `env` for days and parameters."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._tables = {name: f"r{number}" for number, name in enumerate(program.relations)}
        self.parameters: Mapping[str, str] = {
            name: f"p{number}" for number, name in enumerate(_parameters(program))
        }

    def table(self, relation: str) -> str:
        """The table of a relation."""
        return self._tables[relation]

    def relation(self, name: str) -> Relation:
        """The relation of that name."""
        return self.program.relations[name]

    def uses_environment(self, clause: Clause, calendar: bool) -> bool:
        """Whether the clause needs its situation's day, a parameter, or with a `calendar` its calendar."""
        return any(_asks(expr, calendar) for expr in _expressions(clause))

    def create(self, name: str) -> str:
        """The statement that makes the table of a relation."""
        columns = [f"c{n} {SQL_TYPES[column.type]}" for n, column in enumerate(self.relation(name).columns)]
        return f"CREATE TEMP TABLE {self.table(name)} ({', '.join(['id BIGINT', 's INTEGER', *columns])})"


@dataclass(frozen=True, slots=True)
class RoundPart:
    """A clause's share of a round of recursion: the row of the atom at place `given` came in the last round.

    That of an `earlier` recursive atom came before it, so each choice of rows comes up in one share alone.
    """

    given: int
    earlier: frozenset[int]

    def conditions(self, place: int, table: str) -> list[str]:
        """What the atom at a place must meet; the statement's parameter `table` is the last number before."""
        if place == self.given:
            return [f"a{place}.id > ${table}"]
        return [f"a{place}.id <= ${table}"] if place in self.earlier else []


def spans(clause: Clause, heads: Collection[str]) -> list[RoundPart]:
    """The shares of a round, one for each body atom whose relation is among the `heads` of the component."""
    places = [place for place, atom in enumerate(clause.body) if atom.relation in heads]
    return [RoundPart(place, frozenset(places[:number])) for number, place in enumerate(places)]


def _parameters(program: Program) -> Iterator[str]:
    seen = {
        name: None
        for clause in program.clauses
        for expr in _expressions(clause)
        for name in parameters_in(expr)
    }
    return iter(seen)


def _expressions(clause: Clause) -> Iterator[Expr]:
    yield from clause.head.values
    yield from clause.guards
    for atom in (*clause.body, *clause.negated, *(a.atom for a in clause.aggregates)):
        yield from _of_tests(atom.tests)


def _of_tests(tests: Iterable[Test]) -> Iterator[Expr]:
    for test in tests:
        if test.value is not None and not isinstance(test.value, tuple):
            yield test.value


def _asks(expr: Expr, calendar: bool) -> bool:
    asking = (Param, Today, Shift) if calendar else (Param, Today)
    return any(isinstance(part, asking) for part in walk(expr))
