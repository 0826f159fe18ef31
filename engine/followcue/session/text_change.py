"""A change of a text: what stands at a place is to be replaced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from followcue.base.diagnostic import Span
from followcue.language.documents.lines import line_starts

BYTE_ORDER_MARK = "\ufeff"


class TextChange(NamedTuple):
    """A place, of a file by the name that messages show, and what is to stand there; it may end lines later.

    `end` is the line and column (from 1) behind the last character that goes, where that is not on the line
    of the span.
    """

    span: Span
    text: str
    end: tuple[int, int] | None = None

    @property
    def ending(self) -> tuple[int, int]:
        """The line and column (from 1) behind the last character that goes."""
        return self.end or (self.span.line, self.span.column + self.span.length)


def changes_between(name: str, before: str, after: str) -> tuple[TextChange, ...]:
    """The change that makes one text of another: of all that lies between what they begin and end with."""
    before, after = before.removeprefix(BYTE_ORDER_MARK), after.removeprefix(BYTE_ORDER_MARK)
    if before == after:
        return ()
    most = min(len(before), len(after))
    start = next((i for i in range(most) if before[i] != after[i]), most)
    end = next((i for i in range(most - start) if before[-1 - i] != after[-1 - i]), most - start)
    first, last = _place(before, start), _place(before, len(before) - end)
    span = Span(name, *first, len(before) - end - start)
    return (TextChange(span, after[start : len(after) - end], last),)


def _place(text: str, index: int) -> tuple[int, int]:
    starts = [start for start in line_starts(text) if start <= index]
    return len(starts), index - starts[-1] + 1


def with_changes(texts: Mapping[str, str], changes: Iterable[TextChange]) -> dict[str, str]:
    """The texts with these changes, which are meant for them as they are now."""
    by_file: defaultdict[str, list[TextChange]] = defaultdict(list)
    for change in dict.fromkeys(changes):
        by_file[change.span.file].append(change)
    changed = dict(texts)
    for name, mine in by_file.items():
        text = texts[name]
        skipped = int(text.startswith(BYTE_ORDER_MARK))
        starts = [start + skipped for start in line_starts(text[skipped:])]
        for change in sorted(mine, key=lambda one: one.span[1:3], reverse=True):
            first = starts[change.span.line - 1] + change.span.column - 1
            line, column = change.ending
            last = starts[line - 1] + column - 1
            text = text[:first] + change.text + text[last:]
        changed[name] = text
    return changed
