"""Contradictions between actions that exclude each other, and what the rules warn of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.sentences import Sentences, Told, has_values
from followcue.evaluation.advice.support import Support, bits_of
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.pack import Pack


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
    rules = {recommendation.rule.id: recommendation.rule for recommendation in merged.recommendations}
    return ", ".join(f"{rule.id} ({rule.origin})" for rule in rules.values())


def noticed(
    pack: Pack,
    situation: Situation,
    support: Support,
    sentences: Sentences,
    derivations: Iterable[Derivation],
) -> list[str]:
    """One warning for each derivation of a `warn` rule, with the place of the latest event beneath it."""
    said: dict[str, None] = {}
    for derivation in derivations:
        text = pack.rules[pack.clauses[derivation.clause].rule].title
        if has_values(text):
            scope = derivation.row[0]
            told = Told.of(situation, scope if isinstance(scope, str) else None)
            text = sentences.one(text, [derivation], told) or text
        keys = [support.key(bit) for bit in bits_of(support.of([derivation])[0])]
        latest = max(keys, key=lambda key: (key[1], key[0] or ""), default=None)
        said[text if latest is None else f"{situation.events[latest].place}: {text}"] = None
    return sorted(said)
