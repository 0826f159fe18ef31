"""The situation of one check: as the test gives it, with the events that the check adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from followcue.base.diagnostic import Span
from followcue.language.documents.document import Document, Path
from followcue.language.documents.places import Places
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import Shape


class Added(NamedTuple):
    """An event to add: of the record `scope` of the pack's scope, or of the whole."""

    scope: str | None
    event: Mapping[str, object]
    where: Where


class Overlay(NamedTuple):
    """What a check lays over a situation: the values of top keys, and events."""

    keys: Mapping[str, tuple[object, Where]]
    events: Sequence[Added] = ()


def situation_document(base: Where, overlay: Overlay, shape: Shape) -> Document:
    """The situation at `base` with the overlay, each value of it with the place where its author wrote it."""
    data: Any = _value_at(base)
    if not isinstance(data, dict):
        return Document(base.document.name, data, base.document.open_places)
    laid: dict[str, Any] = {**data, **{key: value for key, (value, _) in overlay.keys.items()}}
    ways: dict[Path, Where] = {(): base}
    ways |= {(key,): where for key, (_, where) in overlay.keys.items()}
    for added in overlay.events:
        laid, path = _with_event(laid, added, shape)
        ways[path] = added.where
    return Document(base.document.name, laid, _opener(base.document, ways))


def records_of(base: Where, shape: Shape, scope_path: Sequence[str]) -> tuple[str, ...]:
    """The ids of the records of the scope in the situation at `base`."""
    data: Any = _value_at(base)
    for key in scope_path:
        data = data.get(key) if isinstance(data, dict) else None
    return tuple(data) if shape.scope and isinstance(data, dict) else ()


def names_in(data: object) -> set[str]:
    """Every key and every text of plain data: whatever something in it may be called."""
    names: set[str] = set()
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            names.add(value)
        elif isinstance(value, dict):
            names |= value.keys()
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return names


class _PlacesElsewhere(Places):
    """The places of data that was put together from parts of several texts."""

    def __init__(self, text: Places, ways: Mapping[Path, tuple[Places, Path]]) -> None:
        super().__init__(text.name, text.text, text.root)
        self._ways = ways

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The place of the value at `path`, or of its key."""
        text, way = self._way(path)
        return text.span(way, key=key)

    def span_within(self, path: Path, offset: int, length: int, *, key: bool = False) -> Span:
        """The place of a part of the text at `path`."""
        text, way = self._way(path)
        return text.span_within(way, offset, length, key=key)

    def excerpt(self, span: Span) -> str:
        """The line of a place, in the text that it is in."""
        texts = (text for text, _ in self._ways.values() if text.name == span.file)
        return next(texts, self).line(span.line)

    def _way(self, path: Path) -> tuple[Places, Path]:
        """The text and the path in it; what was written nearest to the value decides."""
        for length in range(len(path), -1, -1):
            if path[:length] in self._ways:
                text, way = self._ways[path[:length]]
                return text, (*way, *path[length:])
        return self, path


def _opener(document: Document, ways: Mapping[Path, Where]) -> Any:
    opened = document.open_places
    if opened is None:
        return None

    def opens() -> Places:
        base = opened()
        placed = {
            path: (places() if (places := where.document.open_places) else base, where.path)
            for path, where in ways.items()
        }
        return _PlacesElsewhere(base, placed)

    return cache(opens)


def _value_at(where: Where) -> Any:
    value: Any = where.document.data
    for step in where.path:
        value = value[step]
    return value


def _with_event(data: dict[str, Any], added: Added, shape: Shape) -> tuple[dict[str, Any], Path]:
    """The data with the event at the end of its list, and the path of the event."""
    inside = shape.events if added.scope is None else [path for path in shape.events if len(path) > 1]
    keys = min(inside, key=len)
    path = keys if added.scope is None else (keys[0], added.scope, *keys[1:])
    return _appended(data, path, dict(added.event))


def _appended(
    data: dict[str, Any], path: Sequence[str], event: dict[str, Any]
) -> tuple[dict[str, Any], Path]:
    """A copy of `data`, as deep as needed, in which the event stands at the end of the list at `path`."""
    first, rest = path[0], path[1:]
    inner = data.get(first)
    if rest:
        changed, way = _appended(inner if isinstance(inner, dict) else {}, rest, event)
        return {**data, first: changed}, (first, *way)
    events = inner if isinstance(inner, list) else []
    return {**data, first: [*events, event]}, (first, len(events))
