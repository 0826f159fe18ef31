"""Near misses: how far each clause comes towards a row that is wanted, and what it then lacks.

Idea: unify the head of a clause with the goal, then choose rows for the atoms of its body one after the
other, as a matcher does; but where no row fits, go on without one, and the atom becomes a gap. Each way
through all atoms is an attempt, and the best attempt has the fewest gaps.

    clause   remind(L) :- lent(L, due D), D < today, not returned(L).
    goal     remind(emma), on 10 March        facts   lent(emma, due 12 March), returned(emma)

    lent(emma, due 12 March)      fits
    12 March < 10 March           fails: a gap `unequal`, two days off
    not returned(emma)            returned(emma) is there: a gap `blocked`
    -> an attempt with two gaps, its score (2, 0.002)

Invariant: the rows of an attempt agree with its bindings, and each condition of the clause holds of them, or
is among its `lacks`, or speaks of a variable that nothing binds, which counts for a little less than a gap.
At most `MOST_LEAVES` ways and `MOST_ROWS` rows an atom are looked at, the newest first: in a large situation
a nearer miss may be overlooked, but what is told is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from followcue.base.rows import Row, Value
from followcue.evaluation.advice.support import RowDerivations
from followcue.evaluation.match.interpret import evaluate_expr, joined, test_holds
from followcue.evaluation.match.protocol import Environment, Facts
from followcue.explain.evidence import AggregateRows, Evidence, premises_of, row_key
from followcue.explain.why_not.goals import Bindings, Goal, parts_of, unify
from followcue.language.logic import program as ir
from followcue.language.logic.walk import test_variables, variables

MOST_LEAVES = 160
"""So many ways to choose rows for the atoms of one clause are looked at."""
MOST_ROWS = 12
"""So many rows are tried for one atom, the newest first."""
FAR = 1000
"""Days beyond which one distance is as far as another."""


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
    seen: tuple[AggregateRows, ...]
    lacks: tuple[Gap, ...]
    guards: tuple[ir.Expr, ...]
    score: tuple[float, float]
    start: Bindings

    @property
    def premises(self) -> Iterator[tuple[str, Row]]:
        """The rows that it found, with their relations."""
        return premises_of(self.matched, self.seen)


class FactBase(Evidence):
    """The facts and conclusions of one evaluation, to be searched for how near clauses come."""

    def __init__(
        self,
        program: ir.Program,
        environment: Environment,
        facts: Facts,
        derived: Mapping[str, RowDerivations],
    ) -> None:
        super().__init__(program, environment, facts, derived)
        self._newest_first: dict[str, list[Row]] = {}
        self._attempts: dict[tuple[Goal, int], list[Attempt]] = {}

    @cached_property
    def heads(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the clauses that derive each relation."""
        heads: dict[str, list[int]] = {}
        for number, clause in enumerate(self.program.clauses):
            heads.setdefault(clause.head.relation, []).append(number)
        return heads

    def rows(self, relation: str) -> list[Row]:
        """The rows of a relation, the newest (or greatest) first."""
        if relation not in self._newest_first:
            found = dict.fromkeys(self._rows(relation))
            self._newest_first[relation] = sorted(found, key=row_key, reverse=True)
        return self._newest_first[relation]

    def attempts(self, goal: Goal, most: int) -> list[Attempt]:
        """The nearest misses of a derived row, the best first, one for each clause."""
        key = goal, most
        if key not in self._attempts:
            found = []
            for number in self.heads.get(goal.relation, ()):
                found += self.tries(number, goal)[:1]
            self._attempts[key] = sorted(found, key=lambda attempt: attempt.score)[:most]
        return self._attempts[key]

    def tries(self, number: int, goal: Goal) -> list[Attempt]:
        """The nearest misses of one clause, the best first; none if its head can never be that row."""
        clause = self.program.clauses[number]
        unified = unify(clause.head, goal)
        if unified is None:
            return []
        bindings, guards = unified
        return _Trying(self, number, (*clause.guards, *guards)).best(bindings)


class _Trying:
    """The search for the rows with which one clause comes furthest."""

    def __init__(self, fact_base: FactBase, number: int, guards: Iterable[ir.Expr]) -> None:
        self._fact_base = fact_base
        self._number = number
        self._clause = fact_base.program.clauses[number]
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
        for row in self._fact_base.rows(atom.relation):
            bound = joined(atom.joins, row, bindings)
            if bound is not None and self._passes(row, atom.tests, bound):
                yield row
                count += 1
                if count == MOST_ROWS:
                    return

    def _passes(self, row: Row, tests: Iterable[ir.Test], bindings: Bindings) -> bool:
        env = self._fact_base.environment
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
            for row in self._fact_base.rows(atom.relation)
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
            rows = self._fact_base.rows(atom.relation)
            yield from [row for row in rows if joined(atom.joins, row, bindings) is not None][:2]

    def _aggregated(
        self,
        aggregates: Sequence[ir.Aggregate],
        bindings: Bindings,
        seen: tuple[AggregateRows, ...],
        lacks: tuple[Gap, ...],
    ) -> Iterator[tuple[Bindings, tuple[AggregateRows, ...], tuple[Gap, ...]]]:
        if not aggregates:
            yield bindings, seen, lacks
            return
        first, rest = aggregates[0], aggregates[1:]
        rows = self._matching(first.atom, bindings)
        outcomes = [] if rows is None else list(self._outcomes(first, rows, bindings))
        for bound, chosen in outcomes[:2]:
            told = AggregateRows(first, tuple(sorted(chosen, key=row_key)), len(rows or ()))
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
        """The bindings with the result of an aggregate; a guard compares it with what the goal demands."""
        return {**bindings, aggregate.result or "": value}

    def _judged(
        self,
        bindings: Bindings,
        matched: tuple[tuple[ir.Atom, Row], ...],
        seen: tuple[AggregateRows, ...],
        lacks: list[Gap],
    ) -> Attempt:
        clause, unknown, distance = self._clause, 0, 0.0
        for guard in self._guards:
            if not variables(guard) <= bindings.keys():
                unknown += 1
            elif not evaluate_expr(guard, bindings, self._fact_base.environment):
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
        env = self._fact_base.environment
        left, right = (evaluate_expr(side, bindings, env) for side in (guard.left, guard.right))
        if isinstance(left, int) and isinstance(right, int):
            return min(abs(left - right), FAR) / FAR
        return 1.0
