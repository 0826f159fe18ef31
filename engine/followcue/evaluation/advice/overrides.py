"""Exceptions (defeasible rules): an open recommendation withdraws those of the rules that its rule overrides.

Only a recommendation that stands can withdraw another one. So rules are taken from the top: each after all
that may override it (a topological order of `overrides`, in which a circle is refused when a pack is loaded).
With `a` overriding `b` and `b` overriding `c`, for one and the same person:

    a, b and c are open           a withdraws b, and b, being gone, withdraws nothing: a and c stand
    a opens later, b, c are open  a withdraws nothing yet, b withdraws c: a and b stand
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from followcue.evaluation.advice.recommendation import Recommendation
from followcue.language.model.pack import RuleInfo


def overriding_rules(rules: Mapping[str, RuleInfo]) -> tuple[RuleInfo, ...]:
    """The rules that override others, each after all those that may override it (a topological order)."""
    ordered: dict[str, RuleInfo] = {}
    overriders: dict[str, list[str]] = {}
    for rule in rules.values():
        for overridden in rule.overrides:
            overriders.setdefault(overridden, []).append(rule.id)

    def place(rule_id: str) -> None:
        if rule_id not in ordered:
            for overrider in sorted(overriders.get(rule_id, ())):
                place(overrider)
            ordered[rule_id] = rules[rule_id]

    for rule_id in sorted(rules):
        place(rule_id)
    return tuple(rule for rule in ordered.values() if rule.overrides)


def withdraw_overridden(
    recommendations: Sequence[Recommendation], overriding: Iterable[RuleInfo]
) -> list[Recommendation]:
    """The recommendations that no open recommendation of an overriding rule withdraws."""
    standing = list(recommendations)
    for rule in overriding:
        winners = [f for f in standing if f.rule.id == rule.id and f.is_open]
        if winners:
            standing = [f for f in standing if not any(withdraws(winner, f) for winner in winners)]
    return standing


def withdraws(winner: Recommendation, recommendation: Recommendation) -> bool:
    """Same scope, person and subject; what the overriding recommendation leaves open means any."""
    return (
        recommendation.rule.id in winner.rule.overrides
        and winner.scope == recommendation.scope
        and winner.to in (None, recommendation.to)
        and winner.about in (None, recommendation.about)
    )
