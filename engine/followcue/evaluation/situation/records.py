"""From a stream of records, one an event, to situations in the form of the file, which the reader takes.

A record names its `situation` and its `event`, and under the name of the scope (`application`) whose event it
is; its other fields are those of the event. The records of a situation file come the same way: the `event` is
then the kind of record (`application`, `contact`), and its key stands under that name or under `id`. A record
whose `event` is the name of the whole (`search`) holds what stands at the top of a file, such as `as_of`; one
whose `event` is `skip` is an entry of its `skips`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.situation.fields import described
from followcue.evaluation.situation.mistakes import MAX_MISTAKES, TooManyMistakes
from followcue.evaluation.situation.skips import SKIPS
from followcue.language.documents.plain import Path, normal
from followcue.language.model.vocabulary import Kind, Vocabulary

Plain = dict[str, Any]


SKIP = "skip"
"""The `event` of a record that is a skip, unless a vocabulary has a kind of that name."""


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
    return (GroupedSituation(name, begun.data) for name, begun in grouping.situations.items())


Origins: TypeAlias = dict[Path, int | list[int]]
"""The number of the record that a part came from, by its path; of a list of events a number for each."""


class Begun(NamedTuple):
    """A situation to which records are still added: its data, where that came from, its lists of events.

    A list of events is known by its scope, and has the numbers of their records beside it.
    """

    data: Plain
    origins: Origins
    events: dict[str | None, tuple[list[Plain], list[int]]]


class Grouping:
    """The situations of the records placed so far."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        shape = vocabulary.shape
        self._whole = shape.whole
        self._kinds = {name: vocabulary.kinds[name] for name in shape.records}
        self._known = {shape.whole, *shape.records}
        self._by_path = {kind.path: kind for kind in self._kinds.values()}
        self._scope = self._kinds[shape.scope] if shape.scope else None
        self._lists = {path[:-1]: path[-1] for path in reversed(shape.events)}
        self._collections = {key for path in (*self._by_path, *shape.events) for key in path}
        self._skip = None if SKIP in vocabulary.kinds else SKIP
        self._declared: set[tuple[str, ...]] = set()
        self.situations: dict[str, Begun] = {}
        self.problems: list[Diagnostic] = []

    def place(self, number: int, record: Mapping[str, object]) -> None:
        """Put one record where a situation file has it, or note why that cannot be."""
        try:
            self._place(number, record)
        except _UnplacedError as reason:
            if len(self.problems) == MAX_MISTAKES:
                raise TooManyMistakes(self.problems, "records") from None
            self.problems.append(Diagnostic("FC501", str(reason), place=f"record {number}"))

    def declared(self, record: Mapping[str, object]) -> tuple[str, ...] | None:
        """The kind and the keys of what a record declares; None for an event, or where keys are missing."""
        event = record.get("event")
        kind = self._kinds.get(event) if isinstance(event, str) else None
        try:
            return (kind.name, *self._keys(kind, _present(record))) if kind else None
        except _UnplacedError:
            return None

    def _place(self, number: int, record: Mapping[str, object]) -> None:
        fields = _present(record)
        name = _take_key(fields, "situation")
        event = fields.get("event")
        if name is None:
            raise _UnplacedError("a record needs `situation`: the name of the situation that it belongs to")
        if event is None:
            raise _UnplacedError("a record needs `event`: what happened, or the kind of record that it is")
        situation = self.situations.get(name)
        if situation is None:
            data: Plain = {self._scope.path[0]: {}} if self._scope else {}
            situation = self.situations[name] = Begun(data, {}, {})
        if isinstance(event, str) and event in self._known:
            del fields["event"]
            self._place_record(number, name, situation, event, fields)
            return
        if event == self._skip:
            del fields["event"]
            numbers = situation.origins.get((SKIPS,))
            if numbers is None:
                if SKIPS in situation.data:
                    raise _UnplacedError(f"`{SKIPS}` stand in the record of the {self._whole} already")
                situation.data[SKIPS] = []
                numbers = situation.origins[(SKIPS,)] = []
            situation.data[SKIPS].append(fields)
            assert isinstance(numbers, list)
            numbers.append(number)
            return
        scope = _take_key(fields, self._scope.name) if self._scope else None
        found = situation.events.get(scope)
        if found is None:
            found = situation.events[scope] = self._event_list(situation, scope)
        events, numbers = found
        events.append(fields)
        numbers.append(number)

    def _event_list(self, situation: Begun, scope: str | None) -> tuple[list[Plain], list[int]]:
        """The list of the events of a scope, or of the whole; made where it is not there yet."""
        path, keys = (self._scope.path, [scope]) if self._scope and scope is not None else ((), [])
        if path not in self._lists:
            raise _UnplacedError(f"an event needs `{self._scope.name if self._scope else 'event'}`")
        numbers: list[int] = []
        situation.origins[(*_path_to(path, keys), self._lists[path])] = numbers
        return _inside(situation.data, path, keys).setdefault(self._lists[path], []), numbers

    def _place_record(self, number: int, name: str, situation: Begun, event: str, fields: Plain) -> None:
        for key in self._collections.intersection(fields):
            raise _UnplacedError(
                f"`{key}` cannot stand inside a record: give each of them a record of its own"
            )
        if event == self._whole:
            if SKIPS in fields and SKIPS in situation.data:
                raise _UnplacedError(f"`{SKIPS}` stand in records of their own already: leave them out here")
            situation.data.update(fields)
            return
        kind = self._kinds[event]
        keys = self._keys(kind, fields)
        declared = (name, *kind.path, *keys)
        if declared in self._declared:
            called = kind.name if kind.single else f"{kind.name} `{keys[-1]}`"
            raise _UnplacedError(f"the {called} is declared twice")
        self._declared.add(declared)
        if kind.single:
            holder = _inside(situation.data, kind.path[:-1], keys)
            holder.setdefault(kind.path[-1], {}).update(fields)
        else:
            _inside(situation.data, kind.path, keys).update(fields)
        situation.origins[kind.place(keys)] = number

    def _keys(self, kind: Kind, fields: Plain) -> list[str]:
        """Take the keys of a record and of those that it stands in out of its fields."""
        keys = []
        for end in range(1, len(kind.path) + (not kind.single)):
            holder = self._by_path[kind.path[:end]]
            key = _take_key(fields, holder.name) or (_take_key(fields, "id") if holder is kind else None)
            if key is None:
                raise _UnplacedError(
                    f"`event: {kind.name}` needs `{holder.name}`: the key of the {holder.name}"
                )
            keys.append(key)
        return keys


class _UnplacedError(Exception):
    """Why a record cannot be placed."""


def _inside(situation: Plain, path: Sequence[str], keys: Sequence[str]) -> Plain:
    """The record at these keys of these nested collections, made where it is not there yet."""
    holder = situation
    for collection, key in zip(path, keys, strict=True):
        holder = holder.setdefault(collection, {}).setdefault(key, {})
    return holder


def _path_to(path: Sequence[str], keys: Sequence[str]) -> Path:
    """The path of the record at these keys of these nested collections."""
    return tuple([step for pair in zip(path, keys, strict=True) for step in pair])


def _present(record: Mapping[str, object]) -> Plain:
    """The fields of a record that are not absent: neither None, nor empty text, nor not-a-number."""
    if record.__class__ is not dict and not isinstance(record, Mapping):
        raise _UnplacedError(f"a record must be a mapping, not {described(record)}")
    values = record.values()
    if all(values) and float not in map(type, values):  # as most records are
        return dict(record)
    return {name: value for name, value in record.items() if not _is_absent(value)}


def _take_key(fields: Plain, name: str) -> str | None:
    """Remove a key from the fields; a whole number is taken for its digits, as tables often have them."""
    value = fields.pop(name, None)
    if isinstance(value, str):
        return normal(value)
    if value is None:
        return None
    if type(value) is int:
        return str(value)
    raise _UnplacedError(f"`{name}` must be text, not {described(value)}")


def _is_absent(value: object) -> bool:
    """Whether a table's cell is empty: a number that does not equal itself is what tables have for none."""
    return value is None or value == "" or (isinstance(value, float) and value != value)
