"""The forms of a comparison of two packs and their advice: text, Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from followcue.authoring.versions.change_text import ChangeDescriber, totals, without_effect
from followcue.authoring.versions.compare import Blamed, ChangedSituation, Compared
from followcue.synthesis.situation_yaml import as_yaml

MOST_SHOWN = 50
"""How many situations are shown."""

MOST_MADE_UP = 3
"""How many made-up situations are written out."""


def as_text(compared: Compared, scope_key: str) -> str:
    """The edits, then the situations that they change."""
    return "\n".join(_lines(compared, ChangeDescriber(compared.edits, scope_key))) + "\n"


def _lines(compared: Compared, words: ChangeDescriber) -> Iterator[str]:
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


def _changes(difference: ChangedSituation, words: ChangeDescriber) -> Iterator[str]:
    for change, blame in difference.changes:
        told = words.told(change, blame)
        yield f"    {told.kind:7} {told.what}" + (f" ({told.by})" if told.by else "")
        yield from (f"            {field}" for field in told.fields)


def as_json(compared: Compared, scope_key: str) -> str:
    """All of it as JSON; edits are meant by their numbers, from 1."""
    numbers = {edit: number for number, edit in enumerate(compared.edits, 1)}

    def told(each: Blamed) -> dict[str, object]:
        change = each.change
        return {
            "kind": change.kind,
            "sort": change.key.sort,
            "name": change.key.name,
            scope_key: change.key.scope,
            "to": change.key.to,
            "about": change.key.about,
            "fields": list(change.fields),
            "old": change.old,
            "new": change.new,
            "by": {
                part or "all": [sorted(numbers[edit] for edit in group) for group in groups]
                for part, groups in each.blame.parts.items()
            },
        }

    data = {
        "edits": [
            {"number": number, **edit._asdict(), "situations": compared.blamed[edit]}
            for edit, number in numbers.items()
        ],
        "situations": {
            "asked": compared.asked,
            "changed": compared.changed,
            "judged by one side": compared.lone,
        },
        "differences": [
            {"name": d.name, "changes": [told(each) for each in d.changes], "situation": d.data}
            for d in compared.kept
        ],
        "unjudged": [
            {"name": lone.name, "by": "old" if lone.by_old else "new", "reason": lone.reason}
            for lone in compared.unjudged
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


MOST_LISTED = 50
"""How many situations are shown."""


def as_markdown(compared: Compared, scope_key: str) -> str:
    """The edits as a list, the changes as a table."""
    return "\n".join(_markdown_lines(compared, ChangeDescriber(compared.edits, scope_key))) + "\n"


def _markdown_lines(compared: Compared, words: ChangeDescriber) -> Iterator[str]:
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
        for difference in compared.kept[:MOST_LISTED]:
            for change, blame in difference.changes:
                told = words.told(change, blame)
                what = "; ".join((told.what, *told.fields))
                yield f"| {' | '.join(map(_cell, (difference.name, told.kind, what, told.by)))} |"
    if compared.changed > MOST_LISTED:
        yield from ("", f"And {compared.changed - MOST_LISTED} more situations.")
    if compared.unjudged:
        yield from ("", "### Judged by one side only", "")
        for lone in compared.unjudged[:MOST_LISTED]:
            yield f"- {lone.name}: only the {'old' if lone.by_old else 'new'} rules can judge it"
        if compared.lone > MOST_LISTED:
            yield f"- and {compared.lone - MOST_LISTED} more"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
