"""Contradictions: two actions that exclude each other, both due, and no rule that overrides the other."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.evaluation.advice.merge import Merged


def contradictions(merged: Sequence[Merged]) -> list[str]:
    """One warning for each pair, naming both rules with their places, sorted."""
    ones = [one for one in merged if one.action.contradicts and one.is_open]
    if not ones:
        return []
    names = {name for one in ones for name in one.action.contradicts}
    others: dict[tuple[str, str | None], list[Merged]] = {}
    for other in merged:
        if other.action.name in names and other.is_open:
            others.setdefault((other.action.name, other.scope), []).append(other)
    return sorted(
        {
            _warning(one, other)
            for one in ones
            for name in one.action.contradicts
            for other in others.get((name, one.scope), ())
        }
    )


def _warning(one: Merged, other: Merged) -> str:
    where = f" for {one.scope}" if one.scope else ""
    return (
        f"`{one.action.name}` and `{other.action.name}` contradict each other{where}: "
        f"{_rules(one)} and {_rules(other)}; let one rule override the other"
    )


def _rules(merged: Merged) -> str:
    rules = {finding.rule.id: finding.rule for finding in merged.findings}
    return ", ".join(f"{rule.id} ({rule.origin})" for rule in rules.values())
