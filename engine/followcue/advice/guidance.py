"""Guidance: what rules, action and tips say about how to do it, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from followcue.logic.program import Row
from followcue.match.protocol import Derivation
from followcue.model.pack import TIP, ClauseInfo, Pack, RuleInfo
from followcue.model.vocabulary import ActionKind, Citation


class Guidance(NamedTuple):
    """Texts to follow and to avoid, the rules behind an action, their sources; each once, in fixed order."""

    do: tuple[str, ...]
    avoid: tuple[str, ...]
    rules: tuple[str, ...]
    sources: tuple[Citation, ...]


def gather(action: ActionKind, rules: Sequence[RuleInfo], tips: Sequence[RuleInfo]) -> Guidance:
    """The rules' own words first, then the action's, then the tips'."""
    everyone = (*rules, *tips)
    return Guidance(
        do=_once([*_flat(r.do for r in rules), *action.do, *_flat(t.do for t in tips)]),
        avoid=_once([*_flat(r.avoid for r in rules), *action.avoid, *_flat(t.avoid for t in tips)]),
        rules=tuple(rule.id for rule in everyone),
        sources=_sources(everyone),
    )


class Tips:
    """The tips of one evaluation: those that always hold, and those derived for some person or subject."""

    def __init__(
        self,
        always: Mapping[str, Sequence[RuleInfo]],
        derived: Mapping[str, Sequence[tuple[RuleInfo, Row]]],
    ) -> None:
        self._always = always
        self._derived = derived

    def on(self, action: str, scope: str | None, to: str | None, about: str | None) -> list[RuleInfo]:
        """The tips that ride on this action, by rule id; what a tip leaves open means any."""
        found = {rule.id: rule for rule in self._always.get(action, ())}
        for rule, (tip_scope, tip_to, tip_about) in self._derived.get(action, ()):
            if tip_scope in (None, scope) and tip_to in (None, to) and tip_about in (None, about):
                found[rule.id] = rule
        return [found[rule_id] for rule_id in sorted(found)]


def always_tips(pack: Pack) -> dict[str, list[RuleInfo]]:
    """The tips without conditions, by action; worked out once a pack."""
    tips: dict[str, list[RuleInfo]] = {}
    for rule in pack.rules.values():
        if rule.always and rule.action is not None:
            tips.setdefault(rule.action, []).append(rule)
    return tips


def derived_tips(
    pack: Pack, derivations: Mapping[str, Mapping[Row, Sequence[Derivation]]]
) -> dict[str, list[tuple[RuleInfo, Row]]]:
    """The tips that clauses derived, by action."""
    clauses: Sequence[ClauseInfo] = pack.clauses
    tips: dict[str, list[tuple[RuleInfo, Row]]] = {}
    for row, ways in derivations.get(TIP, {}).items():
        for rule_id in {clauses[way.clause].rule for way in ways}:
            rule = pack.rules[rule_id]
            if rule.action is not None:
                tips.setdefault(rule.action, []).append((rule, row))
    return tips


def _sources(rules: Iterable[RuleInfo]) -> tuple[Citation, ...]:
    unique = {(c.source, c.item, c.basis): c for rule in rules for c in rule.cites}
    return tuple(unique.values())


def _flat(texts: Iterable[Iterable[str]]) -> list[str]:
    return [text for several in texts for text in several]


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
