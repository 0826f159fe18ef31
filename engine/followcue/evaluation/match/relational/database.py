"""A batch: a database in memory that holds many situations while they are matched together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from followcue.base.civil import FUNCTIONS
from followcue.base.extras import duckdb, pyarrow
from followcue.base.rows import NOTHING, ColumnType, Row, Value
from followcue.evaluation.match.protocol import Derivation, Environment, MatcherUnavailable, Posed
from followcue.evaluation.match.refusals import BEFORE, BEYOND, off_the_calendar, too_many_derivations
from followcue.evaluation.match.relational.sql import SQL_TYPES
from followcue.evaluation.match.relational.statements import Statements
from followcue.evaluation.match.relational.step_count import StepCount
from followcue.evaluation.match.relational.tables import Tables
from followcue.language.logic.program import Component
from followcue.language.logic.types import CIVIL
from followcue.language.logic.walk import moves_a_day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


Shift: TypeAlias = Callable[[int, int], int]


class Database:
    """A database in memory that holds one batch of situations while it is matched."""

    def __init__(self, layout: Tables, statements: Statements) -> None:
        self._layout = layout
        self._program = layout.program
        self._statements = statements
        self._connection: DuckDBPyConnection = duckdb().connect(":memory:", config={"threads": "1"})
        for op in layout.civil_functions:
            taken, given = CIVIL[op]
            result = "VARCHAR" if given.base == "text" else "HUGEINT"
            self._connection.create_function(op, FUNCTIONS[op], ["BIGINT"] * len(taken), result)
        self._sizes: Counter[str] = Counter()
        self._before: dict[str, int] = {}
        self._made: Counter[int] = Counter()
        self._gathered: Counter[int] = Counter()
        self._begun: set[int] = set()
        self._most: dict[str, tuple[int, int]] = {}
        self._rows: dict[str, list[Row]] = {}
        self._count = 0
        self._limit = 0
        self._steps = StepCount(self._connection, 0, 0)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    # --- in
    def pose(self, posed: Sequence[Posed]) -> None:
        """Take in the facts and environments of the situations."""
        self._count = len(posed)
        self._limit = min((each.environment.limits.derivations for each in posed), default=0)
        steps = min((each.environment.limits.steps for each in posed), default=0)
        self._steps = StepCount(self._connection, steps, self._count)
        self._pose_environments([each.environment for each in posed])
        for name, relation in self._program.relations.items():
            self._connection.execute(self._layout.create(name))
            if relation.derived:
                continue
            rows = {(s, row): None for s, each in enumerate(posed) for row in each.facts.get(name, ())}
            if rows:
                self._rows[name] = [row for _, row in rows]
                numbered = [(n, s, *row) for n, (s, row) in enumerate(rows)]
                types = ("number", "number", *(column.type for column in relation.columns))
                self._insert(self._layout.table(name), types, numbered)
                self._sizes[name] = len(rows)

    def _pose_environments(self, environments: Sequence[Environment]) -> None:
        shifts: dict[int, Shift] = {}
        rows: list[tuple[Value, ...]] = []
        for s, environment in enumerate(environments):
            calendar = None
            if environment.shift is not None:
                calendar = next((n for n, known in shifts.items() if known is environment.shift), len(shifts))
                shifts[calendar] = environment.shift
            values = (environment.parameters.get(name) for name in self._layout.parameters)
            rows.append((s, environment.today, calendar, *values))
        types: list[ColumnType] = [
            "number",
            "date",
            "number",
            *(_type_of(row[place] for row in rows) for place in range(3, 3 + len(self._layout.parameters))),
        ]
        names = ["s", "today", "cal", *self._layout.parameters.values()]
        columns = [f"{name} {SQL_TYPES[base]}" for name, base in zip(names, types, strict=True)]
        self._connection.execute(f"CREATE TEMP TABLE env ({', '.join(columns)})")
        self._insert("env", types, rows)
        if shifts:
            self._connection.create_function(
                "shift", lambda cal, day, by: shifts[cal](day, by), ["HUGEINT", "BIGINT", "BIGINT"], "BIGINT"
            )

    def _insert(self, table: str, types: Sequence[ColumnType], rows: Sequence[Sequence[Value]]) -> None:
        """Rows by way of Arrow, whose columns the database reads where they are."""
        if rows:
            self._connection.register("posed", columns_of(rows, types))
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM posed")
            self._connection.unregister("posed")

    # --- matching
    def complete(self) -> None:
        """Fire every clause, component by component."""
        database = duckdb()
        try:
            for component in self._program.components:
                self._complete(component)
        except (database.OutOfRangeException, database.ConversionException):
            raise MatcherUnavailable(
                "the rules reckon with a number or a day that is too large for the relational matcher; "
                "`compiled` and `reference` give the same answers"
            ) from None

    def _complete(self, component: Component) -> None:
        for number in component.clauses:
            self._fire(number)
        while self._gather(component) and component.recursive:
            for number in component.clauses:
                self._fire_again(number)

    def _fire(self, number: int) -> None:
        """All derivations of a clause from the rows that are there now."""
        clause = self._program.clauses[number]
        if all(self._sizes[atom.relation] for atom in clause.body):
            statement = self._statements.whole[number]
            self._steps.count(statement, self._largest, {})
            self._take(number, f"CREATE TEMP TABLE d{number} AS {statement.select}", {})
            self._begun.add(number)

    def _fire_again(self, number: int) -> None:
        """The derivations that rest on a row of the last round; all, where there were none before."""
        if number not in self._begun:
            self._fire(number)
            return
        for statement in self._statements.shares[number]:
            before = {table: self._before[name] for table, name in statement.recursive_relations.items()}
            self._steps.count(statement, self._largest, before)
            self._take(number, f"INSERT INTO d{number} {statement.select}", before)

    def _largest(self, relation: str) -> int:
        """How many rows of the relation one situation has at most."""
        size = self._sizes[relation]
        if self._count == 1 or not size:
            return size
        known, largest = self._most.get(relation, (0, 0))
        if known != size:
            rows = f"SELECT count(*) AS n FROM {self._layout.table(relation)} GROUP BY s"
            largest = self._number(f"SELECT max(n) FROM ({rows})")
            self._most[relation] = size, largest
        return largest

    def _take(self, number: int, statement: str, parameters: Mapping[str, int]) -> None:
        # One row more than all situations may have is enough to see that one has too many.
        made = self._number(f"{statement} LIMIT {self._limit * self._count + 1}", parameters)
        self._made[number] += made
        if self._made[number] > self._limit:
            self._check_limit(number)

    def _number(self, statement: str, parameters: Mapping[str, int] = NOTHING) -> int:
        """The one number that a statement gives: where it makes rows, how many."""
        found = self._connection.execute(statement, parameters or None).fetchone()
        assert found is not None
        return int(found[0])

    def _check_limit(self, number: int) -> None:
        """Refuse what derives more than one situation may."""
        over = self._connection.execute(
            f"SELECT 1 FROM d{number} GROUP BY s HAVING count(*) > {self._limit} LIMIT 1"
        ).fetchone()
        if over is not None:
            too_many_derivations(self._limit, [(number,)])

    def _gather(self, component: Component) -> bool:
        """Put what is new into the relations; whether anything was."""
        by_head: dict[str, list[int]] = {}
        for number in component.clauses:
            numbers = by_head.setdefault(self._program.clauses[number].head.relation, [])
            if self._made[number] > self._gathered[number]:
                numbers.append(number)
        for relation in by_head:
            self._before[relation] = self._sizes[relation] - 1
        added = [self._add(relation, numbers) for relation, numbers in by_head.items() if numbers]
        return any(added)

    def _add(self, relation: str, numbers: Sequence[int]) -> bool:
        table = self._layout.table(relation)
        width = len(self._layout.relation(relation).columns)
        heads = ", ".join(["s", *(f"h{place}" for place in range(width))])
        columns = ", ".join(["s", *(f"c{place}" for place in range(width))])
        known = f" EXCEPT SELECT {columns} FROM {table}" if self._sizes[relation] else ""
        distinct = "" if known or len(numbers) > 1 else "DISTINCT "  # else EXCEPT and UNION see to that
        derived = " UNION ".join(
            f"SELECT {distinct}{heads} FROM d{number} WHERE rowid >= {self._gathered[number]}"
            for number in numbers
        )
        new = f"({derived}){known}"
        last = self._before[relation]
        added = self._number(f"INSERT INTO {table} SELECT {last} + row_number() OVER (), * FROM ({new})")
        self._sizes[relation] += added
        for number in numbers:
            self._gathered[number] = self._made[number]
        return added > 0

    # --- out
    def derivations(self) -> list[list[Derivation]]:
        """The derivations of each situation, by the order in which they were posed."""
        found: list[list[Derivation]] = [[] for _ in range(self._count)]
        for number in sorted(number for number, made in self._made.items() if made):
            for s, derivation in self._derivations_of(number):
                found[s].append(derivation)
        for derivations in found:
            if len(derivations) > self._limit:
                too_many_derivations(self._limit, derivations)
        return found

    def _derivations_of(self, number: int) -> Iterator[tuple[int, Derivation]]:
        clause = self._program.clauses[number]
        body = [self._rows_of(atom.relation) for atom in clause.body]
        grouped = [self._rows_of(aggregate.atom.relation) for aggregate in clause.aggregates]
        end = 1 + len(body)
        head = end + len(grouped)
        days = [head + place for place, value in enumerate(clause.head.values) if moves_a_day(value)]
        for row in self._connection.execute(f"SELECT * FROM d{number}").fetchall():
            if not all(BEFORE < row[place] < BEYOND for place in days):
                off_the_calendar(number)
            used = tuple(rows[place] for rows, place in zip(body, row[1:end], strict=True))
            groups = tuple(
                tuple(rows[place] for place in places)
                for rows, places in zip(grouped, row[end:head], strict=True)
            )
            yield row[0], Derivation(number, row[head:], used, groups)

    def _rows_of(self, relation: str) -> list[Row]:
        """The rows of a relation by their numbers."""
        if relation not in self._rows:
            rows = self._connection.execute(
                f"SELECT * EXCLUDE (s) FROM {self._layout.table(relation)} ORDER BY id"
            ).fetchall()
            self._rows[relation] = [row[1:] for row in rows]
        return self._rows[relation]


def _type_of(values: Iterable[Value]) -> ColumnType:
    """The type of the values of one parameter."""
    for value in values:
        if value is not None:
            return "bool" if isinstance(value, bool) else "number" if isinstance(value, int) else "text"
    return "number"


def columns_of(rows: Sequence[Sequence[Value]], types: Sequence[ColumnType]) -> Any:
    """An Arrow table of rows, its columns named `c0`, `c1` and so on; numbers of 64 bits."""
    arrow = pyarrow()
    by_type = {"text": arrow.string(), "bool": arrow.bool_()}
    columns = [
        arrow.array(values, by_type.get(base, arrow.int64()))
        for values, base in zip(zip(*rows, strict=True), types, strict=True)
    ]
    return arrow.table(columns, names=[f"c{place}" for place in range(len(columns))])
