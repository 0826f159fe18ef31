"""Places in a stream: every part of a situation stands on the line of the record that it came from."""

from __future__ import annotations

from followcue.base.diagnostic import Span
from followcue.evaluation.situation.records import Origins
from followcue.language.documents.document import Document
from followcue.language.documents.places import Places
from followcue.language.documents.plain import MAX_DEPTH, Path


class RecordPlaces(Places):
    """Tells a path the number of its record: `origins` holds them, `first` is that of the situation."""

    def __init__(self, name: str, origins: Origins, first: int) -> None:
        super().__init__(name, "", None)
        self._origins = origins
        self._first = first

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The line of the record behind the value at `path`, or behind its nearest ancestor."""
        for end in range(len(path) if self._origins else 0, 0, -1):
            found = self._origins.get(path[:end])
            if isinstance(found, int):
                return Span(self.name, found, 1)
            if found is not None and end < len(path):
                return Span(self.name, found[int(path[end])], 1)
        return Span(self.name, self._first, 1)

    def span_within(self, path: Path, offset: int, length: int, *, key: bool = False) -> Span:
        """The same: a record has no parts with places."""
        return self.span(path, key=key)


def placed(name: str, data: object, origins: Origins, first: int, max_depth: int = MAX_DEPTH) -> Document:
    """A document of data whose places are lines of the file or table `name`; raises `InvalidInput`."""
    places = RecordPlaces(name, origins, first)
    return Document.of(data, name, max_depth)._replace(open_places=lambda: places)
