"""Sentences with gaps: `You thanked {to}[ by {channel}].` No code, only the values of fields.

`{to}` stands for the value of a field. What stands in square brackets is left out as a whole where a value in
it is absent; brackets do not stand inside each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from followcue.base.named_tuple import NamedTuple

_PIECE = re.compile(r"\{([a-z][a-z0-9_]*)\}|([^{}]+)|([{}])")


class SentencePart(NamedTuple):
    """A part of a sentence: `pieces` are texts and, where `is_field`, names of fields, in turn."""

    pieces: tuple[tuple[str, bool], ...]
    optional: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields named in it."""
        return tuple(piece for piece, is_field in self.pieces if is_field)


def parse_sentence(text: str) -> tuple[SentencePart, ...]:
    """The parts of a sentence; raises `ValueError`, whose text says what is wrong with it."""
    parts = []
    for number, part in enumerate(re.split(r"([\[\]])", text)[::2]):
        if part:
            parts.append(SentencePart(tuple(_pieces(part)), number % 2 == 1))
    brackets = "".join(re.findall(r"[\[\]]", text))
    if brackets != "[]" * (len(brackets) // 2):
        raise ValueError("square brackets must come in pairs here, none inside another")
    return tuple(parts)


def _pieces(text: str) -> list[tuple[str, bool]]:
    pieces = []
    for field, plain, brace in _PIECE.findall(text):
        if brace:
            raise ValueError("braces hold the name of a field here, such as `{to}`")
        pieces.append((field, True) if field else (plain, False))
    return pieces


def fill(parts: tuple[SentencePart, ...], value: Callable[[str], str | None]) -> str:
    """The sentence with its values; parts in brackets are left out where one is absent (None)."""
    said = []
    for part in parts:
        values = {name: value(name) for name in part.fields}
        if part.optional and None in values.values():
            continue
        said += [(values[piece] or "…") if is_field else piece for piece, is_field in part.pieces]
    return "".join(said)
