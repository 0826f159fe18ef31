"""The rules that join a clause's body, as many atoms at a time as the breadth allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from followcue.evaluation.match.durable.condition import Condition, Place, Scope, control_condition
from followcue.evaluation.match.durable.contract import MOST_JOINS, MOST_POSITIVE
from followcue.evaluation.match.durable.fields import Comparison, Fields
from followcue.evaluation.match.durable.negation import negated_beside_body
from followcue.evaluation.match.durable.order import JoinOrder
from followcue.evaluation.match.durable.plan import Auxiliary, Operand, Rule
from followcue.language.logic.program import Atom, Test, Var
from followcue.language.logic.variables import test_variables


@dataclass(frozen=True, slots=True)
class Breadth:
    """How much one rule may join: so many conditions besides the control condition, and in which way."""

    conditions: int
    by_equality_only: bool


WIDE = Breadth(conditions=MOST_POSITIVE - 1, by_equality_only=False)
"""Whole bodies in one rule, as far as the engine allows."""

NARROW = Breadth(conditions=2, by_equality_only=True)
"""Two by two, so that the host sees and counts every partial match: no assertion can run away."""


class BodyPlanner:
    """Makes the rules that join one body; `late` collects the tests that are left to the host."""

    def __init__(self, clause: int, order: JoinOrder, fields: Fields, breadth: Breadth) -> None:
        self.rules: list[Rule] = []
        self.late: list[tuple[int, Test]] = []
        self._clause = clause
        self._order = order
        self._fields = fields
        self._breadth = breadth

    def join(self, negated: Sequence[Atom] = (), stratum: int = 0) -> None:
        """Make the rules; `negated` atoms stand beside a body that fits one rule."""
        done = 0
        previous: Auxiliary | None = None
        while done < len(self._order.atoms):
            end = min(done + self._breadth.conditions - (previous is not None), len(self._order.atoms))
            following = self._auxiliary(end) if end < len(self._order.atoms) else None
            self._rule(range(done, end), previous, following, negated, stratum)
            done, previous = end, following

    def _auxiliary(self, done: int) -> Auxiliary:
        """What the atoms after the first `done` need to know of those."""
        operands = (Operand(f"v{n}", Var(name)) for n, name in enumerate(self._order.carried(done)))
        return Auxiliary(f"b{self._clause}_{done}", tuple(operands))

    def _rule(
        self,
        places: range,
        previous: Auxiliary | None,
        following: Auxiliary | None,
        negated: Sequence[Atom],
        stratum: int,
    ) -> None:
        scope: Scope = {}
        before = [control_condition(stratum)] if stratum else []
        if previous is not None:
            before.append(self._carried(previous.kind, places.start, scope))
        matched = [self._positive(place, scope) for place in places]
        beside = [negated_beside_body(n, atom, scope, self._fields) for n, atom in enumerate(negated)]
        names = tuple(condition.name for condition in matched)
        conditions = (*before, *matched, *beside)
        continues = previous is not None
        self.rules.append(Rule(self._clause, conditions, names, stratum, continues=continues, next=following))

    def _carried(self, kind: str, done: int, scope: Scope) -> Condition:
        """The condition on a match of the first `done` atoms; adds the variables that it holds to `scope`."""
        condition = Condition("p", kind)
        for number, name in enumerate(self._order.carried(done)):
            scope[name] = Place(condition, f"v{number}")
        return condition

    def _positive(self, place: int, scope: Scope) -> Condition:
        """The condition on one atom; adds the variables that it binds to `scope`."""
        atom = self._order.atoms[place]
        condition = self._fields.condition(f"p{place}", atom)
        own: Scope = {}
        for column, variable in atom.joins:
            name = self._fields.column(condition.kind, column)
            condition.require(name)
            if variable in own:
                condition.equate(name, own[variable].field)
            elif variable in scope:
                self._join(condition, place, Test(column, "==", Var(variable)), scope[variable])
            else:
                own[variable] = Place(condition, name, column)
        for test in atom.tests:
            if isinstance(test.value, Var) and test.value.name in scope:
                self._join(condition, place, test, scope[test.value.name])
            elif test_variables(test):
                self.late.append((place, test))
            else:
                self._fields.demand(condition, test)
        scope |= own
        return condition

    def _join(self, condition: Condition, place: int, test: Test, other: Place) -> None:
        """Join on equality exactly; on order only roughly, which the host then makes exact."""
        comparison = Comparison.of(test)
        assert comparison is not None
        exact = ("==",) if self._breadth.by_equality_only else ("==", "!=")
        if condition.joins >= MOST_JOINS - 1:
            self.late.append((place, test))
        elif comparison.op in exact:
            name = self._fields.column(condition.kind, comparison.column)
            condition.join(comparison.op, name, other.condition, other.field)
        else:
            self.late.append((place, test))
            if not self._breadth.by_equality_only:
                self._join_roughly(condition, comparison, other)

    def _join_roughly(self, condition: Condition, comparison: Comparison, other: Place) -> None:
        """Where numbers have `<`, clamped ones have `<=`: that spares the host most of its refusals."""
        fields = self._fields
        if other.column is None or not fields.ordered(condition.kind, comparison.column):
            return
        if fields.ordered(other.condition.kind, other.column):
            mine = fields.column(condition.kind, comparison.column, clamped=True)
            theirs = fields.column(other.condition.kind, other.column, clamped=True)
            condition.join("<=" if comparison.op in ("<", "<=") else ">=", mine, other.condition, theirs)
