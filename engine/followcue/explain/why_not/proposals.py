"""Proposals: from a near miss backwards to the edits of the situation that might make up for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from followcue.base.rows import Row, Value
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.situation.situation import Situation
from followcue.explain.why_not.first_day import HORIZON, first_day
from followcue.explain.why_not.goals import Bindings, Goal, goal_of
from followcue.explain.why_not.near_misses import Attempt, FactBase, Gap
from followcue.explain.why_not.new_facts import FactProposer
from followcue.explain.why_not.situation_edits import Edits, Setting, Wait
from followcue.language.logic import program as ir
from followcue.language.logic.walk import parameters_in, variables
from followcue.language.model.vocabulary import CALENDAR, Kind, Vocabulary

DEEPEST = 6
"""Through so many conclusions a cause is followed."""
NEAREST = 3
"""So many clauses of a missing conclusion are followed."""


class EditProposer:
    """Proposes edits in one situation; `document` is its data, `to` the person who is asked about."""

    def __init__(
        self, vocabulary: Vocabulary, fact_base: FactBase, situation: Situation, data: object, to: str | None
    ) -> None:
        self._vocabulary = vocabulary
        self._fact_base = fact_base
        self._facts = FactProposer(vocabulary, fact_base, situation, data, to)
        self._seen: set[tuple[Goal, bool]] = set()

    def of(self, attempt: Attempt, depth: int = DEEPEST) -> Iterator[Edits]:
        """Edits that may make up for what an attempt lacks, likely ones first; some of them come twice."""
        for lack in attempt.lacks:
            yield from self._for_lack(attempt, lack, depth)
        if any(lack.kind != "missing" for lack in attempt.lacks):
            yield from self._anew(attempt, depth)

    def breaking(self, relation: str, row: Row, depth: int = DEEPEST) -> Iterator[Edits]:
        """Edits that may make a row disappear."""
        kind = self._kind(relation)
        if kind.is_event:
            yield from self._facts.without_event(relation, row)
        elif kind.role == "record":
            yield from self._facts.other_record(relation, row)
        elif depth > 0:
            for firing in self._fact_base.of((relation, row))[:NEAREST]:
                yield from self.breaking_firing(firing, depth)

    def breaking_firing(self, firing: Any, depth: int = DEEPEST) -> Iterator[Edits]:
        """Edits after which a derivation may no longer hold."""
        clause, bindings = firing.clause, firing.bindings
        for atom in clause.negated:
            yield from self.for_goal(goal_of(atom, (), bindings, ()), depth - 1)
        for expr in clause.guards:
            yield from self._waits(expr, bindings, wanted=False)
        for atom, row in firing.matched:
            for compare in _comparisons(atom, row):
                yield from self._waits(compare, bindings, wanted=False)
        for seen in firing.seen:
            goal = goal_of(seen.aggregate.atom, (), bindings, ())
            yield from self.for_goal(goal, depth - 1)
        for relation, row in firing.premises:
            if not self._is_scope(relation):
                yield from self.breaking(relation, row, depth - 1)
        for expr in clause.guards:
            yield from self._settings(expr, bindings, wanted=False)

    def for_goal(self, goal: Goal, depth: int) -> Iterator[Edits]:
        """Edits that may bring about a row."""
        if (goal, depth > 0) in self._seen:
            return
        self._seen.add((goal, depth > 0))
        kind = self._kind(goal.relation)
        if kind.is_event:
            yield from self._facts.events(goal)
        elif kind.role == "record":
            yield from self._facts.records(goal)
        elif depth > 0:
            for attempt in self._fact_base.attempts(goal, NEAREST):
                yield from self.of(attempt, depth - 1)

    # --- what is lacking
    def _for_lack(self, attempt: Attempt, lack: Gap, depth: int) -> Iterator[Edits]:
        if lack.kind == "unequal":
            assert lack.guard is not None
            yield from self._unequal(attempt, lack.guard, depth)
        elif lack.kind == "missing":
            assert lack.atom is not None
            outputs = lack.aggregate.outputs if lack.aggregate else ()
            goal = goal_of(lack.atom, outputs, attempt.bindings, attempt.guards)
            yield from self.for_goal(goal, depth)
            yield from self._nearly(attempt, lack)
        else:
            assert lack.atom is not None
            for row in lack.rows[:NEAREST]:
                for compare in _comparisons(lack.atom, row):
                    yield from self._waits(compare, attempt.bindings, wanted=False)
                yield from self.breaking(lack.atom.relation, row, depth)

    def _nearly(self, attempt: Attempt, lack: Gap) -> Iterator[Edits]:
        """The rows that fail only tests: another day, or another value in them."""
        assert lack.atom is not None
        for row in lack.rows:
            for compare in _comparisons(lack.atom, row):
                yield from self._waits(compare, attempt.bindings, wanted=True)
                yield from self._settings(compare, attempt.bindings, wanted=True)
            yield from self._facts.other_fields(lack.atom, row, attempt.bindings)

    def _unequal(self, attempt: Attempt, guard: ir.Expr, depth: int) -> Iterator[Edits]:
        yield from self._waits(guard, attempt.bindings, wanted=True)
        used = variables(guard)
        for atom in attempt.clause.body:
            own = {variable for _, variable in atom.joins if variable in used}
            if own:
                known = {n: v for n, v in attempt.bindings.items() if n not in own}
                yield from self.for_goal(goal_of(atom, (), known, (guard,)), depth)
        for aggregate in attempt.clause.aggregates:
            own = {variable for _, variable in aggregate.outputs if variable in used}
            if own:
                known = {n: v for n, v in attempt.bindings.items() if n not in own}
                yield from self.for_goal(goal_of(aggregate.atom, aggregate.outputs, known, (guard,)), depth)
            elif aggregate.result in used:
                goal = goal_of(aggregate.atom, (), attempt.bindings, ())
                yield from self.for_goal(self._measured(goal, aggregate, guard, attempt.bindings), depth)
                for seen in attempt.seen:
                    if seen.aggregate is aggregate:
                        for row in seen.rows[:NEAREST]:
                            yield from self.breaking(aggregate.atom.relation, row, depth - 1)
        yield from self._settings(guard, attempt.bindings, wanted=True)

    def _measured(self, goal: Goal, aggregate: ir.Aggregate, guard: ir.Expr, bindings: Bindings) -> Goal:
        """One fact more for an aggregate, of the size with which its comparison would hold."""
        column, result = aggregate.column, aggregate.result or ""
        now = bindings.get(result)
        if column is None or not isinstance(now, int) or variables(guard) - bindings.keys():
            return goal
        for step in range(1, HORIZON):
            for size in (step, -step):
                then = {**bindings, result: now + size}
                if evaluate_expr(guard, then, self._fact_base.environment):
                    value = size if aggregate.op == "sum" else now + size
                    return goal.with_value(column, value)
        return goal

    def _anew(self, attempt: Attempt, depth: int) -> Iterator[Edits]:
        """New facts for the conditions of the clause, bound by nothing but the goal."""
        for atom in attempt.clause.body:
            if not self._is_scope(atom.relation) and self._kind(atom.relation).role != "record":
                yield from self.for_goal(goal_of(atom, (), attempt.start, ()), min(depth, 3))
        for aggregate in attempt.clause.aggregates:
            goal = goal_of(aggregate.atom, aggregate.outputs, attempt.start, ())
            yield from self.for_goal(goal, min(depth, 3))

    # --- days and parameters
    def _waits(self, expr: ir.Expr, bindings: Bindings, *, wanted: bool) -> Iterator[Edits]:
        """The first later day on which a comparison comes out as wanted."""
        day = first_day(expr, bindings, self._fact_base.environment, wanted=wanted)
        if day is not None:
            yield (Wait(calendar_day(day)),)

    def _settings(self, expr: ir.Expr, bindings: Bindings, *, wanted: bool) -> Iterator[Edits]:
        """The nearest other value of each parameter with which a comparison comes out as wanted."""
        if variables(expr) - bindings.keys():
            return
        environment = self._fact_base.environment
        for name in dict.fromkeys(parameters_in(expr)):
            for value, written in self._other_values(name):
                parameters = {**environment.parameters, name: value}
                if bool(evaluate_expr(expr, bindings, environment._replace(parameters=parameters))) is wanted:
                    yield (Setting(name, written),)
                    break

    def _other_values(self, name: str) -> Iterator[tuple[Value, object]]:
        """The values that a parameter could have instead, the nearest first."""
        if name == "profile":
            yield from ((profile, profile) for profile in self._vocabulary.profiles)
            return
        parameter = self._vocabulary.parameters.get(name)
        now = self._fact_base.environment.parameters.get(name)
        if parameter is None or name in {p.name for p in CALENDAR}:
            return
        if parameter.type.choices:
            yield from ((choice, choice) for choice in parameter.type.choices if choice != now)
        elif isinstance(now, bool):
            yield not now, not now
        elif isinstance(now, int):
            for step in range(1, HORIZON):
                for value in (now + step, now - step):
                    if value >= 0:
                        yield value, as_written(value, parameter.type.base)

    # --- small questions
    def _kind(self, relation: str) -> Kind:
        return self._vocabulary.kind_of(relation)

    def _is_scope(self, relation: str) -> bool:
        return self._vocabulary.is_scope(relation)


def _comparisons(atom: ir.Atom, row: Row) -> Iterator[ir.Expr]:
    """The tests of an atom, as comparisons of what the row holds."""
    for test in atom.tests:
        if isinstance(test.value, ir.Expr) and row[test.column] is not None:
            yield ir.Compare(cast(ir.CompareOp, test.op), ir.Const(row[test.column]), test.value)
