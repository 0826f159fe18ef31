"""Guidance: what rules, action and tips say about how to do it, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.pack import Pack, RuleInfo
from followcue.language.model.vocabulary import Citation


class Guidance(NamedTuple):
    """Texts to follow and to avoid, the rules behind an action, their sources; each once, in fixed order."""

    do: tuple[str, ...]
    avoid: tuple[str, ...]
    rules: tuple[str, ...]
    sources: tuple[Citation, ...]


def guidance_of(pack: Pack, action_name: str, rule_ids: Sequence[str], tip_ids: Sequence[str]) -> Guidance:
    """The rules' own words first, then the action's, then the tips'."""
    action = pack.vocabulary.actions[action_name]
    rules, tips = [pack.rules[name] for name in rule_ids], [pack.rules[name] for name in tip_ids]
    everyone = (*rules, *tips)
    return Guidance(
        do=_once([*_flat(r.do for r in rules), *action.do, *_flat(t.do for t in tips)]),
        avoid=_once([*_flat(r.avoid for r in rules), *action.avoid, *_flat(t.avoid for t in tips)]),
        rules=(*rule_ids, *tip_ids),
        sources=_sources(everyone),
    )


class Tips:
    """The tips of one evaluation: those that always hold, and those derived for some person or subject."""

    def __init__(
        self,
        always: Mapping[str, tuple[str, ...]],
        derived: Mapping[str, Sequence[tuple[str, Row]]],
    ) -> None:
        self._always = always
        self._derived = derived

    def on(self, action: str, scope: str | None, to: str | None, about: str | None) -> tuple[str, ...]:
        """The ids of the tips that ride on this action, sorted; what a tip leaves open means any."""
        always, derived = self._always.get(action, ()), self._derived.get(action)
        if derived is None:
            return always
        found = {
            rule_id
            for rule_id, (tip_scope, tip_to, tip_about) in derived
            if tip_scope in (None, scope) and tip_to in (None, to) and tip_about in (None, about)
        }
        return tuple(sorted(found.union(always))) if found else always


def always_tips(pack: Pack) -> dict[str, tuple[str, ...]]:
    """The ids of the tips without conditions, sorted, by action; worked out once a pack."""
    tips: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        if rule.always and rule.action is not None:
            tips.setdefault(rule.action, []).append(rule.id)
    return {action: tuple(sorted(ids)) for action, ids in tips.items()}


def derived_tips(pack: Pack, derivations: Iterable[Derivation]) -> dict[str, list[tuple[str, Row]]]:
    """The ids of the tips that clauses derived and the rows that these derived, by action."""
    tips: dict[str, list[tuple[str, Row]]] = {}
    for derivation in derivations:
        rule = pack.rules[pack.clauses[derivation.clause].rule]
        if rule.action is not None:
            tips.setdefault(rule.action, []).append((rule.id, derivation.row))
    return tips


def _sources(rules: Iterable[RuleInfo]) -> tuple[Citation, ...]:
    unique = {(c.source, c.item, c.basis): c for rule in rules for c in rule.cites}
    return tuple(unique.values())


def _flat(texts: Iterable[Iterable[str]]) -> list[str]:
    return [text for several in texts for text in several]


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
