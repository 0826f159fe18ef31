"""An upper bound of what the network would have to join, before it is asked to.

A fact that completes a billion joins does so inside one call that nothing can stop. So rules that join three
or more conditions are asked for only while the bound is small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from followcue.evaluation.match.durable.condition import Condition
from followcue.evaluation.match.durable.contract import CONTROL
from followcue.evaluation.match.durable.fields import Column
from followcue.evaluation.match.durable.plan import Plan, Rule

MOST_JOINED = 300_000
"""How many partial matches of one rule the network may hold."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """A condition: how many facts join one match of those before it depends on its kind and these columns."""

    kind: str
    columns: tuple[int, ...]
    negated: bool


def may_explode(plan: Plan) -> tuple[tuple[FanOut, ...], ...]:
    """The conditions of the rules in which one more fact may cost more than the rows that it joins."""
    rules = (rule for rule in plan.rules.values() if not rule.filters)
    joins = ((rule, _fan_outs(rule, plan)) for rule in rules)
    return tuple(
        join
        for rule, join in joins
        if len(join) > 1 and (rule.stratum or len(join) > 2 or not join[1].columns)
    )


def _fan_outs(rule: Rule, plan: Plan) -> tuple[FanOut, ...]:
    return tuple(
        FanOut(condition.kind, _equal_columns(condition, plan), condition.negated)
        for condition in rule.conditions
        if condition.kind != CONTROL
    )


def _equal_columns(condition: Condition, plan: Plan) -> tuple[int, ...]:
    sources = (plan.sources[condition.kind][name] for name in condition.equalities)
    return tuple(source.column for source in sources if isinstance(source, Column))


class Growth:
    """Watches the facts of one run, by kind, against the joins that may explode."""

    def __init__(
        self, joins: Sequence[Sequence[FanOut]], facts: Mapping[str, Collection[Sequence[object]]]
    ) -> None:
        self._joins = joins
        self._longest = max(map(len, joins), default=0)
        self._facts = facts
        self._degrees: dict[tuple[str, int], tuple[int, int]] = {}

    def is_bounded(self, total: int) -> bool:
        """Whether no rule can have more than `MOST_JOINED` partial matches of `total` facts."""
        return bool(total**self._longest <= MOST_JOINED) or all(map(self._fits, self._joins))

    def _fits(self, join: Sequence[FanOut]) -> bool:
        """Whether the product of what each condition can add stays small at every prefix."""
        joined = 1
        for condition in join:
            tried = joined * self._most_joining(condition)
            if tried > MOST_JOINED:
                return False
            if not condition.negated:
                joined = tried
        return True

    def _most_joining(self, condition: FanOut) -> int:
        """How many facts at most join one partial match: the most that share a joined value."""
        size = len(self._facts.get(condition.kind, ()))
        return min((self._degree(condition.kind, column, size) for column in condition.columns), default=size)

    def _degree(self, kind: str, column: int, size: int) -> int:
        """A bound of how many rows share a value; counted anew only when the relation has grown by a half."""
        known, counted = self._degrees.get((kind, column), (0, 0))
        if counted == 0 or size - counted > counted // 2:
            counts = Counter(row[column] for row in self._facts[kind])
            known, counted = max(counts.values(), default=0), size
            self._degrees[kind, column] = known, counted
        return known + size - counted
