"""Other words for what a vocabulary declares: what sheets of other programs call it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from followcue.language.model.declared import Declaration, Declared, Problems, unknown
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import Kind, Type

OF_ROWS = ("event", "date", "note", "nothing")
"""What a row of a sheet has in all packs: what happened, its day, a note; and what says nothing."""

_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^][]*\]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def normal(words: str) -> str:
    """Words as they are compared: without capitals, punctuation and what stands in brackets."""
    bare = _IN_BRACKETS.sub(" ", words)
    plain = unicodedata.normalize("NFKC", bare if bare.strip() else words).casefold()
    return _BETWEEN_WORDS.sub(" ", plain).strip()


def read_known_as(
    declared: Declared, kinds: Mapping[str, Kind], types: Mapping[str, Type], problems: Problems
) -> dict[str, tuple[str, ...]]:
    """The words of all layers by what they mean, which must be declared; no word means two events."""
    known = set(known_names(kinds, types))
    found: dict[str, tuple[str, ...]] = {}
    of_events: dict[str, tuple[str, Where]] = {}
    for name, declaration in declared["known as"].items():
        if name not in known:
            problems.append(unknown("event, field or word", name, known, declaration.place))
        words = list(_words(declaration))
        found[name] = tuple(dict.fromkeys(word for word, _ in words))
        if name == "nothing" or (name in kinds and kinds[name].is_event):
            for word, where in words:
                _mean_one(word, name, where, of_events, problems)
    return found


def _mean_one(
    word: str, name: str, where: Where, taken: dict[str, tuple[str, Where]], problems: Problems
) -> None:
    """Two events may not share a word, by which a sheet says what happened."""
    other, first = taken.setdefault(normal(word), (name, where))
    if other != name:
        related = (("it stands here", first.span),) if first.span else ()
        message = f"`{word}` is a word for `{other}` already"
        problems.append(
            where.document.problem(
                "FC320", message, where.path, hint="leave it out in one of them", related=related
            )
        )


def _words(declaration: Declaration) -> Iterator[tuple[str, Where]]:
    """The words of a name, those of the layers above behind its own."""
    for said in (declaration, *declaration.changes):
        for place, word in enumerate(said.value if isinstance(said.value, list) else ()):
            if isinstance(word, str):
                yield word, said.where / place


def known_names(kinds: Mapping[str, Kind], types: Mapping[str, Type]) -> Iterator[str]:
    """Everything that may be known by other words."""
    yield from OF_ROWS
    yield from ("event.id", "event.note", "event.date")
    for kind in kinds.values():
        if kind.is_event:
            yield kind.name
        elif kind.role == "record":
            yield f"{kind.name}.id"
            yield f"event.{kind.name}"
        if kind.role != "conclusion":
            yield from (f"{kind.name}.{field.name}" for field in kind.fields)
        if kind.is_event:
            yield from (f"event.{field.name}" for field in kind.fields)
    for type_ in types.values():
        yield from (f"{type_.name}.{word}" for word in type_.choices)
