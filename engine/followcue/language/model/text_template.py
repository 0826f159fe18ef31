"""Sentences with gaps: `You thanked {to}[ by {channel}].` No code, only the values of fields.

`{to}` stands for the value of a field. What stands in square brackets is left out as a whole where a value in
it is absent; brackets do not stand inside each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from followcue.base.named_tuple import NamedTuple

_PIECE = re.compile(r"\{([a-z][a-z0-9_]*)\}|([^{}]+)|([{}])")


class UnreadSentence(ValueError):
    """A sentence that cannot be read; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class SentencePart(NamedTuple):
    """A part of a sentence: `pieces` are texts and, where `is_field`, names of fields, in turn."""

    pieces: tuple[tuple[str, bool], ...]
    optional: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields named in it."""
        return tuple(piece for piece, is_field in self.pieces if is_field)


def parse_sentence(text: str) -> tuple[SentencePart, ...]:
    """The parts of a sentence; raises `UnreadSentence`, which says what is wrong with it."""
    parts = []
    for number, part in enumerate(re.split(r"([\[\]])", text)[::2]):
        if part:
            parts.append(SentencePart(tuple(_pieces(part)), number % 2 == 1))
    brackets = "".join(re.findall(r"[\[\]]", text))
    if brackets != "[]" * (len(brackets) // 2):
        hint = "write one pair around what may be left out, as in `[ by {channel}]`"
        raise UnreadSentence("square brackets must come in pairs here, none inside another", hint)
    return tuple(parts)


def _pieces(text: str) -> list[tuple[str, bool]]:
    pieces = []
    for field, plain, brace in _PIECE.findall(text):
        if brace:
            raise _braces(text)
        pieces.append((field, True) if field else (plain, False))
    return pieces


def _braces(text: str) -> UnreadSentence:
    """What is wrong with the braces of a text."""
    closed = re.search(r"\{([^{}]*)\}", text)
    if closed is None:
        opened = re.search(r"\{\s*(\w+)", text)
        return UnreadSentence(
            "braces must come in pairs here, with one name between them",
            f"write `{{{opened[1] if opened else 'to'}}}`",
        )
    name = re.match(r"\W*(\w*)", closed[1])
    meant = name[1].lower() if name and name[1] else "to"
    hint = f"write `{{{meant}}}`"
    if re.search(r"[-+*/.]", closed[1]):
        hint = f"give the value a name under `when:`, and write that name, as in `{{{meant}}}`"
    return UnreadSentence(f"`{closed[0]}` is no name in braces, and nothing is reckoned in them", hint)


def fill(parts: tuple[SentencePart, ...], value: Callable[[str], str | None]) -> str:
    """The sentence with its values; parts in brackets are left out where one is absent (None)."""
    said = []
    for part in parts:
        values = {name: value(name) for name in part.fields}
        if part.optional and None in values.values():
            continue
        said += [(values[piece] or "…") if is_field else piece for piece, is_field in part.pieces]
    return "".join(said)
