"""How many rows a clause compares, asked of the database before the clause is run.

A database does not say how many rows it compares, and cannot be stopped by their number. So what the limit of
steps counts is a question of its own. The body is joined atom by atom, in the order that the compiled matcher
takes; for each atom the question counts the rows that have the right values in the columns that must be
equal, beside each choice of rows so far, before anything else is asked of them. For

    late(x) :- lent(x, day), returned(x, on), on > day + 30

that is one question, which leaves the comparison of the days out:

    select s, count(*) from (select a0.s from r0 a0, r1 a1 where a1.s = a0.s and a1.c0 = a0.c0 limit …)
    group by s

It ends at its own limit, so no answer takes longer than the steps allow. What an aggregate or a negated atom
looks at is counted in the same way. A condition on the value of an aggregate is left out: then more is
counted than the compiled matcher looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from followcue.evaluation.match.compiled.planner import (
    Access,
    Aggregation,
    AntiJoin,
    Filter,
    LateFilter,
    Scan,
    plan,
)
from followcue.evaluation.match.relational.sql import Terms, shifted
from followcue.evaluation.match.relational.tables import RoundPart, Tables
from followcue.language.logic.program import Clause, Test
from followcue.language.logic.walk import test_variables, variables


@dataclass(frozen=True, slots=True)
class Question:
    """How many rows of the last of `relations` are compared with each choice of rows of those before it.

    `source` is where `s` comes from, with a parameter for each of the tables `numbered`. The sizes of the
    relations, multiplied, are an upper bound.
    """

    relations: tuple[str, ...]
    s: str
    source: str
    numbered: tuple[str, ...]

    def counted(self, limit: int) -> str:
        """The SELECT of the number for each situation, of at most `limit` rows of all together."""
        rows = f"SELECT {self.s} AS s FROM {self.source} LIMIT {limit}"
        return f"SELECT s, count(*) FROM ({rows}) GROUP BY s"


def questions(
    clause: Clause, layout: Tables, span: RoundPart | None = None, *, calendar: bool
) -> list[Question]:
    """All that must be asked about a clause, or about its share of a round (`span`)."""
    return list(_Asker(clause, layout, span, calendar).questions())


class _Asker:
    """Goes through the plan of a clause; what is known so far stands in `tables` and `conditions`."""

    def __init__(self, clause: Clause, layout: Tables, span: RoundPart | None, calendar: bool) -> None:
        self._clause = clause
        self._layout = layout
        self._span = span
        self._relations: list[str] = []
        self._tables: list[str] = []
        self._conditions: list[str] = []
        self._numbered: dict[str, None] = {}
        self._variables: dict[str, str] = {}
        self._first = ""
        self._terms = Terms(
            variable=self._variables.__getitem__,
            parameter=lambda name: f"e.{layout.parameters[name]}",
            today="e.today",
            shift=shifted("e", calendar=calendar),
        )

    def questions(self) -> Iterator[Question]:
        """The questions, in the order of the plan."""
        for step in plan(self._clause, self._span.given if self._span else None):
            match step:
                case Scan():
                    yield from self._scan(step)
                case Aggregation(_, access):
                    yield from self._beside(access)
                case AntiJoin(access):
                    if access.tests:
                        yield from self._beside(access)
                    self._reject(access)
                case Filter(guard):
                    if variables(guard) <= self._variables.keys():
                        self._conditions.append(self._terms.expr(guard))
                case LateFilter(atom, test):
                    self._conditions += self._known((test,), f"a{atom}")
                case _:
                    assert_never(step)

    def _scan(self, step: Scan) -> Iterator[Question]:
        access, name = step.access, f"a{step.atom}"
        self._relations.append(access.relation)
        self._tables.append(f"{self._layout.table(access.relation)} {name}")
        if self._span and (numbers := self._span.conditions(step.atom, self._layout.table(access.relation))):
            self._conditions += numbers
            self._numbered[self._layout.table(access.relation)] = None
        if not self._first:
            self._first = name
            self._tables.append("env e")
            self._conditions.append(f"e.s = {name}.s")
        else:
            self._conditions.append(f"{name}.s = {self._first}.s")
        self._conditions += self._equal(access, name)
        if len(self._relations) > 1:
            yield self._question()
        for column, variable in step.binds:
            self._variables[variable] = f"{name}.c{column}"
            self._conditions.append(f"{name}.c{column} IS NOT NULL")
        self._conditions += [f"{name}.c{column} = {self._variables[known]}" for column, known in step.repeats]
        self._conditions += self._known(access.tests, name)

    def _beside(self, access: Access) -> Iterator[Question]:
        """The rows of one more relation that are looked at for each choice so far."""
        if self._first:
            table = f"{self._layout.table(access.relation)} n"
            yield self._question(
                access.relation, table, [f"n.s = {self._first}.s", *self._equal(access, "n")]
            )

    def _question(self, relation: str = "", table: str = "", more: list[str] | None = None) -> Question:
        relations = (*self._relations, relation) if relation else tuple(self._relations)
        tables = [*self._tables, table] if table else self._tables
        where = " AND ".join([*self._conditions, *(more or [])])
        source = f"{', '.join(tables)} WHERE {where}"
        return Question(relations, f"{self._first}.s", source, tuple(self._numbered))

    def _reject(self, access: Access) -> None:
        needed = [variables(value) for _, value in access.keys] + [test_variables(t) for t in access.tests]
        if self._first and all(names <= self._variables.keys() for names in needed):
            matches = [*self._equal(access, "n"), *self._known(access.tests, "n")]
            where = " AND ".join([f"n.s = {self._first}.s", *matches])
            table = self._layout.table(access.relation)
            self._conditions.append(f"NOT EXISTS (SELECT 1 FROM {table} n WHERE {where})")

    def _equal(self, access: Access, name: str) -> list[str]:
        """The conditions by which the compiled matcher finds rows without looking at others."""
        keys = [
            f"{name}.c{column} = {self._terms.expr(value)}"
            for column, value in access.keys
            if variables(value) <= self._variables.keys()
        ]
        return [*keys, *self._known(access.fixed, name)]

    def _known(self, tests: tuple[Test, ...], name: str) -> list[str]:
        return [
            self._terms.test(test, f"{name}.c{test.column}")
            for test in tests
            if test_variables(test) <= self._variables.keys()
        ]
