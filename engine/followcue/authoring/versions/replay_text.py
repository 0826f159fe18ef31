"""What came of a replay, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from followcue.authoring.versions.replay import EntryDifference, Replayed
from followcue.base.terminal import visible_line

MOST_DETAILS = 200
"""So many lines of what changed in a situation or in the rules are told."""


def as_text(replayed: Replayed) -> str:
    """One line if all is the same; else what is not as it was, and what comes out otherwise."""
    return "\n".join(map(_visible, _lines(replayed))) + "\n"


def as_json(replayed: Replayed) -> str:
    """The same as JSON data."""
    data = {
        "same": replayed.same,
        "changed": [
            {"what": cause.what, "old": cause.old, "new": cause.new, "details": list(cause.details)}
            for cause in replayed.causes
        ],
        "differences": [
            {"section": one.section, "kind": one.kind, "entry": one.entry, "old": one.old, "new": one.new}
            for one in replayed.differences
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _lines(replayed: Replayed) -> Iterator[str]:
    if replayed.same:
        yield "the same, byte for byte"
        return
    yield (
        "not what it was:" if replayed.causes else "not what it was, though nothing that it names has changed"
    )
    for cause in replayed.causes:
        yield f"  {cause.what}: {cause.old}, now {cause.new}"
        yield from (f"      {line}" for line in cause.details[:MOST_DETAILS])
        if len(cause.details) > MOST_DETAILS:
            yield f"      and {len(cause.details) - MOST_DETAILS} more lines"
    yield ""
    if not replayed.differences:
        yield "it says the same"
        return
    yield "it says otherwise:"
    for difference in replayed.differences:
        yield from _difference(difference)


def _difference(one: EntryDifference) -> Iterator[str]:
    sign = {"gained": "+", "lost": "-", "changed": "~"}[one.kind]
    yield f"  {sign} {one.section.removesuffix('s')} {one.entry}"
    if isinstance(one.old, dict) and isinstance(one.new, dict):
        for name in one.fields:
            was, now = _unlike(one.old.get(name), one.new.get(name))
            yield f"      {name}: {_shown(was)}, now {_shown(now)}"


def _unlike(was: object, now: object) -> tuple[object, object]:
    """Both values; of two lists only what the other one lacks, unless it is their order that differs."""
    if not isinstance(was, list) or not isinstance(now, list):
        return was, now
    lost, gained = [one for one in was if one not in now], [one for one in now if one not in was]
    return (lost, gained) if lost or gained else (was, now)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _visible(line: str) -> str:
    """The line without signs that could steer a terminal."""
    return visible_line(line)
