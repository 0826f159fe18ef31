"""Contradictions: two actions that exclude each other, both due, and no rule that overrides the other."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.advice.merge import Merged


def contradictions(merged: Sequence[Merged]) -> list[str]:
    """One warning for each pair, naming both rules with their places, sorted."""
    if not any(candidate.action.contradicts for candidate in merged):
        return []
    by_action: dict[tuple[str, str | None], list[Merged]] = {}
    for candidate in merged:
        if candidate.is_open:
            by_action.setdefault((candidate.action.name, candidate.scope), []).append(candidate)
    return sorted(
        {
            _warning(one, other)
            for (_, scope), ones in by_action.items()
            for one in ones
            for name in one.action.contradicts
            for other in by_action.get((name, scope), ())
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
