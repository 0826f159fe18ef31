"""Near misses: how far a clause comes towards a row that is wanted, and what it then lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from followcue.advice.support import RowDerivations
from followcue.explain.evidence import Evidence, Seen, row_key
from followcue.logic import program as ir
from followcue.logic.variables import test_variables, variables
from followcue.match.evaluate import evaluate_expr, joined, test_holds
from followcue.match.protocol import Environment, Facts
from followcue.rows import Row, Value

MOST_LEAVES = 160
"""So many ways to choose rows for the atoms of one clause are looked at."""
MOST_ROWS = 12
"""So many rows are tried for one atom, the newest first."""
FAR = 1000
"""Days beyond which one distance is as far as another."""

Bindings: TypeAlias = Mapping[str, Value]


class Goal(NamedTuple):
    """A row that is wanted: columns that must hold a value, and demands on `Var("@3")`, the fourth column."""

    relation: str
    bound: tuple[tuple[int, Value], ...] = ()
    demands: tuple[ir.Expr, ...] = ()
    present: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()


class Gap(NamedTuple):
    """One condition that does not hold.

    `missing`: no row for the atom (of the aggregate); `rows` then come near it. `blocked`: `rows` match what
    must be absent. `unequal`: a comparison fails.
    """

    kind: Literal["missing", "blocked", "unequal"]
    atom: ir.Atom | None = None
    rows: tuple[Row, ...] = ()
    aggregate: ir.Aggregate | None = None
    guard: ir.Expr | None = None
    settles: bool = False


class Attempt(NamedTuple):
    """A clause as far as it comes: rows for some of its atoms, and every condition that does not hold."""

    number: int
    clause: ir.Clause
    bindings: Bindings
    matched: tuple[tuple[ir.Atom, Row], ...]
    seen: tuple[Seen, ...]
    lacks: tuple[Gap, ...]
    guards: tuple[ir.Expr, ...]
    score: tuple[float, float]
    start: Bindings

    @property
    def premises(self) -> Iterator[tuple[str, Row]]:
        """The rows that it found, with their relations."""
        yield from dict.fromkeys((atom.relation, row) for atom, row in self.matched)
        for seen in self.seen:
            for row in seen.rows:
                yield seen.aggregate.atom.relation, row


class Scene:
    """The facts and conclusions of one evaluation."""

    def __init__(
        self,
        program: ir.Program,
        environment: Environment,
        facts: Facts,
        derived: Mapping[str, RowDerivations],
    ) -> None:
        self.program = program
        self.environment = environment
        self.derived = derived
        self._facts = facts
        self._rows: dict[str, list[Row]] = {}
        self._known: dict[tuple[Goal, int], list[Attempt]] = {}

    @cached_property
    def evidence(self) -> Evidence:
        """The derivations, to be read."""
        return Evidence(self.program, self.environment, self._facts, self.derived)

    def rows(self, relation: str) -> list[Row]:
        """The rows of a relation, the newest (or greatest) first."""
        if relation not in self._rows:
            found = self.derived if self.program.relations[relation].derived else self._facts
            self._rows[relation] = sorted(dict.fromkeys(found.get(relation, ())), key=row_key, reverse=True)
        return self._rows[relation]

    def attempts(self, goal: Goal, most: int) -> list[Attempt]:
        """The nearest misses of a derived row, the best first, one for each clause."""
        key = goal, most
        if key not in self._known:
            found = []
            for number in clauses_by_head(self.program).get(goal.relation, ()):
                found += self.tries(number, goal)[:1]
            self._known[key] = sorted(found, key=lambda attempt: attempt.score)[:most]
        return self._known[key]

    def tries(self, number: int, goal: Goal) -> list[Attempt]:
        """The nearest misses of one clause, the best first; none if its head can never be that row."""
        clause = self.program.clauses[number]
        unified = unify(clause.head, goal)
        if unified is None:
            return []
        bindings, guards = unified
        return _Trying(self, number, (*clause.guards, *guards)).best(bindings)


def clauses_by_head(program: ir.Program) -> Mapping[str, Sequence[int]]:
    """The numbers of the clauses that derive each relation."""
    if _HEADS.get(id(program), (None,))[0] is not program:
        heads: dict[str, list[int]] = {}
        for number, clause in enumerate(program.clauses):
            heads.setdefault(clause.head.relation, []).append(number)
        _HEADS.clear()
        _HEADS[id(program)] = program, heads
    return _HEADS[id(program)][1]


_HEADS: dict[int, tuple[ir.Program, dict[str, list[int]]]] = {}


def unify(head: ir.Head, goal: Goal) -> tuple[dict[str, Value], tuple[ir.Expr, ...]] | None:
    """What a wanted row makes of the variables of a head, and what must then hold; None if it cannot be."""
    bindings: dict[str, Value] = {}
    guards: list[ir.Expr] = []
    for column, value in goal.bound:
        match head.values[column]:
            case ir.Const(constant):
                if constant != value:
                    return None
            case ir.Var(name):
                if bindings.setdefault(name, value) != value:
                    return None
            case expr:
                guards.append(ir.Compare("==", expr, ir.Const(value)))
    nothing = ir.Const(None)
    if any(head.values[column] == nothing for column in goal.present):
        return None
    if any(head.values[column] != nothing for column in goal.absent):
        return None
    columns = {f"@{column}": expr for column, expr in enumerate(head.values)}
    for demand in goal.demands:
        if any(columns[name] == nothing for name in variables(demand)):
            return None
        guards.append(substituted(demand, columns))
    return bindings, tuple(guards)


def goal_of(
    atom: ir.Atom,
    outputs: Sequence[tuple[int, str]],
    bindings: Bindings,
    guards: Iterable[ir.Expr],
) -> Goal:
    """The row that an atom wants, as far as the bindings go."""
    bound: dict[int, Value] = {}
    open_: dict[str, ir.Expr] = {}
    present, absent = set(), set()
    for column, variable in (*atom.joins, *outputs):
        if variable in bindings and bindings[variable] is not None:
            bound[column] = bindings[variable]
        else:
            open_[variable] = ir.Var(f"@{column}")
            present.add(column)
    known: dict[str, ir.Expr] = {n: ir.Const(v) for n, v in bindings.items()}
    demands: list[ir.Expr] = []
    for test in atom.tests:
        asked = ir.Var(f"@{test.column}")
        if test.op == "present":
            present.add(test.column)
        elif test.op == "absent":
            absent.add(test.column)
        elif isinstance(test.value, tuple):
            options = tuple(ir.Compare("==", asked, ir.Const(value)) for value in test.value)
            demands.append(options[0] if len(options) == 1 else ir.Junction("or", options))
        elif test.value is not None and variables(test.value) <= known.keys() | open_.keys():
            value = substituted(test.value, {**known, **open_})
            if test.op == "==" and isinstance(value, ir.Const):
                bound[test.column] = value.value
            else:
                demands.append(ir.Compare(test.op, asked, value))  # type: ignore[arg-type]
    for guard in guards:
        names = variables(guard)
        if names & open_.keys() and names <= known.keys() | open_.keys():
            demands.append(substituted(guard, {**known, **open_}))
    return Goal(
        atom.relation, tuple(sorted(bound.items())), tuple(demands), frozenset(present), frozenset(absent)
    )


def substituted(expr: ir.Expr, values: Mapping[str, ir.Expr]) -> ir.Expr:
    """The expression with variables replaced."""
    match expr:
        case ir.Var(name):
            return values.get(name, expr)
        case ir.Arith(op, left, right):
            return ir.Arith(op, substituted(left, values), substituted(right, values))
        case ir.Shift(day, by, sign):
            return ir.Shift(substituted(day, values), substituted(by, values), sign)
        case ir.Compare(op, left, right):
            return ir.Compare(op, substituted(left, values), substituted(right, values))
        case ir.Extreme(op, items):
            return ir.Extreme(op, tuple(substituted(item, values) for item in items))
        case ir.Junction(op, items):
            return ir.Junction(op, tuple(substituted(item, values) for item in items))
        case _:
            return expr


def parts_of(guards: Iterable[ir.Expr]) -> Iterator[ir.Expr]:
    """Every comparison that must hold by itself."""
    for guard in guards:
        if isinstance(guard, ir.Junction) and guard.op == "and":
            yield from parts_of(guard.items)
        else:
            yield guard


class _Trying:
    """The search for the rows with which one clause comes furthest."""

    def __init__(self, scene: Scene, number: int, guards: Iterable[ir.Expr]) -> None:
        self._scene = scene
        self._number = number
        self._clause = scene.program.clauses[number]
        self._guards = tuple(parts_of(guards))
        self._leaves = 0
        self._start: Bindings = {}

    def best(self, bindings: Bindings) -> list[Attempt]:
        """Every way that was looked at, the best first."""
        self._start = bindings
        found = [attempt for leaf in self._filled(self._clause.body, bindings, ()) for attempt in leaf]
        return sorted(found, key=lambda attempt: attempt.score)

    def _filled(
        self, atoms: Sequence[ir.Atom], bindings: Bindings, matched: tuple[tuple[ir.Atom, Row | None], ...]
    ) -> Iterator[Iterator[Attempt]]:
        if not atoms:
            self._leaves += 1
            yield self._finished(bindings, matched)
            return
        atom = min(atoms, key=lambda a: -sum(variable in bindings for _, variable in a.joins))
        rest = tuple(other for other in atoms if other is not atom)
        some = False
        for row in self._fitting(atom, bindings):
            some = True
            bound = joined(atom.joins, row, bindings)
            assert bound is not None
            yield from self._filled(rest, bound, (*matched, (atom, row)))
            if self._leaves >= MOST_LEAVES:
                return
        if not some:
            yield from self._filled(rest, bindings, (*matched, (atom, None)))

    def _fitting(self, atom: ir.Atom, bindings: Bindings) -> Iterator[Row]:
        count = 0
        for row in self._scene.rows(atom.relation):
            bound = joined(atom.joins, row, bindings)
            if bound is not None and self._passes(row, atom.tests, bound):
                yield row
                count += 1
                if count == MOST_ROWS:
                    return

    def _passes(self, row: Row, tests: Iterable[ir.Test], bindings: Bindings) -> bool:
        env = self._scene.environment
        return all(
            test_holds(test, row, bindings, env) for test in tests if test_variables(test) <= bindings.keys()
        )

    def _matching(self, atom: ir.Atom, bindings: Bindings) -> list[Row] | None:
        """The rows that match; None where some variable is not known."""
        needed = {variable for _, variable in atom.joins}.union(*map(test_variables, atom.tests))
        if not needed <= bindings.keys():
            return None
        return [
            row
            for row in self._scene.rows(atom.relation)
            if joined(atom.joins, row, bindings) is not None and self._passes(row, atom.tests, bindings)
        ]

    def _finished(
        self, bindings: Bindings, matched: tuple[tuple[ir.Atom, Row | None], ...]
    ) -> Iterator[Attempt]:
        lacks: list[Gap] = []
        found: list[tuple[ir.Atom, Row]] = []
        for atom, row in matched:
            if row is not None and self._passes(row, atom.tests, bindings):
                found.append((atom, row))
            else:
                near = (row,) if row is not None else tuple(self._near(atom, bindings))
                lacks.append(Gap("missing", atom, near))
        order = {id(atom): place for place, atom in enumerate(self._clause.body)}
        found.sort(key=lambda pair: order[id(pair[0])])
        lacks.sort(key=lambda lack: order[id(lack.atom)])
        for bound, seen, more in self._aggregated(self._clause.aggregates, bindings, (), ()):
            yield self._judged(bound, tuple(found), seen, [*lacks, *more])

    def _near(self, atom: ir.Atom, bindings: Bindings) -> Iterator[Row]:
        """Rows that fail only the tests of the atom."""
        if atom.tests:
            rows = self._scene.rows(atom.relation)
            yield from [row for row in rows if joined(atom.joins, row, bindings) is not None][:2]

    def _aggregated(
        self,
        aggregates: Sequence[ir.Aggregate],
        bindings: Bindings,
        seen: tuple[Seen, ...],
        lacks: tuple[Gap, ...],
    ) -> Iterator[tuple[Bindings, tuple[Seen, ...], tuple[Gap, ...]]]:
        if not aggregates:
            yield bindings, seen, lacks
            return
        first, rest = aggregates[0], aggregates[1:]
        rows = self._matching(first.atom, bindings)
        outcomes = [] if rows is None else list(self._outcomes(first, rows, bindings))
        for bound, chosen in outcomes[:2]:
            told = Seen(first, tuple(sorted(chosen, key=row_key)), len(rows or ()))
            yield from self._aggregated(rest, bound, (*seen, told), lacks)
        if not outcomes:
            lack = Gap("missing", first.atom, (), first)
            yield from self._aggregated(rest, bindings, seen, (*lacks, lack))

    def _outcomes(
        self, aggregate: ir.Aggregate, rows: Sequence[Row], bindings: Bindings
    ) -> Iterator[tuple[Bindings, tuple[Row, ...]]]:
        if aggregate.op == "count":
            yield self._given(bindings, aggregate, len(rows)), tuple(rows)
            return
        column = aggregate.column
        assert column is not None
        valued = [(value, row) for row in rows if (value := row[column]) is not None]
        if aggregate.op == "sum":
            total = sum(int(value) for value, _ in valued)
            yield self._given(bindings, aggregate, total), tuple(row for _, row in valued)
        elif valued:
            values = [value for value, _ in valued]
            furthest = max if aggregate.op in ("max", "newest") else min
            extreme = furthest(values)
            chosen = tuple(row for value, row in valued if value == extreme)
            if aggregate.op in ("min", "max"):
                yield self._given(bindings, aggregate, extreme), chosen
            else:
                for row in chosen:
                    bound = joined(aggregate.outputs, row, bindings)
                    if bound is not None:
                        yield bound, (row,)

    def _given(self, bindings: Bindings, aggregate: ir.Aggregate, value: Value) -> Bindings:
        """The bindings with a result; a value that the goal demands instead stays, and a guard tells."""
        return {**bindings, aggregate.result or "": value}

    def _judged(
        self,
        bindings: Bindings,
        matched: tuple[tuple[ir.Atom, Row], ...],
        seen: tuple[Seen, ...],
        lacks: list[Gap],
    ) -> Attempt:
        clause, unknown, distance = self._clause, 0, 0.0
        for guard in self._guards:
            if not variables(guard) <= bindings.keys():
                unknown += 1
            elif not evaluate_expr(guard, bindings, self._scene.environment):
                lacks.append(Gap("unequal", guard=guard))
                distance += self._distance(guard, bindings)
        first_settling = len(clause.negated) - clause.settled
        for place, atom in enumerate(clause.negated):
            rows = self._matching(atom, bindings)
            if rows is None:
                unknown += 1
            elif rows:
                lacks.append(Gap("blocked", atom, tuple(rows), settles=place >= first_settling))
        score = len(lacks) + 0.9 * unknown, distance
        return Attempt(
            self._number, clause, bindings, matched, seen, tuple(lacks), self._guards, score, self._start
        )

    def _distance(self, guard: ir.Expr, bindings: Bindings) -> float:
        if not isinstance(guard, ir.Compare):
            return 1.0
        env = self._scene.environment
        left, right = (evaluate_expr(side, bindings, env) for side in (guard.left, guard.right))
        if isinstance(left, int) and isinstance(right, int):
            return min(abs(left - right), FAR) / FAR
        return 1.0
