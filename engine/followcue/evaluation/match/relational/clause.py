"""One clause as one SELECT: its derivations, each with the numbers of the rows that it rests on.

Without aggregates it is one join with conditions. Each aggregate makes a further step, whose rows are those
of the step before with the aggregate's value or chosen row beside them:

    with q0 as materialized (the join, with a number `k` for each of its rows),
         q1 as materialized (q0 and, by `k`, the rows that the first aggregate looks at), ...
    select … from the last step, where no negated atom matches, late tests and guards hold

`asked(x, n) :- lent(x, d), n = count of reminded(x, day > d), n >= 2` with `lent` in r0 and `reminded` in r1:

    with q0 as (select a0.s, a0.id b0, a0.c0 v0, a0.c1 v1, row_number() over () k
                from r0 a0 where a0.c0 is not null and a0.c1 is not null),
         q1 as (select q0.*, coalesce(x.n, 0) v2, coalesce(x.l, []) g0
                from q0 left join (select q0.k, count(*) n, list(r.id) l
                                   from q0 join r1 r on r.s = q0.s and r.c0 = q0.v0 and r.c1 > q0.v1
                                   group by q0.k) x on x.k = q0.k)
    select s, b0, g0, v0 h0, v2 h1 from q1 where v2 >= 2

Invariants: `k` names one choice of rows for the body and the aggregates so far, so each aggregate is computed
for that choice alone. From `_all_from` on every variable is a column of the last step, and no table of the
body is named any more. All names are made here: a body atom, b its row, c a column, v a variable, t the
column of a late test, g the rows of an aggregate, l their list, o a chosen value, h the row derived; nothing
that an author wrote becomes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from followcue.evaluation.match.relational.sql import SQL_TYPES, Terms, shifted
from followcue.evaluation.match.relational.tables import RoundPart, Tables
from followcue.language.logic.program import Aggregate, Atom, Clause, Expr, Test
from followcue.language.logic.walk import test_variables


def select_of(clause: Clause, layout: Tables, span: RoundPart | None = None, *, calendar: bool) -> str:
    """The SELECT of a clause: columns `s`, `b0`… (body), `g0`… (lists, aggregates), `h0`… (the row derived).

    With a `span`, only what that share of a round derives. `calendar`: whether some situation of the batch
    has a calendar of its own.
    """
    return _SelectWriter(clause, layout, span, calendar).select()


@dataclass
class _Step:
    """What is known after a step: the SQL of each variable and of each thing carried along."""

    variables: dict[str, str] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)


class _SelectWriter:
    """Writes one clause; `names` are the columns that stand for its variables between steps."""

    def __init__(self, clause: Clause, layout: Tables, span: RoundPart | None, calendar: bool) -> None:
        self._clause = clause
        self._layout = layout
        self._span = span
        self._calendar = calendar
        self._step = _Step()
        self._environment = "e"
        self._bound_early = {name for atom in clause.body for _, name in atom.joins}

    def select(self) -> str:
        """The whole statement."""
        source, conditions = self._join()
        if not self._clause.aggregates:
            return self._final(source, conditions)
        steps = [f"q0 AS MATERIALIZED ({self._kept(source, conditions)})"]
        for number, aggregate in enumerate(self._clause.aggregates):
            steps.append(f"q{number + 1} AS MATERIALIZED ({self._aggregate(number, aggregate)})")
        last = f"q{len(self._clause.aggregates)}"
        self._all_from(last)
        return f"WITH {', '.join(steps)} {self._final(last, [])}"

    # --- the body
    def _join(self) -> tuple[str, list[str]]:
        """The tables of the body and the environment, and all that can be asked of them at once."""
        tables, conditions = [], []
        for place, atom in enumerate(self._clause.body):
            name = f"a{place}"
            tables.append(f"{self._layout.table(atom.relation)} {name}")
            if place:
                conditions.append(f"{name}.s = a0.s")
            if self._span:
                conditions += self._span.conditions(place, self._layout.table(atom.relation))
            for column, variable in atom.joins:
                conditions.append(self._bind(variable, f"{name}.c{column}"))
        scope = "a0.s" if tables else "e.s"
        if not tables or self._uses_environment():
            tables.append("env e")
            if scope == "a0.s":
                conditions.append("e.s = a0.s")
        self._step.carried = {"s": scope} | {f"b{n}": f"a{n}.id" for n in range(len(self._clause.body))}
        conditions += [
            self._terms().test(test, f"a{place}.c{test.column}")
            for place, test in self._body_tests()
            if self._is_early(test)
        ]
        return ", ".join(tables), conditions

    def _bind(self, variable: str, column: str) -> str:
        """The first column binds the variable, if it is there; each other must equal it."""
        known = self._step.variables.setdefault(variable, column)
        return f"{column} IS NOT NULL" if known == column else f"{column} = {known}"

    def _body_tests(self) -> Iterator[tuple[int, Test]]:
        for place, atom in enumerate(self._clause.body):
            for test in atom.tests:
                yield place, test

    @property
    def _late_tests(self) -> list[tuple[int, Test]]:
        """The tests of the body that wait for what an aggregate gives, with the places of their atoms."""
        return [(place, test) for place, test in self._body_tests() if not self._is_early(test)]

    def _is_early(self, test: Test) -> bool:
        return test_variables(test) <= self._bound_early

    def _kept(self, source: str, conditions: list[str]) -> str:
        """The step of the body: what later steps need, and the number of each of its rows."""
        kept = dict(self._step.carried)
        kept |= {self._name(variable): sql for variable, sql in self._step.variables.items()}
        kept |= {f"t{n}": f"a{place}.c{test.column}" for n, (place, test) in enumerate(self._late_tests)}
        if self._uses_environment():
            kept |= {name: f"e.{name}" for name in ("today", "cal", *self._layout.parameters.values())}
        columns = [f"{sql} AS {name}" for name, sql in kept.items()]
        return (
            f"SELECT {', '.join([*columns, 'row_number() OVER () AS k'])} FROM {source}{_where(conditions)}"
        )

    # --- aggregates
    def _aggregate(self, number: int, aggregate: Aggregate) -> str:
        before = f"q{number}"
        self._all_from(before)
        rows = f"{self._layout.table(aggregate.atom.relation)} r"
        matching = f"{before} JOIN {rows} ON {' AND '.join(self._matches(aggregate.atom, 'r', before))}"
        value = f"r.c{aggregate.column}"
        if aggregate.op in ("newest", "oldest"):
            return self._chosen(number, aggregate, matching, value)
        assert aggregate.result is not None
        result = self._name(aggregate.result)
        group = f"g{number}"
        if aggregate.op in ("count", "sum"):
            total = "count(*)" if aggregate.op == "count" else f"sum({value})"
            found = (
                f"SELECT {before}.k, {total} AS n, list(r.id) AS l FROM {matching}"
                + ("" if aggregate.op == "count" else f" AND {value} IS NOT NULL")
                + f" GROUP BY {before}.k"
            )
            return (
                f"SELECT {before}.*, coalesce(x.n, 0)::HUGEINT AS {result}, "
                f"coalesce(x.l, []::BIGINT[]) AS {group} "
                f"FROM {before} LEFT JOIN ({found}) x ON x.k = {before}.k"
            )
        extreme = (
            f"SELECT k, any_value(m) AS n, list(id) AS l FROM ({self._ranked(before, aggregate, matching)})"
        )
        return (
            f"SELECT {before}.*, x.n AS {result}, x.l AS {group} "
            f"FROM {before} JOIN ({extreme} WHERE m = v GROUP BY k) x ON x.k = {before}.k"
        )

    def _ranked(self, before: str, aggregate: Aggregate, matching: str, more: str = "") -> str:
        """Every matching row with its value `v` and the extreme `m` of them all."""
        furthest = "max" if aggregate.op in ("max", "newest") else "min"
        value = f"r.c{aggregate.column}"
        return (
            f"SELECT {before}.k, r.id, {value} AS v, "
            f"{furthest}({value}) OVER (PARTITION BY {before}.k) AS m{more} "
            f"FROM {matching} AND {value} IS NOT NULL"
        )

    def _chosen(self, number: int, aggregate: Aggregate, matching: str, value: str) -> str:
        """Each extreme row in turn: as many rows as there are ties, hence new numbers."""
        before = f"q{number}"
        outputs = [f"r.c{column} AS o{place}" for place, (column, _) in enumerate(aggregate.outputs)]
        ranked = self._ranked(before, aggregate, matching, "".join(f", {output}" for output in outputs))
        conditions = ["x.m = x.v"]
        names: dict[str, str] = {}
        for place, (_, variable) in enumerate(aggregate.outputs):
            first = names.setdefault(self._name(variable), f"x.o{place}")
            conditions.append(
                f"x.o{place} IS NOT NULL" if first == f"x.o{place}" else f"x.o{place} = {first}"
            )
        columns = [
            f"{before}.* EXCLUDE (k)",
            *(f"{sql} AS {name}" for name, sql in names.items()),
            f"[x.id] AS g{number}",
            "row_number() OVER () AS k",
        ]
        joined = f"{before} JOIN ({ranked}) x ON x.k = {before}.k"
        return f"SELECT {', '.join(columns)} FROM {joined}{_where(conditions)}"

    def _matches(self, atom: Atom, name: str, before: str) -> list[str]:
        """What a row must meet to match an atom all of whose variables are bound."""
        terms = self._terms()
        return [
            f"{name}.s = {before}.s" if before else f"{name}.s = {self._step.carried['s']}",
            *(f"{name}.c{column} = {self._step.variables[variable]}" for column, variable in atom.joins),
            *(terms.test(test, f"{name}.c{test.column}") for test in atom.tests),
        ]

    # --- the end
    def _final(self, source: str, conditions: list[str]) -> str:
        clause, terms = self._clause, self._terms()
        conditions = [
            *conditions,
            *(terms.test(test, f"{source}.t{n}") for n, (_, test) in enumerate(self._late_tests)),
            *map(terms.expr, clause.guards),
            *(self._absent(atom) for atom in clause.negated),
        ]
        columns = [f"{sql} AS {name}" for name, sql in self._step.carried.items()]
        columns += [f"{source}.g{number} AS g{number}" for number in range(len(clause.aggregates))]
        columns += self._head(clause.head.values, terms)
        return f"SELECT {', '.join(columns)} FROM {source}{_where(conditions)}"

    def _absent(self, atom: Atom) -> str:
        """No row matches: where one comparison is left, the greatest and the least value can tell.

        The database finds these by the columns that must be equal, where it would try each row for each.
        """
        compared = [test for test in atom.tests if test.op != "==" and test_variables(test)]
        if len(compared) == 1 and compared[0].op in _DECIDING:
            (test,) = compared
            column = f"n.c{test.column}"
            rest = replace(atom, tests=tuple(other for other in atom.tests if other is not test))
            among = f"FROM {self._rows(rest)})"
            extremes = [f"(SELECT {op}({column}) {among}" for op in _DECIDING[test.op]]
            met = [self._terms().test(test, extreme) for extreme in extremes]
            return f"NOT coalesce({' OR '.join(met)}, FALSE)"
        return f"NOT EXISTS (SELECT 1 FROM {self._rows(atom)})"

    def _rows(self, atom: Atom) -> str:
        return f"{self._layout.table(atom.relation)} n{_where(self._matches(atom, 'n', ''))}"

    def _head(self, values: Iterable[Expr], terms: Terms) -> Iterator[str]:
        columns = self._layout.relation(self._clause.head.relation).columns
        for place, (value, column) in enumerate(zip(values, columns, strict=True)):
            yield f"{terms.expr(value)}::{SQL_TYPES[column.type]} AS h{place}"

    # --- names
    def _name(self, variable: str) -> str:
        """The column that stands for a variable between steps."""
        return f"v{self._numbers[variable]}"

    @property
    def _numbers(self) -> dict[str, int]:
        clause = self._clause
        names = [name for atom in clause.body for _, name in atom.joins]
        for aggregate in clause.aggregates:
            names += [aggregate.result] if aggregate.result else []
            names += [name for _, name in aggregate.outputs]
        return {name: number for number, name in enumerate(dict.fromkeys(names))}

    def _all_from(self, step: str) -> None:
        """From here on everything is a column of `step`."""
        done = int(step[1:])
        bound = {name for atom in self._clause.body for _, name in atom.joins}
        for aggregate in self._clause.aggregates[:done]:
            bound |= {aggregate.result} if aggregate.result else set()
            bound |= {name for _, name in aggregate.outputs}
        self._step.variables = {name: f"{step}.{self._name(name)}" for name in bound}
        self._step.carried = {name: f"{step}.{name}" for name in self._step.carried}
        self._environment = step

    def _terms(self) -> Terms:
        return Terms(
            variable=self._step.variables.__getitem__,
            parameter=lambda name: f"{self._environment}.{self._layout.parameters[name]}",
            today=f"{self._environment}.today",
            shift=shifted(self._environment, calendar=self._calendar),
        )

    def _uses_environment(self) -> bool:
        return not self._clause.body or self._layout.uses_environment(self._clause, self._calendar)


_DECIDING: Mapping[str, tuple[str, ...]] = {
    ">": ("max",),
    ">=": ("max",),
    "<": ("min",),
    "<=": ("min",),
    "!=": ("min", "max"),
}
"""Which extremes of a column tell whether some value passes a comparison."""


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
