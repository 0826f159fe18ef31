"""A document: plain data, and for each value of it the place in the text where its author wrote it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.named_tuple import NamedTuple
from followcue.language.documents.plain import MAX_DEPTH, Path, plain_copy

if TYPE_CHECKING:
    from followcue.language.documents.places import Places
    from followcue.language.documents.written import Written

__all__ = ["Document", "Path", "dotted"]

OpenPlaces: TypeAlias = Callable[[], "Places"]


class Document(NamedTuple):
    """Plain data (mappings with text keys, lists, text, numbers, booleans, None), read or handed in.

    `name` is the file name as the user gave it. Places are looked up only when asked for: `open_places` gives
    them, and is None for data that has no text.
    """

    name: str
    data: object
    open_places: OpenPlaces | None = None

    @classmethod
    def of(cls, data: object, name: str = "situation", max_depth: int = MAX_DEPTH) -> Document:
        """A document of data that a program made; raises `InvalidInput` if it is not plain data.

        Dates are taken as their ISO text and tuples as lists.
        """
        copied, unfit = plain_copy(data, max_depth)
        document = cls(name, copied)
        if unfit:
            raise InvalidInput([document.problem(u.code, u.message, u.path, hint=u.hint) for u in unfit])
        return document

    def within(self, key: str) -> Document:
        """The value of a key of the mapping that this is, as a document of its own in the same text."""
        assert isinstance(self.data, dict)
        opened = self.open_places
        return Document(self.name, self.data[key], opened and (lambda: opened().within((key,))))

    def span(self, path: Path, *, key: bool = False) -> Span | None:
        """The place of the value at `path` (of its key if `key`), or of its nearest existing ancestor.

        A value that covers several lines is marked on its first one. None for data without text.
        """
        return self.open_places().span(path, key=key) if self.open_places else None

    def written(self, path: Path) -> Written | None:
        """How the single value at `path` stands in the text; None for data without text."""
        return self.open_places().written(path) if self.open_places else None

    def problem(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        hint: str | None = None,
        within: tuple[int, int] | None = None,
        related: tuple[tuple[str, Span], ...] = (),
    ) -> Diagnostic:
        """A diagnostic that points at the value at `path`, or at its key.

        `within` is an offset and a length inside the text of a one-line value: the caret then points there.
        """
        place = dotted(path) or self.name
        if not self.open_places:
            return Diagnostic(code, message, hint=hint, place=place, related=related)
        places = self.open_places()
        span = places.span_within(path, *within, key=key) if within else places.span(path, key=key)
        return Diagnostic(code, message, span, hint, places.line(span.line) or None, place, related)

    def __reduce__(self) -> tuple[object, ...]:
        return _with_places, (self.name, self.data, self.open_places() if self.open_places else None)


def _with_places(name: str, data: object, places: Places | None) -> Document:
    """What was pickled or copied, with the places that it had."""
    return Document(name, data, None if places is None else partial(_same, places))


def _same(places: Places) -> Places:
    return places


def dotted(path: Path) -> str:
    """A path as its author would say it: `loans.emma.events[3].date`."""
    said = "".join([f"[{step}]" if isinstance(step, int) else f".{step}" for step in path])
    return said.removeprefix(".")
