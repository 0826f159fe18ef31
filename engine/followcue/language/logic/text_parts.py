"""Texts of which parts are demanded: what contradicts itself, and a text that meets all demands.

Idea: the text is put together from its beginning, its end, and between them whatever it must contain and a
name that tells what it is. Where a part is already there, it is not written again. So of a note that starts
with `re:` and contains `visa`, with the name `some note`, comes

    re: visa some note

and if it must not contain `some`, the plainest of these that will do: `re: visa`. A demand of length is met
by letters at the end of the middle.

Invariant: what `text_with` gives meets every demand; where it gives None, there may still be a text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from followcue.base.rows import Value
from followcue.language.logic.program import Const, Expr, Param
from followcue.language.model.syntax import TURNED, TextTest

FILL = "xyzabc"
"""The letters that make a text longer, the first that will do."""


class Part(NamedTuple):
    """A test of a text, and the part that it looks for."""

    op: TextTest
    text: str

    @property
    def is_there(self) -> bool:
        """Whether the text must have the part."""
        return not self.op.startswith("does not")

    def holds(self, text: str) -> bool:
        """Whether a text passes the test."""
        op = self.op if self.is_there else TURNED[self.op]
        found = (
            text.startswith(self.text)
            if op == "starts with"
            else text.endswith(self.text)
            if op == "ends with"
            else self.text in text
        )
        return found is self.is_there


def part_of(op: str, expr: Expr, parameters: Mapping[str, Value]) -> Part | None:
    """What a test of a text demands, if it is one and the part that it looks for is known."""
    if op not in TURNED:
        return None
    value = expr.value if isinstance(expr, Const) else None
    if isinstance(expr, Param):
        value = parameters.get(expr.name)
    return Part(TURNED[TURNED[op]], value) if isinstance(value, str) else None


def meets(value: Value, parts: Sequence[Part]) -> bool:
    """Whether a text passes all tests."""
    return isinstance(value, str) and all(part.holds(value) for part in parts)


def implied(part: Part, known: Collection[Part]) -> bool:
    """Whether a test is sure to hold of any text that passes those known."""
    if part in known:
        return True
    if part.is_there:
        found = [other.text for other in known if _serves(other.op, part.op)]
        return any(Part(part.op, part.text).holds(text) for text in found)
    return contradicts((*known, Part(TURNED[part.op], part.text)))


def _serves(known: str, wanted: str) -> bool:
    """Whether a part in one place is a part in another."""
    return known == wanted or (wanted == "contains" and known in ("starts with", "ends with"))


def contradicts(parts: Collection[Part]) -> bool:
    """Whether no text can pass all tests, as far as two of them show it."""
    for part in parts:
        for other in parts:
            both = not part.is_there and other.is_there and _serves(other.op, TURNED[part.op])
            if both and not part.holds(other.text):
                return True
            if part.op == other.op == "starts with" and not _agree(part.text, other.text):
                return True
            if part.op == other.op == "ends with" and not _agree(part.text[::-1], other.text[::-1]):
                return True
    return False


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def text_with(name: str, parts: Sequence[Part], length: int | None, refused: Collection[Value]) -> str | None:
    """A text that passes all tests, of that length if one is given, and is none of those refused."""
    start = max((p.text for p in parts if p.op == "starts with"), key=len, default="")
    end = max((p.text for p in parts if p.op == "ends with"), key=len, default="")
    inner = sorted({p.text for p in parts if p.op == "contains"}, key=lambda text: (-len(text), text))
    for text in _candidates(name, start, inner, end, length, len(refused) + 2):
        if text not in refused and meets(text, parts) and (length is None or len(text) == length):
            return text
    return None


def _candidates(
    name: str, start: str, inner: Sequence[str], end: str, length: int | None, most: int
) -> Iterator[str]:
    middle: list[str] = []
    for text in inner:
        if not any(text in other for other in (start, end, *middle)):
            middle.append(text)
    for words in ([*middle, name], [name, *middle], middle):
        body = " ".join(words)
        for gap in (" ", ""):
            plain = gap.join(filter(None, (start, body, end)))
            yield plain
            yield from (_filled(plain, end, letter * count) for letter in FILL for count in range(1, most))
    if start and end:
        yield from (start + end[size:] for size in range(len(end), -1, -1) if start.endswith(end[:size]))
    if length is None:
        return
    for words in ([*middle, name], middle):
        for gap in (" ", ""):
            head = gap.join(filter(None, (start, gap.join(words))))
            room = length - len(end)
            for letter in FILL:
                filled = head + letter * max(0, room - len(head))
                yield (filled[:room] if room >= len(start) else start) + end
                for other in FILL:  # one of several that must differ
                    yield filled[: max(0, room - 1)] + other + end


def _filled(plain: str, end: str, letters: str) -> str:
    """A text with letters before its end."""
    return plain[: len(plain) - len(end)] + letters + end
