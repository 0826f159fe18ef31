"""Noticed: where a situation contradicts itself, as rules with `warn` see it."""

from collections.abc import Mapping

from followcue.advice.support import RowDerivations, Support
from followcue.model.pack import WARNING, Pack
from followcue.situation.situation import Situation


def noticed(
    pack: Pack, situation: Situation, support: Support, rows: Mapping[str, RowDerivations]
) -> list[str]:
    """One warning for each derivation of a `warn` rule, with the place of the latest event beneath it."""
    derivations = (d for found in rows.get(WARNING, {}).values() for d in found)
    said: dict[str, None] = {}
    for derivation in derivations:
        text = pack.rules[pack.clauses[derivation.clause].rule].title
        beneath = support.of([derivation]).nearest
        events = sorted((situation.events[key] for key in support.keys(beneath)), key=lambda event: event.at)
        said[f"{events[-1].place}: {text}" if events else text] = None
    return sorted(said)
