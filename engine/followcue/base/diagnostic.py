"""Author mistakes as values: a place, a stable code, a sentence in the author's words, the likely fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from followcue.base.named_tuple import NamedTuple
from followcue.base.terminal import steering, visible_line, visible_names


class Span(NamedTuple):
    """A place in a text: file, line and column (both from 1), and how many characters it covers."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(NamedTuple):
    """One mistake: stable `code` (FC101), `message`, its place, related places and the likely fix.

    `place` stands in for the span where there is no text (a dict handed to the API): the path of keys.
    `excerpt` is the source line that the caret points into.
    """

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    excerpt: str | None = None
    place: str | None = None
    related: tuple[tuple[str, Span], ...] = ()

    @property
    def where(self) -> str:
        """`file:line:column`, or the path of keys where there is no text."""
        return str(self.span) if self.span else (self.place or "input")

    def __str__(self) -> str:
        where = visible_line(self.where) if self.span else visible_names(self.where)
        lines = [f"{where}: {self.code}: {visible_names(self.message)}"]
        if self.span and self.excerpt is not None:
            lines += _caret_lines(self.span, self.excerpt)
        lines += [f"  {visible_line(str(span))}: {visible_names(note)}" for note, span in self.related]
        if self.hint:
            lines.append(f"  hint: {visible_names(self.hint)}")
        return "\n".join(lines)


class InvalidInput(Exception):
    """Input that its author has to mend; `diagnostics` holds every mistake found, sorted by place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = sort_by_place(diagnostics)
        super().__init__(render(self.diagnostics))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[InvalidInput], said: tuple[Any, ...]) -> InvalidInput:
    """What was pickled or copied, whatever its class is made from; its state is put into it afterwards."""
    return kind.__new__(kind, *said)


class Undecided(InvalidInput):
    """Input that may mean several things, or is doubtful, with nobody there to be asked."""


class NotMeant(Exception):
    """What was doubtful is not meant, as whoever was asked says."""


def sort_by_place(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same mistakes once each, ordered by file, line and column."""
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (d.span or Span("", 0, 0), d.place or "", d.code, d.message)))


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics as the text that a terminal shows."""
    return "\n".join(str(d) for d in diagnostics)


def is_meant(name: str, known_name: str, known: Iterable[str]) -> bool:
    """Whether `name` can hardly be meant for anything else than `known_name` among the known ones."""
    hint = did_you_mean(name, known)
    return isinstance(hint, Suggestion) and hint.meant == known_name


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, if one is close."""
    from difflib import get_close_matches  # late: only mistakes need it

    matches = get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
    return matches[0] if matches else None


class Suggestion(str):
    """A hint that names what was probably meant instead of `wrong`.

    `meant` is that name where it is the only one that differs by so few letters, so that nothing else can be
    meant; else None.
    """

    __slots__ = ("meant", "wrong")
    wrong: str
    meant: str | None

    @classmethod
    def of(cls, wrong: str, close: str, known: Iterable[str]) -> Suggestion:
        """The hint to write `close`, which is one of `known`."""
        hint = cls(f"did you mean `{close}`?")
        hint.wrong = wrong
        most = 2 if len(wrong) >= LONG_NAME else 1 if len(wrong) >= SHORT_NAME else 0
        near = [name for name in known if letters_apart(wrong, name, most) is not None]
        hint.meant = close if near == [close] else None
        return hint


SHORT_NAME, LONG_NAME = 4, 6
"""Names of fewer letters are near too many others to be mended; of longer ones two letters may differ."""


def letters_apart(one: str, other: str, most: int) -> int | None:
    """How many letters to put in, leave out, change or swap with the next; None if more than `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1] if row[-1] <= most else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known name, or else all of them where they are few."""
    names = sorted(set(known))
    close = nearest(name, names)
    if close:
        return Suggestion.of(name, close, names)
    if 0 < len(names) <= 12:
        return "known here: " + ", ".join(f"`{n}`" for n in names)
    return None


MAX_EXCERPT = 160


def _caret_lines(span: Span, excerpt: str) -> list[str]:
    """The source line (a window of it, if long) and a caret under the place."""
    start = max(0, span.column - 1 - MAX_EXCERPT // 2) if len(excerpt) > MAX_EXCERPT else 0
    shown = excerpt[start : start + MAX_EXCERPT].replace("\t", " ").rstrip()
    shown = steering().sub("�", shown)  # as wide as it was, for the caret
    at = max(0, span.column - 1 - start)
    width = max(1, min(span.length, len(shown) - at))
    return [f"    {shown}", f"    {' ' * at}{'^' * width}"]
