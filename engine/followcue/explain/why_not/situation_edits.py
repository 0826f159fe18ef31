"""Edits of a situation that can be tried: as values, and applied to its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from followcue.language.documents.document import Document, Path


class Add(NamedTuple):
    """Add an event to the list at `path`."""

    path: Path
    scope: str | None
    event: tuple[tuple[str, object], ...]


class Remove(NamedTuple):
    """Remove the event at `path`."""

    path: Path
    scope: str | None


class Put(NamedTuple):
    """Set a field of an event or a record; or add a record, with all its fields."""

    path: Path
    scope: str | None
    kind: str
    value: object


class Wait(NamedTuple):
    """Evaluate on a later day."""

    day: date


class Setting(NamedTuple):
    """Set a parameter, or the profile."""

    name: str
    value: object


SituationEdit: TypeAlias = Add | Remove | Put | Wait | Setting
Edits: TypeAlias = tuple[SituationEdit, ...]


class Tried(NamedTuple):
    """A situation with edits: its document, and the options to read it with."""

    document: Document
    as_of: date | None
    profile: str | None
    parameters: Mapping[str, object]


def with_edits(
    data: Mapping[str, object], edits: Iterable[SituationEdit], parameters: Mapping[str, object] | None = None
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
    """The value at a path; None where there is none."""
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
