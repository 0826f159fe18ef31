"""Exceptions: a rule with an open recommendation withdraws what the rules that it overrides recommend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from followcue.evaluation.advice.finding import Finding
from followcue.language.model.pack import RuleInfo


def overriding_rules(rules: Mapping[str, RuleInfo]) -> tuple[RuleInfo, ...]:
    """The rules that override others, each after all those that may override it.

    In that order it is known whether a rule's own recommendation was withdrawn before it withdraws any. There
    is such an order, since a circle of overrides is refused when a pack is loaded.
    """
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


def withdraw_overridden(findings: Sequence[Finding], overriding: Iterable[RuleInfo]) -> list[Finding]:
    """The findings that no open finding of an overriding rule withdraws."""
    standing = list(findings)
    for rule in overriding:
        winners = [f for f in standing if f.rule.id == rule.id and f.is_open]
        if winners:
            standing = [f for f in standing if not any(withdraws(winner, f) for winner in winners)]
    return standing


def withdraws(winner: Finding, finding: Finding) -> bool:
    """Same scope, person and subject; what the overriding finding leaves open means any."""
    return (
        finding.rule.id in winner.rule.overrides
        and winner.scope == finding.scope
        and winner.to in (None, finding.to)
        and winner.about in (None, finding.about)
    )
