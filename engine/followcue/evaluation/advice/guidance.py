"""Guidance: what rules, action and tips say about how to do it, and who says so.

Texts with values, `Offer {rate} percent`, say something of one case: `FilledGuidance` writes them for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TypeAlias

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.sentences import Sentences, Told, has_values
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.pack import Pack, RuleInfo
from followcue.language.model.vocabulary import Citation

Tell: TypeAlias = Callable[[RuleInfo, str], Iterable[str]]
"""What a text of a rule says: one line for each of the values that it comes with."""


class Guidance(NamedTuple):
    """Texts to follow and to avoid, the rules behind an action, their sources; each once, in fixed order."""

    do: tuple[str, ...]
    avoid: tuple[str, ...]
    rules: tuple[str, ...]
    sources: tuple[Citation, ...]


def as_it_stands(rule: RuleInfo, text: str) -> Iterable[str]:
    """The text itself."""
    return (text,)


def guidance_of(
    pack: Pack,
    action_name: str,
    rule_ids: Sequence[str],
    tip_ids: Sequence[str],
    tell: Tell = as_it_stands,
) -> Guidance:
    """The rules' own words, then the action's, then the tips'; `tell` writes those of rules and tips."""
    action = pack.vocabulary.actions[action_name]
    rules, tips = [pack.rules[name] for name in rule_ids], [pack.rules[name] for name in tip_ids]
    everyone = (*rules, *tips)
    return Guidance(
        do=_once([*_said(rules, _do, tell), *action.do, *_said(tips, _do, tell)]),
        avoid=_once([*_said(rules, _avoid, tell), *action.avoid, *_said(tips, _avoid, tell)]),
        rules=(*rule_ids, *tip_ids),
        sources=_sources(everyone),
    )


_do = attrgetter("do")
_avoid = attrgetter("avoid")


def _said(rules: Iterable[RuleInfo], texts: Callable[[RuleInfo], Sequence[str]], tell: Tell) -> list[str]:
    if tell is as_it_stands:  # as nearly always
        return [text for rule in rules for text in texts(rule)]
    return [line for rule in rules for text in texts(rule) for line in tell(rule, text)]


class DerivedTip(NamedTuple):
    """A tip that a rule derived, the row that says for whom, and how it was derived."""

    rule: str
    row: Row
    derivation: Derivation


class Tips:
    """The tips of one evaluation: those that always hold, and those derived for some person or subject."""

    def __init__(
        self,
        always: Mapping[str, tuple[str, ...]],
        derived: Mapping[str, Sequence[DerivedTip]],
    ) -> None:
        self._always = always
        self._derived = derived

    def on(self, action: str, scope: str | None, to: str | None, about: str | None) -> tuple[str, ...]:
        """The ids of the tips that ride on this action, sorted; what a tip leaves open means any."""
        always, derived = self._always.get(action, ()), self._derived.get(action)
        if derived is None:
            return always
        found = {tip.rule for tip in derived if is_on(tip.row, scope, to, about)}
        return tuple(sorted(found.union(always))) if found else always

    def ways(self, action: str, scope: str | None, to: str | None, about: str | None) -> Iterator[DerivedTip]:
        """The derived tips that ride on this action."""
        return (tip for tip in self._derived.get(action, ()) if is_on(tip.row, scope, to, about))


def is_on(row: Row, scope: str | None, to: str | None, about: str | None) -> bool:
    """Whether the row of a `tip` or `step` rule is about an action; what it leaves open means any."""
    return row[0] in (None, scope) and row[1] in (None, to) and row[2] in (None, about)


def always_tips(pack: Pack) -> dict[str, tuple[str, ...]]:
    """The ids of the tips without conditions, sorted, by action; worked out once a pack."""
    tips: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        if rule.always and rule.action is not None:
            tips.setdefault(rule.action, []).append(rule.id)
    return {action: tuple(sorted(ids)) for action, ids in tips.items()}


def derived_tips(pack: Pack, derivations: Iterable[Derivation]) -> dict[str, list[DerivedTip]]:
    """The tips that clauses derived, by action."""
    tips: dict[str, list[DerivedTip]] = {}
    for derivation in derivations:
        rule = pack.rules[pack.clauses[derivation.clause].rule]
        if rule.action is not None:
            tips.setdefault(rule.action, []).append(DerivedTip(rule.id, derivation.row, derivation))
    return tips


def _sources(rules: Iterable[RuleInfo]) -> tuple[Citation, ...]:
    unique = {(c.source, c.item, c.basis): c for rule in rules for c in rule.cites}
    return tuple(unique.values())


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


class FilledGuidance:
    """What the rules of a pack say with values in it, told for one action at a time; safe between threads."""

    def __init__(self, pack: Pack, sentences: Sentences) -> None:
        self._pack = pack
        self._sentences = sentences
        self._filled = frozenset(
            rule.id
            for rule in pack.rules.values()
            if rule.advice_title or any(map(has_values, (*rule.do, *rule.avoid)))
        )

    def concerns(self, rules: Collection[str]) -> bool:
        """Whether any of these rules says something that is to be told for each case."""
        return not self._filled.isdisjoint(rules)

    def of(self, merged: Merged, tips: Tips, told: Told) -> tuple[str, Guidance]:
        """The title of an action and its guidance, with all values."""
        subject = merged.subject
        ways: dict[str, list[Derivation]] = {}
        for found in merged.recommendations:
            ways.setdefault(found.rule.id, []).extend(found.derivations)
        for tip in tips.ways(*subject):
            ways.setdefault(tip.rule, []).append(tip.derivation)

        def tell(rule: RuleInfo, text: str) -> Iterable[str]:
            return self._sentences.each(text, ways.get(rule.id, ()), told)

        titles = (
            self._sentences.one(found.rule.advice_title, ways[found.rule.id], told)
            for found in merged.recommendations
            if found.rule.advice_title
        )
        guidance = guidance_of(self._pack, subject[0], merged.rules, tips.on(*subject), tell)
        return next(filter(None, titles), merged.action.title), guidance
