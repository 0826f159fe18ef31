"""From a stream of records, one an event, to situations in the form of the file, which the reader takes.

A record names its `situation` and its `event`, and under the name of the scope (`application`) whose event it
is; its other fields are those of the event. The records of a situation file come the same way: the `event` is
then the kind of record (`application`, `contact`), and its key stands under that name or under `id`. A record
whose `event` is the name of the whole (`search`) holds what stands at the top of a file, such as `as_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from followcue.diagnostic import Diagnostic, InvalidInput
from followcue.model.vocabulary import Kind, Vocabulary
from followcue.situation.fields import described
from followcue.situation.mistakes import MAX_MISTAKES, TooManyMistakes
from followcue.source.plain import Path

Plain = dict[str, Any]


class GroupedSituation(NamedTuple):
    """One situation of a stream: its name, and its data in the form of a situation file."""

    name: str
    data: Plain


def situations_from_records(
    records: Iterable[Mapping[str, object]], vocabulary: Vocabulary
) -> Iterator[GroupedSituation]:
    """Group records, which may come in any order, into situations in the order in which each first occurs.

    Events keep their order. Absent values (None, empty text, not-a-number) are left out. All is held in
    memory until the last record is read. Raises `InvalidInput`, before the first situation, with every
    record that cannot be placed; what is wrong inside a situation its reader tells.
    """
    grouping = Grouping(vocabulary)
    for number, record in enumerate(records, 1):
        grouping.place(number, record)
    if grouping.problems:
        raise InvalidInput(grouping.problems)
    return (GroupedSituation(name, data) for name, data in grouping.situations.items())


class Grouping:
    """The situations of the records placed so far, and the number of the record that each part came from."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        shape = vocabulary.shape
        self._whole = shape.whole
        self._kinds = {name: vocabulary.kinds[name] for name in shape.records}
        self._by_path = {kind.path: kind for kind in self._kinds.values()}
        self._scope = self._kinds[shape.scope] if shape.scope else None
        self._lists = {path[:-1]: path[-1] for path in reversed(shape.events)}
        self._collections = {key for path in (*self._by_path, *shape.events) for key in path}
        self._declared: set[tuple[str, ...]] = set()
        self.situations: dict[str, Plain] = {}
        self.origins: dict[str, dict[Path, int]] = {}
        self.problems: list[Diagnostic] = []

    def place(self, number: int, record: Mapping[str, object]) -> None:
        """Put one record where a situation file has it, or note why that cannot be."""
        try:
            name, path = self._place(record)
            self.origins.setdefault(name, {})[path] = number
        except _UnplacedError as reason:
            if len(self.problems) == MAX_MISTAKES:
                raise TooManyMistakes(self.problems, "records") from None
            self.problems.append(Diagnostic("FC501", str(reason), place=f"record {number}"))

    def _place(self, record: Mapping[str, object]) -> tuple[str, Path]:
        """Put the record into its situation; gives the name of that, and the path to what came of it."""
        if not isinstance(record, Mapping):
            raise _UnplacedError(f"a record must be a mapping, not {described(record)}")
        rest: Plain = {
            name: value
            for name, value in record.items()
            if (value.__class__ is str and value != "") or not _is_absent(value)
        }
        name = _take_key(rest, "situation")
        event = rest.get("event")
        if name is None:
            raise _UnplacedError("a record needs `situation`: the name of the situation that it belongs to")
        if event is None:
            raise _UnplacedError("a record needs `event`: what happened, or the kind of record that it is")
        situation = self.situations.get(name)
        if situation is None:
            situation = self.situations[name] = {self._scope.path[0]: {}} if self._scope else {}
        if event != self._whole and not (isinstance(event, str) and event in self._kinds):
            return name, self._place_event(situation, rest)
        del rest["event"]
        for key in self._collections.intersection(rest):
            raise _UnplacedError(
                f"`{key}` cannot stand inside a record: give each of them a record of its own"
            )
        if event == self._whole:
            situation.update(rest)
            return name, ()
        return name, self._place_record(name, situation, self._kinds[str(event)], rest)

    def _place_record(self, name: str, situation: Plain, kind: Kind, fields: Plain) -> Path:
        keys = []
        for end in range(1, len(kind.path) + 1):
            holder = self._by_path[kind.path[:end]]
            key = _take_key(fields, holder.name) or (_take_key(fields, "id") if holder is kind else None)
            if key is None:
                raise _UnplacedError(
                    f"`event: {kind.name}` needs `{holder.name}`: the key of the {holder.name}"
                )
            keys.append(key)
        if (name, *kind.path, *keys) in self._declared:
            raise _UnplacedError(f"the {kind.name} `{keys[-1]}` is declared twice")
        self._declared.add((name, *kind.path, *keys))
        _inside(situation, kind.path, keys).update(fields)
        return _path_to(kind.path, keys)

    def _place_event(self, situation: Plain, fields: Plain) -> Path:
        scope = _take_key(fields, self._scope.name) if self._scope else None
        holder: Plain = situation
        path: tuple[str, ...] = ()
        if self._scope and scope is not None:
            path = self._scope.path
            holder = _inside(situation, path, [scope])
        if path not in self._lists:
            raise _UnplacedError(f"an event needs `{self._scope.name if self._scope else 'event'}`")
        events = holder.setdefault(self._lists[path], [])
        events.append(fields)
        return (*_path_to(path, [scope] if path else []), self._lists[path], len(events) - 1)


class _UnplacedError(Exception):
    """Why a record cannot be placed."""


def _inside(situation: Plain, path: tuple[str, ...], keys: list[str]) -> Plain:
    """The record at these keys of these nested collections, made where it is not there yet."""
    holder = situation
    for collection, key in zip(path, keys, strict=True):
        holder = holder.setdefault(collection, {}).setdefault(key, {})
    return holder


def _path_to(path: tuple[str, ...], keys: Sequence[str | None]) -> Path:
    """The path of the record at these keys of these nested collections."""
    return tuple(str(step) for pair in zip(path, keys, strict=True) for step in pair)


def _take_key(fields: Plain, name: str) -> str | None:
    """Remove a key from the fields; a whole number is taken for its digits, as tables often have them."""
    value = fields.pop(name, None)
    if type(value) is int:
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise _UnplacedError(f"`{name}` must be text, not {described(value)}")


def _is_absent(value: object) -> bool:
    """Whether a table's cell is empty: a number that does not equal itself is what tables have for none."""
    return value is None or value == "" or (isinstance(value, float) and value != value)
