"""A situation file while it is being made: records and events as plain data, valid by the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from random import Random
from typing import Any, NamedTuple

from followcue.base.rows import Value
from followcue.base.values import format_date, format_duration
from followcue.language.model.vocabulary import Field, Kind, Type, Vocabulary
from followcue.synthesis.sampling.hints import Hints

COMMON = ("date", "at", "id", "note")
"""The columns that all events have."""

LONGEST_WRITTEN = 3650
"""The longest duration that is made up, in days."""


class Entry(NamedTuple):
    """One event that was placed: in the list of `scope` (None for the whole), its `rank` within its day."""

    scope: str | None
    kind: str
    fields: dict[str, Any]
    rank: int


class World:
    """The records and events of one situation; every reference is made to hit something."""

    def __init__(self, vocabulary: Vocabulary, hints: Hints, choose: Random, today: int) -> None:
        self._vocabulary = vocabulary
        self._hints = hints
        self._choose = choose
        self._today = today
        self._event_kinds = vocabulary.events
        self.data: dict[str, Any] = {}
        self.entries: list[Entry] = []
        self._there = 0
        scope = vocabulary.shape.scope
        self.scope_path = vocabulary.kinds[scope].path[0] if scope else None
        for name in vocabulary.shape.records:
            if len(vocabulary.kinds[name].path) == 1:
                self.data[vocabulary.kinds[name].path[0]] = {}

    @classmethod
    def of(cls, data: dict[str, Any], vocabulary: Vocabulary, hints: Hints, choose: Random) -> World:
        """The world of a situation that is there already, to which events can be added."""
        world = cls(vocabulary, hints, choose, _number(str(data["as_of"])))
        world.data |= {key: data[key] for key in world.data if isinstance(data.get(key), dict)}
        for scope, events in world.lists(data):
            world.entries += [Entry(scope, event["event"], event, 0) for event in events]
        world._there = len(world.entries)
        return world

    def write_into(self, data: dict[str, Any]) -> None:
        """Puts what was added since `of` into the situation that it was made of."""
        data.update({key: value for key, value in self.data.items() if value or key in data})
        self._write(data, self.entries[self._there :])

    def lists(self, data: dict[str, Any]) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
        """Every list of events of a situation, with the scope that it belongs to."""
        for path in self._vocabulary.shape.events:
            if len(path) == 1:
                yield None, data.get(path[0]) or []
            else:
                for scope, record in (data.get(path[0]) or {}).items():
                    yield scope, record.get(path[1]) or []

    # --- records
    @property
    def scopes(self) -> list[str]:
        """The keys of the records of the scope."""
        return list(self.data[self.scope_path]) if self.scope_path else []

    def a_scope(self) -> str | None:
        """One of the records of the scope, a new one where there is none; None in packs without a scope."""
        if self.scope_path is None:
            return None
        scope = self._vocabulary.shape.scope
        assert scope is not None
        if not self.scopes:
            self.record(scope, None, f"{scope}1")
        return self._choose.choice(self.scopes)

    def record(self, kind: str, scope: str | None, key: str) -> dict[str, Any]:
        """The record of that kind and key, made if it is not there yet; a single one needs no key."""
        path = self._vocabulary.kinds[kind].path
        holder: dict[str, Any] = self.data
        outer: str | None = None
        for depth, step in enumerate(path[:-1], 1):
            found = holder.setdefault(step, {})
            kind_outside = next(k for k in self._vocabulary.kinds.values() if k.path == path[:depth])
            inside_scope = self._vocabulary.is_scope(kind_outside.name)
            outer = (scope or self.a_scope()) if inside_scope else next(iter(found), f"{kind_outside.name}1")
            assert outer is not None
            holder = found.setdefault(outer, {})
        entries: dict[str, dict[str, Any]] = holder.setdefault(path[-1], {})
        return entries if self._vocabulary.kinds[kind].single else entries.setdefault(key, {})

    # --- events
    def event(self, kind: str, scope: str | None, day: int, rank: int) -> dict[str, Any]:
        """A new event in the list of that scope, of the whole for None; its fields, to be filled in."""
        fields: dict[str, Any] = {"date": format_date(day), "event": kind}
        self.entries.append(Entry(self._list_of(scope), kind, fields, rank))
        return fields

    def _list_of(self, scope: str | None) -> str | None:
        """The scope in whose list an event of `scope` can stand: not every pack has lists for all."""
        depths = {len(path) for path in self._vocabulary.shape.events}
        if max(depths) == 1:
            return None
        return scope if scope is not None or 1 in depths else self.a_scope()

    # --- fields
    def fill(self) -> None:
        """Gives every record and event what its kind requires, until nothing is missing."""
        done = 0
        records: set[int] = set()
        while True:
            waiting = [(k, s, f) for k, s, f in self._records() if id(f) not in records]
            events = self.entries[done:]
            if not waiting and not events:
                return
            done = len(self.entries)
            for kind, scope, fields in waiting:
                records.add(id(fields))
                self._fill(self._vocabulary.kinds[kind], scope, fields)
            for entry in events:
                self._fill(self._vocabulary.kinds[entry.kind], entry.scope, entry.fields)

    def _records(self) -> list[tuple[str, str | None, dict[str, Any]]]:
        """All records with their kind and scope; outer ones first."""
        return [
            (kind, scope, fields)
            for kind in self._vocabulary.shape.records
            for scope, fields in self._at(self._vocabulary.kinds[kind])
        ]

    def _at(self, kind: Kind) -> Iterator[tuple[str | None, dict[str, Any]]]:
        holders: list[tuple[str | None, Any]] = [(None, self.data)]
        for depth, step in enumerate(kind.path[:-1] if kind.single else kind.path, 1):
            own = self.scope_path is not None and kind.path[:depth] == (self.scope_path,)
            holders = [
                (key if own else scope, entry)
                for scope, holder in holders
                for key, entry in (holder.get(step) or {}).items()
            ]
        if kind.single:
            last = kind.path[-1]
            holders = [(scope, holder[last]) for scope, holder in holders if holder.get(last)]
        return iter(holders)

    def _fill(self, kind: Kind, scope: str | None, fields: dict[str, Any]) -> None:
        if self._vocabulary.is_scope(kind.name):
            scope = None  # its references are looked up in the whole
        known = {field.name: field for field in kind.fields}
        for name in [name for name in fields if name in known]:
            self._check_reference(known[name], scope, fields, name)
        for requirement in kind.require:
            if any(name in fields for name in requirement.fields):
                continue
            if requirement.several_of and self._choose.random() < 0.2:
                continue  # may be left out while only one could be meant
            name = self._choose.choice(requirement.fields)
            if name == "id":
                fields["id"] = self.a_new_id(kind.name, scope)
            elif name in known:
                fields[name] = self.written(known[name], scope)
            elif name not in fields:
                fields[name] = "so it is"
        for field in kind.fields:
            if field.name not in fields and self._choose.random() < 0.25:
                fields[field.name] = self.written(field, scope)

    def _check_reference(self, field: Field, scope: str | None, fields: dict[str, Any], name: str) -> None:
        """Makes what a field refers to, where it is not there."""
        if not field.type.refers_to:
            return
        found = fields[name] if isinstance(fields[name], list) else [fields[name]]
        known = self._referable(field.type, scope)
        for key in found:
            if key not in known:
                self._make(field.type, scope, str(key))

    def written(self, field: Field, scope: str | None) -> object:
        """A made-up value of a field as it stands in a file."""
        if field.many:
            members = [
                self._one(field.type, scope, field.name) for _ in range(self._choose.choice((1, 1, 2)))
            ]
            return list(dict.fromkeys(members))
        return self._one(field.type, scope, field.name)

    def _one(self, kind: Type, scope: str | None, name: str) -> object:
        if kind.refers_to:
            known = self._referable(kind, scope)
            if known and self._choose.random() < 0.85:
                return self._choose.choice(known)
            key = f"{kind.refers_to[0]}{len(known) + 1}"
            while key in known:
                key += "x"
            self._make(kind, scope, key)
            return key
        return as_written(self.guess(kind, name), kind)

    def guess(self, kind: Type, name: str) -> Value:
        """A made-up value of a type, as rules see it."""
        choose = self._choose
        if kind.choices:
            return choose.choice(kind.choices)
        match kind.base:
            case "date" | "moment":
                return self.a_day()
            case "duration":
                return choose.choice(self._hints.distances)
            case "number":
                return choose.choice((0, 1, 1, 2, 2, 3, 4, 5, 10, 100))
            case "bool":
                return choose.random() < 0.5
            case _:
                return choose.choice((f"{name} a", f"{name} b"))

    def a_day(self) -> int:
        """A day near something: near today or an event, or as far from it as rules count."""
        near = [day_of(entry.fields) for entry in self.entries[-8:]] + [self._today]
        distance = self._choose.choice((0, 0, 0, -1, 1, *self._hints.distances))
        return self._choose.choice(near) + self._choose.choice((-1, 1, 1)) * distance

    # --- references
    def _referable(self, kind: Type, scope: str | None) -> list[str]:
        """The keys and ids that a reference may name."""
        found: dict[str, None] = {}
        for name in kind.refers_to:
            target = self._vocabulary.kinds[name]
            if target.role == "record":
                found.update(dict.fromkeys(self._keys_of(target, scope)))
        for entry in self.entries:
            if entry.scope == scope and entry.kind in kind.refers_to and "id" in entry.fields:
                found[entry.fields["id"]] = None
        return list(found)

    def _keys_of(self, kind: Kind, scope: str | None) -> Iterable[str]:
        holder: Any = self.data
        for depth, step in enumerate(kind.path[:-1], 1):
            inside: Any = holder.get(step) or {}
            own = kind.path[:depth] == (self.scope_path,)
            holder = (inside.get(scope) if own else next(iter(inside.values()), None)) or {}
        return holder.get(kind.path[-1]) or ()

    def _make(self, kind: Type, scope: str | None, key: str) -> None:
        """Makes the record or the event that a reference names."""
        target = self._vocabulary.kinds[self._choose.choice(kind.refers_to)]
        if target.role == "record":
            self.record(target.name, scope, key)
        else:
            fields = self.event(target.name, scope, self.a_day(), 0)
            fields["id"] = key

    def a_new_id(self, kind: str, scope: str | None) -> str:
        """An id that no event of that kind has there."""
        known = {e.fields.get("id") for e in self.entries if e.kind == kind and e.scope == scope}
        number = 1
        while f"{kind}{number}" in known:
            number += 1
        return f"{kind}{number}"

    # --- the whole
    def finished(self, as_of: int, settings: dict[str, Any]) -> dict[str, Any]:
        """The situation as plain data; events stand in the order of their days, sometimes in none."""
        data: dict[str, Any] = {"as_of": format_date(as_of), **settings, **self.data}
        if self._choose.random() < 0.85:
            self.entries.sort(key=lambda entry: (day_of(entry.fields), entry.rank))
        self._write(data, self.entries)
        return data

    def _write(self, data: dict[str, Any], entries: Iterable[Entry]) -> None:
        for entry in entries:
            paths = [p for p in self._vocabulary.shape.events if (len(p) > 1) == (entry.scope is not None)]
            path = self._choose.choice(paths)
            holder = data if entry.scope is None else data[path[0]].setdefault(entry.scope, {})
            holder.setdefault(path[-1], []).append(entry.fields)


def day_of(fields: dict[str, Any]) -> int:
    """The day number of an event that was placed."""
    return _number(str(fields["date"]))


def _number(written: str) -> int:
    return date.fromisoformat(written).toordinal()


def as_written(value: Value, kind: Type) -> object:
    """The value as a file has it."""
    if kind.base == "date" and isinstance(value, int):
        return format_date(value)
    if kind.base == "duration" and isinstance(value, int):
        return format_duration(min(max(value, 0), LONGEST_WRITTEN))
    return value
