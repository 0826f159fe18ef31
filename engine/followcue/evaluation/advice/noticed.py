"""Noticed: where a situation contradicts itself, as rules with `warn` see it."""

from collections.abc import Iterable

from followcue.evaluation.advice.support import Support, bits_of
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.pack import Pack


def noticed(
    pack: Pack, situation: Situation, support: Support, derivations: Iterable[Derivation]
) -> list[str]:
    """One warning for each derivation of a `warn` rule, with the place of the latest event beneath it."""
    said: dict[str, None] = {}
    for derivation in derivations:
        text = pack.rules[pack.clauses[derivation.clause].rule].title
        keys = [support.key(bit) for bit in bits_of(support.of([derivation])[0])]
        latest = max(keys, key=lambda key: (key[1], key[0] or ""), default=None)
        said[text if latest is None else f"{situation.events[latest].place}: {text}"] = None
    return sorted(said)
