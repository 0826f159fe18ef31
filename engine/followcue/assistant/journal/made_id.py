"""An id for an event that needs one and has none: a word of its own, or what others call such an event."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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


def free(word: str, taken: Collection[str]) -> str:
    """The word, or with the first number that makes it one that is not taken."""
    return next(made for n in count(1) if (made := word if n == 1 else f"{word}-{n}") not in taken)


def slug(text: str) -> str:
    """A short word of small letters for a text: `final-round` for `Final round!`."""
    return "-".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split()[:3])
