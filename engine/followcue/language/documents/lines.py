"""The lines of a text, to say where something stands in it."""

from __future__ import annotations

import re
from functools import cached_property

from followcue.base.diagnostic import Diagnostic, Span

BREAKS = "\r\n\x85\u2028\u2029"
"""The characters that end a line."""

_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"  # what libyaml counts as the end of a line


def line_starts(text: str) -> list[int]:
    """The index at which each line begins, as lines are counted here."""
    return [0, *(found.end() for found in re.finditer(_BREAK, text))]


class Lines:
    """The lines of a text, counted as libyaml counts them."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _lines(self) -> list[str]:
        return re.split(_BREAK, self.text)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line(self, number: int) -> str:
        """The line of that number, from 1; empty if there is none."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def at(self, index: int, length: int = 1) -> Span:
        """The place of the character at `index` of the text."""
        before = re.split(_BREAK, self.text[:index])
        return Span(self.name, len(before), len(before[-1]) + 1, length)

    def problem(
        self,
        code: str,
        message: str,
        span: Span,
        hint: str | None = None,
        related: tuple[tuple[str, Span], ...] = (),
    ) -> Diagnostic:
        """A diagnostic at `span`, with the line that it is in."""
        return Diagnostic(code, message, span, hint, self.line(span.line) or None, related=related)
