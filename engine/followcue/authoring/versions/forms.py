"""What differs between two packs and in their advice, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.authoring.versions.run import Compared, Difference
from followcue.authoring.versions.words import Words, totals, without_effect
from followcue.synthesis.as_yaml import as_yaml

MOST_SHOWN = 50
"""How many situations are shown."""

MOST_MADE_UP = 3
"""How many made-up situations are written out."""


def render(compared: Compared, scope_key: str) -> str:
    """The edits, then the situations that they change."""
    return "\n".join(_lines(compared, Words(compared.edits, scope_key))) + "\n"


def _lines(compared: Compared, words: Words) -> Iterator[str]:
    yield "edits:" if compared.edits else "edits: none"
    for number, edit in enumerate(compared.edits, 1):
        yield f"  {number} {edit}"
        yield from (f"      {side} {place}" for side, place in (("-", edit.old), ("+", edit.new)) if place)
    yield ""
    yield totals(compared)
    written = 0
    for difference in compared.kept[:MOST_SHOWN]:
        yield f"  {difference.name}"
        yield from _changes(difference, words)
        if difference.data is not None and written < MOST_MADE_UP:
            written += 1
            yield from (f"      {line}" for line in as_yaml(difference.data).splitlines())
    if compared.changed > MOST_SHOWN:
        yield f"  and {compared.changed - MOST_SHOWN} more"
    for lone in compared.unjudged[:MOST_SHOWN]:
        yield f"  {lone.name}: only the {'old' if lone.by_old else 'new'} rules can judge it"
        yield from (f"      {line}" for line in lone.reason.splitlines())
    if compared.lone > MOST_SHOWN:
        yield f"  and {compared.lone - MOST_SHOWN} more that only one side can judge"
    idle = without_effect(compared)
    if idle:
        yield f"edits without effect on these situations: {', '.join(map(str, idle))}"


def _changes(difference: Difference, words: Words) -> Iterator[str]:
    for change, blame in difference.changes:
        told = words.told(change, blame)
        yield f"    {told.kind:7} {told.what}" + (f" ({told.by})" if told.by else "")
        yield from (f"            {field}" for field in told.fields)
