"""Negated atoms in the network: beside the body, or in rules of their own that filter candidates."""

from __future__ import annotations

from collections.abc import Collection

from followcue.evaluation.match.durable.condition import BoundPlaces, ConditionElement, control_condition
from followcue.evaluation.match.durable.fact_fields import ColumnComparison, Fields
from followcue.evaluation.match.durable.network_plan import Auxiliary, BoundField, NetworkRule, Operand
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.language.logic.program import Atom, Clause, Expr, Var
from followcue.language.logic.walk import test_variables

_MOST_AT_ONCE = 12


def stands_beside_body(atom: Atom, bound: Collection[str]) -> bool:
    """Whether a negated atom compares variables of the body only, and only whether they are equal."""
    return all(variable in bound for _, variable in atom.joins) and all(
        not test_variables(test)
        or (isinstance(test.value, Var) and test.op in ("==", "!=") and test.value.name in bound)
        for test in atom.tests
    )


def negated_beside_body(number: int, atom: Atom, scope: BoundPlaces, fields: Fields) -> ConditionElement:
    """The condition on a negated atom in the rule that joins the body: every variable is a column of that."""
    condition = fields.condition(f"n{number}", atom, negated=True)
    for column, variable in atom.joins:
        other = scope[variable]
        condition.join("==", fields.column(condition.kind, column), other.condition, other.field)
    for test in atom.tests:
        comparison = ColumnComparison.of(test)
        if comparison and isinstance(comparison.value, Var):
            other = scope[comparison.value.name]
            mine = fields.column(condition.kind, test.column)
            condition.join(comparison.op, mine, other.condition, other.field)
        else:
            fields.demand(condition, test)
    return condition


class CandidatePlanner:
    """Makes the rules in which candidates meet the negated atoms of one clause, a dozen at a time.

    Every candidate carries all operands and bounds: what the host computes once is handed on as it is.
    """

    def __init__(self, number: int, clause: Clause, stratum: int, fields: Fields) -> None:
        self.rules: list[NetworkRule] = []
        self.scanned: list[str] = []
        self._number = number
        self._clause = clause
        self._stratum = stratum
        self._fields = fields
        self._operands: dict[Expr, Operand] = {}
        self._bounds: list[BoundField] = []

    def plan(self) -> Auxiliary:
        """Make the rules; returns the candidate that the host asserts."""
        groups = [self._conditions(start) for start in range(0, len(self._clause.negated), _MOST_AT_ONCE)]
        operands, bounds = tuple(self._operands.values()), tuple(self._bounds)
        candidates = [Auxiliary(candidate.kind, operands, bounds) for _, candidate, *_ in groups]
        for conditions, following in zip(groups, [*candidates[1:], None], strict=True):
            self.rules.append(
                NetworkRule(
                    self._number, tuple(conditions), stratum=self._stratum, filters=True, next=following
                )
            )
        return candidates[0]

    def _conditions(self, start: int) -> list[ConditionElement]:
        """Control, candidate, and the negated atoms from number `start` on."""
        candidate = ConditionElement("p", f"n{self._number}_{start}")
        atoms = list(enumerate(self._clause.negated))[start : start + _MOST_AT_ONCE]
        negated = [self._negated(number, atom, candidate) for number, atom in atoms]
        return [control_condition(self._stratum), candidate, *negated]

    def _negated(self, number: int, atom: Atom, candidate: ConditionElement) -> ConditionElement:
        """The condition on one atom: every value to compare with is a field of the candidate."""
        condition = self._fields.condition(f"n{number}", atom, negated=True)
        for column, variable in atom.joins:
            mine = self._fields.column(condition.kind, column)
            condition.join("==", mine, candidate, self._operand(Var(variable)))
        for test in atom.tests:
            comparison = ColumnComparison.of(test)
            if comparison is None or not test_variables(test):
                self._fields.demand(condition, test)
            elif comparison.op in ("==", "!="):
                mine = self._fields.column(condition.kind, test.column)
                condition.join(comparison.op, mine, candidate, self._operand(comparison.value))
            else:
                self._join_in_order(condition, number, comparison, candidate)
        if not condition.equalities:
            self.scanned.append(atom.relation)
        return condition

    def _join_in_order(
        self,
        condition: ConditionElement,
        number: int,
        comparison: ColumnComparison,
        candidate: ConditionElement,
    ) -> None:
        if not self._fields.ordered(condition.kind, comparison.column):
            relation = self._clause.negated[number].relation
            raise MatcherUnavailable(
                f"rule {self._clause.rule}: durable-rules can only tell whether texts are equal "
                f"({relation}); `compiled` and `reference` give the same answers"
            )
        mine = self._fields.column(condition.kind, comparison.column, clamped=True)
        bound = BoundField(f"o{len(self._bounds)}", comparison.value, number, comparison.op)
        self._bounds.append(bound)
        condition.join(comparison.op, mine, candidate, bound.field)

    def _operand(self, value: Expr) -> str:
        """The field that carries the value; equal expressions share one."""
        return self._operands.setdefault(value, Operand(f"v{len(self._operands)}", value)).field
