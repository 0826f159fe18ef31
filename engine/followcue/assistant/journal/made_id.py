"""A word by which others name an entry that came without one: the id of an event, the key of a record."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

from followcue.assistant.journal.typed_day import TIME
from followcue.language.model.vocabulary import Kind, Vocabulary


def lacks_id(kind: Kind, fields: Mapping[str, object]) -> bool:
    """Whether a kind of events needs an id, and has none among the fields."""
    return "id" not in fields and any(need.fields == ("id",) and not need.several_of for need in kind.require)


def made_id(kind: Kind, fields: Mapping[str, object], vocabulary: Vocabulary, there: Sequence[Any]) -> str:
    """An id that no event in `there` has: made of a text among the fields, such as the stage `panel`.

    Without one it is the type of fields that name such events: `interview`, then `interview-2`.
    """
    taken = {str(event["id"]) for event in there if isinstance(event, dict) and "id" in event}
    texts = [field.name for field in kind.fields if field.type.name == "text" and not field.many]
    said = [slug(str(fields[name])) for name in texts if name in fields and name != TIME]
    types = [of.name for of in vocabulary.types.values() if kind.name in of.refers_to]
    return free(next(filter(None, (*said, *map(slug, (*types, kind.name))))), taken)


def as_arranged(
    kind: Kind, day: date, fields: Mapping[str, object], there: Sequence[Any], vocabulary: Vocabulary
) -> dict[str, object]:
    """What an event takes over from the one that announced it, as an interview does from its appointment.

    That is the one event, of another kind with the same ids, that has the id given, or without one speaks of
    the `day`. What is said among `fields` is not taken, nor days, nor what it does not have.
    """
    kinds = {name for of in vocabulary.types.values() if kind.name in of.refers_to for name in of.refers_to}
    here = [event for event in there if isinstance(event, dict) and "id" in event]
    had = {event["id"] for event in here if event["event"] == kind.name}
    found = [
        event
        for event in here
        if event["event"] in kinds - {kind.name}
        and event["id"] not in had
        and (event["id"] == fields["id"] if "id" in fields else _speaks_of(event, day, vocabulary))
    ]
    if len(found) != 1:
        return {}
    names = ["id", *(field.name for field in kind.fields if field.type.base != "date")]
    return {name: found[0][name] for name in names if name in found[0] and name not in fields}


def _speaks_of(event: Mapping[str, Any], day: date, vocabulary: Vocabulary) -> bool:
    """Whether a day among the fields of an event, and not its own date, is that one."""
    days = [field.name for field in vocabulary.kinds[event["event"]].fields if field.type.base == "date"]
    return any(str(event.get(name)) == day.isoformat() for name in days)


def made_key(name: str, kind: Kind, taken: Collection[str]) -> str:
    """A key for a record of that name: its first word, `lee` for Lee Wong, or more where that is taken."""
    words = slug(name).split("-") if slug(name) else [kind.name]
    return next((w for w in (words[0], "-".join(words)) if w not in taken), None) or free(words[0], taken)


def free(word: str, taken: Collection[str]) -> str:
    """The word, or with the first number that makes it one that is not taken."""
    return next(made for n in count(1) if (made := word if n == 1 else f"{word}-{n}") not in taken)


def slug(text: str) -> str:
    """A short word of small letters for a text: `final-round` for `Final round!`."""
    return "-".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split()[:3])
