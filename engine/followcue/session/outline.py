"""What stands in a file, for a list to jump to: its rules, its tests, what its vocabulary declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from followcue.base.diagnostic import Span
from followcue.language.documents.document import Document
from followcue.language.model.declared import SECTIONS, Declaration
from followcue.language.model.rules import Where
from followcue.session.text_kind import TextKind

_SECTIONS = {"vocabulary": SECTIONS, "rules": ("rules", "tables")}


class OutlineEntry(NamedTuple):
    """A name, what it says of itself, the place of the name, and the last line that belongs to it.

    `section` is the key of the file under which it stands, such as `rules` or `events`.
    """

    name: str
    title: str
    section: str
    span: Span
    last_line: int


def outline(document: Document, kind: TextKind, lines: int) -> tuple[OutlineEntry, ...]:
    """The entries of a file of so many lines, in the order of the text."""
    sections = _SECTIONS.get(kind, (kind,))
    found = sorted(_entries(document, sections), key=lambda entry: entry[0])
    starts = [span.line for span, _, _ in found]
    keys = _lines_of_sections(document)
    return tuple(
        OutlineEntry(one.name, _title(one), section, span, _end(span.line, [*starts, *keys], lines))
        for span, one, section in found
    )


def _entries(document: Document, sections: tuple[str, ...]) -> Iterator[tuple[Span, Declaration, str]]:
    whole = Declaration("", document.data, Where(document, ()))
    for section in sections:
        for one in whole.entries(section):
            span = one.place.span
            if span is not None:
                yield span, one, section


def _lines_of_sections(document: Document) -> list[int]:
    keys = document.data if isinstance(document.data, dict) else {}
    spans = (document.span((key,), key=True) for key in keys)
    return [span.line for span in spans if span is not None]


def _end(start: int, others: list[int], lines: int) -> int:
    """The line before the next entry or section."""
    return max(start, min([line for line in others if line > start], default=lines + 1) - 1)


def _title(one: Declaration) -> str:
    return one.text("title") or one.text("says")
