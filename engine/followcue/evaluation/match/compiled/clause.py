"""One clause as nested loops: a loop for each body atom, each demand where the planner put it."""

from __future__ import annotations

from collections.abc import Collection
from typing import assert_never

from followcue.evaluation.match.compiled.code_writer import CodeWriter, indented
from followcue.evaluation.match.compiled.fold import write_fold
from followcue.evaluation.match.compiled.planner import (
    Access,
    Aggregation,
    AntiJoin,
    Filter,
    LateFilter,
    Scan,
    Step,
    plan,
)
from followcue.evaluation.match.compiled.row_finder import RowFinder, SharedRow
from followcue.evaluation.match.compiled.scope import FunctionScope
from followcue.evaluation.match.compiled.spelling import tuple_text
from followcue.language.logic.program import Aggregate, Arith, Civil, Clause, Expr, Extreme, Quotient, Rescale
from followcue.language.logic.walk import moves_a_day


class ClauseWriter:
    """Writes one clause into a scope.

    In a recursive component `growing` names the component's relations, of which the loops see only the rows
    already looked at. With `given`, the row `z` was just added to those, stands for that body atom, and is
    kept from all earlier atoms of its relation: so each choice of rows comes up once, with its newest as `z`.
    With `shared`, that row stands for the body atom which the clause would look at first.
    """

    def __init__(
        self,
        scope: FunctionScope,
        number: int,
        *,
        growing: Collection[str] = (),
        given: int | None = None,
        shared: SharedRow | None = None,
    ) -> None:
        self._scope = scope
        self._number = number
        self._clause = scope.module.program.clauses[number]
        self._given = given
        self._find = RowFinder(scope, growing, shared)
        self._rows: dict[int, str] = {}
        self._grouped: dict[int, str] = {}
        self._pending: list[str] = []
        self._guard = self._outer_conditions() if given is None else []

    @property
    def guard(self) -> list[str]:
        """What whoever places the code must put around it: no row can help where this does not hold."""
        return self._guard

    def write(self) -> None:
        """Write the whole clause."""
        self._scope.clause = self._number
        with self._writer.block():
            self._satisfy(plan(self._clause, self._given))

    @property
    def _writer(self) -> CodeWriter:
        return self._scope.writer

    def _outer_conditions(self) -> list[str]:
        relations = [name for name in relations_needed(self._clause) if name not in self._find.growing]
        barred = [atom.relation for atom in self._clause.negated if not atom.joins and not atom.tests]
        needed = [self._find.relation(name) for name in relations]
        return [*needed, *dict.fromkeys(f"not {self._find.relation(name)}" for name in barred)]

    def _satisfy(self, steps: tuple[Step, ...]) -> None:
        for done, step in enumerate(steps):
            if self._writer.deep:
                self._satisfy_elsewhere(steps[done:])
                return
            self._step(step)
        self._fire()

    def _satisfy_elsewhere(self, steps: tuple[Step, ...]) -> None:
        """Go on in a function of its own, which sees all that is bound so far."""
        self._keep_groups()
        outer = self._writer
        name = self._scope.function_name()
        outer.add(f"{name}()")
        self._scope.writer = CodeWriter(outer.uses, loops=1, elsewhere=True)
        self._satisfy(steps)
        body = [f"nonlocal {outer.use('steps')}", *self._writer.lines()]
        outer.define([f"def {name}():", *indented(body)])
        self._scope.writer = outer

    def _step(self, step: Step) -> None:
        match step:
            case Scan():
                self._scan(step)
            case Aggregation():
                self._fold(step)
            case AntiJoin():
                self._reject(step)
            case Filter(guard):
                self._writer.when([self._find.speller.expr(guard)])
            case LateFilter(atom, test):
                self._writer.when(self._find.speller.test(test, f"{self._rows[atom]}[{test.column}]"))
            case _:
                assert_never(step)

    # --- body atoms
    def _scan(self, step: Scan) -> None:
        self._keep_groups()
        row, rest = self._open(step)
        self._rows[step.atom] = row
        names = self._find.names
        columns = self._find.fetch(row, rest, [column for column, _ in (*step.binds, *step.repeats)])
        names |= {name: columns[column] for column, name in step.binds}
        self._writer.when(
            [
                *([f"{row} is not z"] if self._comes_before_given(step) else []),
                *self._find.equal(rest, columns),
                *(f"{columns[column]} is not None" for column, _ in step.binds),
                *(f"{columns[column]} == {names[name]}" for column, name in step.repeats),
                *self._find.pass_tests(rest, columns),
            ]
        )

    def _open(self, step: Scan) -> tuple[str, Access]:
        if step.atom == self._given:
            return "z", step.access
        if self._find.shared is not None and not self._rows:
            return self._find.shared.name, step.access
        row = f"b{step.atom}"
        return row, self._find.open(step.access, row)

    def _comes_before_given(self, step: Scan) -> bool:
        if self._given is None or step.atom >= self._given:
            return False
        return self._clause.body[self._given].relation == step.access.relation

    # --- negated atoms
    def _reject(self, step: AntiJoin) -> None:
        access = step.access
        if access.any_row:
            self._writer.when({f"not {self._find.relation(access.relation)}"}.difference(self._guard))
        elif access.tests or access.bounds or not self._writer.loops:
            self._reject_by_search(step)
        elif access.keys:
            self._writer.when([f"{self._find.key(access)} not in {self._find.index(access, keys_only=True)}"])
        else:
            self._writer.when([f"not {self._find.index(access)}"])

    def _reject_by_search(self, step: AntiJoin) -> None:
        with self._writer.block():
            rest = self._find.open_few(step) if step.at_once else self._find.open(step.access, "n")
            columns = self._find.fetch("n", rest)
            self._writer.when([*self._find.equal(rest, columns), *self._find.pass_tests(rest, columns)])
            self._writer.add("break")
        self._writer.open("else:")

    # --- aggregates
    def _fold(self, step: Aggregation) -> None:
        number, aggregate = step.aggregate, self._clause.aggregates[step.aggregate]
        rows = f"a{number}"
        value = write_fold(self._find, aggregate, step, rows)
        if aggregate.op in ("newest", "oldest"):
            self._choose(number, aggregate, rows)
            return
        assert aggregate.result is not None
        name = self._find.names[aggregate.result] = self._find.value()
        self._writer.add(f"{name} = {value}")
        self._grouped[number] = f"w{number}"
        few = f"tuple({rows})"
        if step.at_once and self._writer.loops:
            few = f"{few} if len({rows}) <= {self._writer.use('FEW')} else {rows}"
        self._pending.append(f"w{number} = {few}")

    def _choose(self, number: int, aggregate: Aggregate, rows: str) -> None:
        self._keep_groups()
        row = f"o{number}"
        self._writer.open(f"for {row} in {rows}:")
        self._grouped[number] = f"({row},)"
        columns = self._find.unpack(row, aggregate.atom.relation, [column for column, _ in aggregate.outputs])
        self._find.names |= {name: columns[column] for column, name in aggregate.outputs}
        self._writer.when(f"{columns[column]} is not None" for column, _ in aggregate.outputs)

    def _keep_groups(self) -> None:
        """Make tuples of the aggregates' rows: as late as may be, for the demands so far may have failed."""
        self._writer.add(*self._pending)
        self._pending.clear()

    # --- the head
    def _fire(self) -> None:
        self._keep_groups()
        head = self._clause.head
        row = tuple_text([self._head_value(value) for value in head.values])
        body = tuple_text([self._rows[number] for number in range(len(self._clause.body))])
        grouped = tuple_text([self._grouped[number] for number in range(len(self._clause.aggregates))])
        emit = self._writer.use("emit")
        if head.relation not in self._scope.module.read:
            self._writer.add(f"{emit}(({self._number}, {row}, {body}, {grouped}))")
            return
        known = self._find.relation(head.relation)
        self._writer.add(f"h = {row}", f"{emit}(({self._number}, h, {body}, {grouped}))")
        if head.relation in self._find.growing:
            self._writer.add(f"if h not in {known}:", f"    {known}[h] = None", f"    q{known}.append(h)")
        else:
            self._writer.add(f"{known}[h] = None")

    def _head_value(self, value: Expr) -> str:
        text = self._find.speller.expr(value)
        if moves_a_day(value):
            bounds, refusal = ("BEFORE", "BEYOND"), "off_the_calendar"
        elif _computes(value):
            bounds, refusal = ("-WIDEST", "WIDEST"), "too_wide"
        else:
            return text
        name = self._find.value()
        self._writer.add(
            f"{name} = {text}",
            f"if not {bounds[0]} < {name} < {bounds[1]}:",
            f"    {refusal}({self._number})",
        )
        return name


def looked_at_first(clause: Clause) -> str | None:
    """The relation whose rows the outermost loop goes through, where nothing else is done before."""
    for step in plan(clause):
        match step:
            case Scan(_, access):
                return access.relation
            case AntiJoin(access) if access.any_row:
                continue  # part of the guard
            case _:
                return None
    return None


def relations_needed(clause: Clause) -> list[str]:
    """The relations without rows of which the clause cannot fire."""
    extremes = [aggregate.atom for aggregate in clause.aggregates if aggregate.op not in ("count", "sum")]
    return list(dict.fromkeys(atom.relation for atom in (*clause.body, *extremes)))


def _computes(expr: Expr) -> bool:
    """Whether a number may come out that is wider than those that went in."""
    match expr:
        case Arith() | Rescale() | Quotient() | Civil("months_between" | "years_between"):
            return True
        case Extreme(_, items):
            return any(map(_computes, items))
        case _:
            return False
