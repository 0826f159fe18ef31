"""What differs between two packs and in their advice, as Markdown: to go with a proposed change."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.authoring.versions.run import Compared
from followcue.authoring.versions.words import Words, totals, without_effect

MOST_SHOWN = 50
"""How many situations are shown."""


def render(compared: Compared, scope_key: str) -> str:
    """The edits as a list, the changes as a table."""
    return "\n".join(_lines(compared, Words(compared.edits, scope_key))) + "\n"


def _lines(compared: Compared, words: Words) -> Iterator[str]:
    yield from (f"**{totals(compared)}.**", "", "### Edits", "")
    for number, edit in enumerate(compared.edits, 1):
        places = " → ".join(place for place in (edit.old, edit.new) if place)
        yield f"{number}. {edit}" + (f" ({places})" if places else "")
    if not compared.edits:
        yield "None."
    idle = without_effect(compared)
    if idle:
        yield from ("", f"Without effect on these situations: {', '.join(map(str, idle))}.")
    if compared.kept:
        yield from ("", "### Advice", "", "| situation | change | of | by |", "|---|---|---|---|")
        for difference in compared.kept[:MOST_SHOWN]:
            for change, blame in difference.changes:
                told = words.told(change, blame)
                what = "; ".join((told.what, *told.fields))
                yield f"| {' | '.join(map(_cell, (difference.name, told.kind, what, told.by)))} |"
    if compared.changed > MOST_SHOWN:
        yield from ("", f"And {compared.changed - MOST_SHOWN} more situations.")
    if compared.unjudged:
        yield from ("", "### Judged by one side only", "")
        for lone in compared.unjudged[:MOST_SHOWN]:
            yield f"- {lone.name}: only the {'old' if lone.by_old else 'new'} rules can judge it"
        if compared.lone > MOST_SHOWN:
            yield f"- and {compared.lone - MOST_SHOWN} more"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
