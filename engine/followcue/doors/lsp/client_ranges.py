"""Places as the engine counts them, and as an editor does.

The engine counts lines as YAML does, where U+2028 ends one too, and characters; an editor ends lines at line
feeds and carriage returns alone, and counts what the two have agreed on, mostly UTF-16 units, of which an
emoji has two. Both meet at the index of a character in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, Range
from pygls.workspace import PositionCodec

from followcue.base.diagnostic import Span
from followcue.language.documents.lines import line_starts

_EDITOR_BREAK = re.compile(r"\r\n|\n|\r")
_BYTE_ORDER_MARK = "\ufeff"


class ClientText:
    """A text, and places in it in both ways to count."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self.text = text
        self._codec = codec
        self._skipped = int(text.startswith(_BYTE_ORDER_MARK))  # the engine reads on behind it
        self._starts = [start + self._skipped for start in line_starts(text.removeprefix(_BYTE_ORDER_MARK))]
        self._client_starts = [0, *(found.end() for found in _EDITOR_BREAK.finditer(text))]

    def range(self, span: Span) -> Range:
        """A span of this text as a range of the editor, within the text whatever the span says."""
        start = self._index(span.line, span.column)
        return Range(self._position(start), self._position(min(len(self.text), start + span.length)))

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> Range:
        """From one place to another, each a line and column from 1."""
        return Range(self._position(self._index(*start)), self._position(self._index(*end)))

    def lines(self, first: int, last: int) -> Range:
        """From the beginning of one line to the end of another, as the engine counts them."""
        end = self._starts[last] if last < len(self._starts) else len(self.text)
        return Range(self._position(self._index(first, 1)), self._position(end))

    def place(self, position: Position) -> tuple[int, int]:
        """The line and column (both from 1) of a position of the editor."""
        line = min(position.line, len(self._client_starts) - 1)
        index = self._client_starts[line]
        units = position.character
        while units > 0 and index < len(self.text) and self.text[index] not in "\r\n":
            units -= self._codec.client_num_units(self.text[index])
            index += 1
        number = bisect_right(self._starts, max(index, self._skipped))
        return number, index - self._starts[number - 1] + 1

    @property
    def count(self) -> int:
        """How many lines there are, as the engine counts them."""
        return len(self._starts)

    def _index(self, line: int, column: int) -> int:
        start = self._starts[min(max(line, 1), len(self._starts)) - 1]
        return min(len(self.text), start + column - 1)

    def _position(self, index: int) -> Position:
        line = bisect_right(self._client_starts, index) - 1
        return Position(line, self._codec.client_num_units(self.text[self._client_starts[line] : index]))
