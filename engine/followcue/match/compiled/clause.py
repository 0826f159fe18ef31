"""One clause as nested loops: a loop for each body atom, each demand where the planner put it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import assert_never

from followcue.logic.program import Aggregate, Arith, Clause, Expr, Extreme, Shift, Var
from followcue.match.compiled.planner import Access, Check, Fold, Recheck, Reject, Scan, Step, plan
from followcue.match.compiled.scope import Index, Scope
from followcue.match.compiled.spelling import Speller, tuple_text
from followcue.match.compiled.writer import Writer, indented


class ClauseWriter:
    """Writes one clause into a scope.

    In a recursive component `growing` names the component's relations, of which the loops see only the rows
    already looked at. With `given`, the row `z` was just added to those, stands for that body atom, and is
    kept from all earlier atoms of its relation: so each choice of rows comes up once, with its newest as `z`.
    """

    def __init__(
        self,
        scope: Scope,
        number: int,
        *,
        growing: Collection[str] = (),
        given: int | None = None,
    ) -> None:
        self._scope = scope
        self._writer = scope.writer
        self._number = number
        self._clause = scope.module.program.clauses[number]
        self._growing = growing
        self._given = given
        self._names: dict[str, str] = {}
        self._rows: dict[int, str] = {}
        self._grouped: dict[int, str] = {}
        self._pending: list[str] = []
        self._guard = self._outer_conditions() if given is None else []
        self._values = 0
        self._speller = Speller(self._use, calendar=scope.module.calendar)

    def write(self) -> None:
        """Write the whole clause."""
        with self._writer.block():
            self._satisfy(plan(self._clause, self._given))

    @property
    def guard(self) -> list[str]:
        """The conditions under which alone the code written makes sense and can fire; none with `given`."""
        return self._guard

    def _outer_conditions(self) -> list[str]:
        clause = self._clause
        needed = [self._relation(name) for name in relations_needed(clause) if name not in self._growing]
        barred = [
            f"not {self._relation(atom.relation)}"
            for atom in clause.negated
            if not atom.joins and not atom.tests
        ]
        return list(dict.fromkeys([*needed, *barred]))

    # --- steps
    def _satisfy(self, steps: tuple[Step, ...]) -> None:
        for done, step in enumerate(steps):
            if self._writer.deep:
                self._satisfy_elsewhere(steps[done:])
                return
            self._step(step)
        self._fire()

    def _satisfy_elsewhere(self, steps: tuple[Step, ...]) -> None:
        """Go on in a function of its own, which sees all that is bound so far."""
        self._flush()
        outer = self._writer
        name = self._scope.function_name()
        outer.add(f"{name}()")
        self._writer = Writer(outer.uses, loops=1)
        self._satisfy(steps)
        outer.define(
            [f"def {name}():", f"    nonlocal {outer.use('steps')}", *indented(self._writer.lines())]
        )
        self._writer = outer

    def _step(self, step: Step) -> None:
        match step:
            case Scan():
                self._scan(step)
            case Fold(number, access):
                self._fold(number, self._clause.aggregates[number], access)
            case Reject(access):
                self._reject(access)
            case Check(guard):
                self._writer.when([self._speller.expr(guard)])
            case Recheck(atom, test):
                self._writer.when(self._speller.test(test, f"{self._rows[atom]}[{test.column}]"))
            case _:
                assert_never(step)

    def _scan(self, step: Scan) -> None:
        self._flush()
        relation = step.access.relation
        conditions = []
        if step.atom == self._given:
            row, rest = "z", step.access
        else:
            row = f"b{step.atom}"
            rest = self._open_rows(step.access, row)
            if self._given is not None and step.atom < self._given and relation == self._given_relation:
                conditions.append(f"{row} is not z")
        self._rows[step.atom] = row
        columns = self._fetch(row, rest, [column for column, _ in (*step.binds, *step.repeats)])
        self._names |= {name: columns[column] for column, name in step.binds}
        present = [f"{columns[column]} is not None" for column, _ in step.binds]
        repeated = [f"{columns[column]} == {self._names[name]}" for column, name in step.repeats]
        self._writer.when(
            [*conditions, *self._keys_equal(rest, columns), *present, *repeated, *self._tests(rest, columns)]
        )

    def _reject(self, access: Access) -> None:
        if not (access.keys or access.fixed or access.tests):
            self._writer.when({f"not {self._relation(access.relation)}"}.difference(self._guard))
        elif access.tests or not self._writer.loops:
            with self._writer.block():
                rest = self._open_rows(access, "n")
                self._writer.when(self._conditions("n", rest))
                self._writer.add("break")
            self._writer.open("else:")
        elif access.keys:
            self._writer.when([f"{self._key(access)} not in {self._index(access, keys_only=True)}"])
        else:
            self._writer.when([f"not {self._index(access)}"])

    def _fold(self, number: int, aggregate: Aggregate, access: Access) -> None:
        rows = f"a{number}"
        if aggregate.op == "count":
            self._count(access, rows)
            self._bind(aggregate, f"len({rows})")
            self._group(number, rows)
        elif aggregate.op == "sum":
            self._sum(aggregate, access, rows)
            self._bind(aggregate, "t")
            self._group(number, rows)
        else:
            self._extreme(aggregate, access, rows)
            self._writer.when(["t is not None"])
            if aggregate.op in ("min", "max"):
                self._bind(aggregate, "t")
                self._group(number, rows)
            else:
                self._choose(number, aggregate, rows)

    def _count(self, access: Access, rows: str) -> None:
        source, rest = self._source(access)
        if not (rest.keys or rest.fixed or rest.tests):
            self._writer.add(f"{rows} = {source}")
            self._spend(rows)
            return
        self._writer.add(f"{rows} = []")
        with self._writer.block():
            rest = self._open_rows(access, "n")
            self._writer.when(self._conditions("n", rest))
            self._writer.add(f"{rows}.append(n)")

    def _sum(self, aggregate: Aggregate, access: Access, rows: str) -> None:
        self._writer.add("t = 0", f"{rows} = []")
        with self._writer.block():
            value = self._open_values(aggregate, access)
            self._writer.add(f"t += {value}", f"{rows}.append(n)")

    def _extreme(self, aggregate: Aggregate, access: Access, rows: str) -> None:
        self._writer.add("t = None")
        with self._writer.block():
            value = self._open_values(aggregate, access)
            further = ">" if aggregate.op in ("max", "newest") else "<"
            self._writer.add(
                f"if t is None or {value} {further} t:",
                f"    t = {value}",
                f"    {rows} = [n]",
                f"elif {value} == t:",
                f"    {rows}.append(n)",
            )

    def _open_values(self, aggregate: Aggregate, access: Access) -> str:
        """Open the loop over the rows `n` that have a value in the aggregate's column; its text."""
        assert aggregate.column is not None
        rest = self._open_rows(access, "n")
        columns = self._fetch("n", rest, [aggregate.column])
        value = columns[aggregate.column]
        tests = [*self._keys_equal(rest, columns), *self._tests(rest, columns)]
        self._writer.when([*tests, f"{value} is not None"])
        return value

    def _choose(self, number: int, aggregate: Aggregate, rows: str) -> None:
        row = f"o{number}"
        self._flush()
        self._writer.open(f"for {row} in {rows}:")
        self._grouped[number] = f"({row},)"
        relation = self._scope.module.program.relations[aggregate.atom.relation]
        columns = self._unpack(row, [column for column, _ in aggregate.outputs], len(relation.columns))
        self._names |= {name: columns[column] for column, name in aggregate.outputs}
        self._writer.when(f"{columns[column]} is not None" for column, _ in aggregate.outputs)

    def _bind(self, aggregate: Aggregate, text: str) -> None:
        assert aggregate.result is not None
        name = self._value()
        self._names[aggregate.result] = name
        self._writer.add(f"{name} = {text}")

    def _group(self, number: int, rows: str) -> None:
        """Keep an aggregate's rows, but only where the demands that follow at once hold."""
        self._grouped[number] = f"w{number}"
        self._pending.append(f"w{number} = tuple({rows})")

    def _flush(self) -> None:
        self._writer.add(*self._pending)
        self._pending.clear()

    def _fire(self) -> None:
        self._flush()
        head = self._clause.head
        row = tuple_text([self._head_value(value) for value in head.values])
        body = tuple_text([self._rows[number] for number in range(len(self._clause.body))])
        grouped = tuple_text([self._grouped[number] for number in range(len(self._clause.aggregates))])
        emit = self._writer.use("emit")
        if head.relation not in self._scope.module.read:
            self._writer.add(f"{emit}(({self._number}, {row}, {body}, {grouped}))")
            return
        known = self._relation(head.relation)
        self._writer.add(f"h = {row}", f"{emit}(({self._number}, h, {body}, {grouped}))")
        if head.relation in self._growing:
            self._writer.add(f"if h not in {known}:", f"    {known}[h] = None", f"    q{known}.append(h)")
        else:
            self._writer.add(f"{known}[h] = None")

    def _head_value(self, value: Expr) -> str:
        text = self._speller.expr(value)
        if not _computes(value):
            return text
        name = self._value()
        self._writer.add(f"{name} = {text}", f"if not -WIDEST < {name} < WIDEST:", "    too_wide()")
        return name

    # --- rows
    def _open_rows(self, access: Access, row: str) -> Access:
        """Open the loop over candidate rows; gives what is left to demand of each."""
        source, rest = self._source(access)
        if self._writer.loops:
            self._writer.add(f"c = {source}")
            self._spend("c")
            source = "c"
        self._writer.open(f"for {row} in {source}:")
        return rest

    def _spend(self, rows: str) -> None:
        """Count the rows about to be looked at; outside of all loops their number is bounded anyway."""
        if self._writer.loops:
            self._writer.add(*self._scope.spend(f"len({rows})"))

    def _source(self, access: Access) -> tuple[str, Access]:
        """The text for the candidate rows, and what is left to demand of each.

        Outside of all loops the rows are looked at once: then an index would not pay.
        """
        if access.relation not in self._growing and (
            not self._writer.loops or not (access.keys or access.fixed)
        ):
            return self._relation(access.relation), access
        index = self._index(access)
        rest = Access(access.relation, (), (), access.tests)
        return (f"{index}.get({self._key(access)}, ())" if access.keys else index), rest

    def _index(self, access: Access, *, keys_only: bool = False) -> str:
        index = Index(access.relation, tuple(column for column, _ in access.keys), access.fixed, keys_only)
        if access.relation in self._growing:
            return self._scope.growing_index(index)
        return self._scope.index(index)

    def _key(self, access: Access) -> str:
        return self._speller.key(tuple(value for _, value in access.keys))

    def _conditions(self, row: str, access: Access) -> list[str]:
        """All that `access` demands of `row`, whose columns are fetched here."""
        columns = self._fetch(row, access, [])
        return [*self._keys_equal(access, columns), *self._tests(access, columns)]

    def _keys_equal(self, access: Access, columns: Mapping[int, str]) -> list[str]:
        return [f"{columns[column]} == {self._speller.expr(value, 4)}" for column, value in access.keys]

    def _tests(self, access: Access, columns: Mapping[int, str]) -> list[str]:
        tests = (*access.fixed, *access.tests)
        return [text for test in tests for text in self._speller.test(test, columns[test.column])]

    def _fetch(self, row: str, access: Access, more: list[int]) -> dict[int, str]:
        tested = [test.column for test in (*access.fixed, *access.tests)]
        width = len(self._scope.module.program.relations[access.relation].columns)
        return self._unpack(row, [*(column for column, _ in access.keys), *tested, *more], width)

    def _unpack(self, row: str, needed: list[int], width: int) -> dict[int, str]:
        """Fetch the needed columns of `row` into local names, all at once where that is cheaper."""
        columns = {column: self._value() for column in sorted(set(needed))}
        if len(columns) > 1 and 2 * len(columns) >= width:
            targets = ", ".join(columns.get(column, "_") for column in range(width))
            self._writer.add(f"{targets} = {row}")
        else:
            for column, name in columns.items():
                self._writer.add(f"{name} = {row}[{column}]")
        return columns

    # --- names
    @property
    def _given_relation(self) -> str | None:
        return None if self._given is None else self._clause.body[self._given].relation

    def _value(self) -> str:
        self._values += 1
        return f"v{self._values - 1}"

    def _relation(self, name: str) -> str:
        return self._scope.use(self._scope.module.names[name])

    def _use(self, expr: Expr | str) -> str:
        return self._names[expr.name] if isinstance(expr, Var) else self._scope.outer(expr)


def relations_needed(clause: Clause) -> list[str]:
    """The relations without rows of which the clause cannot fire."""
    extremes = [aggregate.atom for aggregate in clause.aggregates if aggregate.op not in ("count", "sum")]
    return list(dict.fromkeys(atom.relation for atom in (*clause.body, *extremes)))


def _computes(expr: Expr) -> bool:
    """Whether a number may come out that is wider than those that went in."""
    match expr:
        case Arith():
            return True
        case Shift(day, by, _):
            return _computes(day) or _computes(by)
        case Extreme(_, items):
            return any(map(_computes, items))
        case _:
            return False
