"""Edits: small changes to a situation that could be tried, each as data and as an application of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from followcue.language.documents.document import Document, Path


class Add(NamedTuple):
    """An event more, in the list at `path`."""

    path: Path
    scope: str | None
    event: tuple[tuple[str, object], ...]


class Remove(NamedTuple):
    """An event less."""

    path: Path
    scope: str | None


class Put(NamedTuple):
    """A field of an event or a record given a value; a record that is not there yet is made."""

    path: Path
    scope: str | None
    kind: str
    value: object


class Wait(NamedTuple):
    """Another day, on which the situation is looked at."""

    day: date


class Setting(NamedTuple):
    """A parameter, or the profile, given another value."""

    name: str
    value: object


Edit: TypeAlias = Add | Remove | Put | Wait | Setting
Edits: TypeAlias = tuple[Edit, ...]


class Tried(NamedTuple):
    """A situation with edits: its document, and what its reader is told besides."""

    document: Document
    as_of: date | None
    profile: str | None
    parameters: Mapping[str, object]


def with_edits(
    data: Mapping[str, object], edits: Iterable[Edit], parameters: Mapping[str, object] | None = None
) -> Tried:
    """The data with edits; what they do not touch is shared, paths are those of the data as it was."""
    as_of, profile, values = None, None, dict(parameters or {})
    changed: Any = data
    removed: list[Path] = []
    for edit in sorted(edits, key=lambda edit: isinstance(edit, Add)):  # a record before its events
        match edit:
            case Add(path, _, event):
                changed = _put(changed, path, [*(_at(changed, path) or []), dict(event)])
            case Remove(path):
                removed.append(path)
            case Put(path, _, _, value):
                changed = _put(changed, path, value)
            case Wait(day):
                as_of = day
            case Setting("profile", value):
                profile = str(value)
            case Setting(name, value):
                values[name] = value
    for path in sorted(removed, key=lambda p: p[-1], reverse=True):
        listed = _at(changed, path[:-1])
        changed = _put(changed, path[:-1], [e for n, e in enumerate(listed) if n != path[-1]])
    return Tried(Document("situation", changed), as_of, profile, values)


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def value_at(data: object, path: Path) -> object:
    """What stands there; None if nothing does."""
    return _at(data, path)


def _put(data: Any, path: Sequence[str | int], value: object) -> Any:
    """A copy of the data with a value at a path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_put(item, rest, value) if n == step else item for n, item in enumerate(data)]
    inside = data if isinstance(data, dict) else {}
    return {**inside, step: _put(inside.get(step), rest, value)}
