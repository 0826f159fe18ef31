"""Variants of the situations of tests, in search of one in which a changed rule shows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple, TypeAlias, cast

from followcue.base.values import format_duration, looks_like_date, parse_date
from followcue.evaluation.situation.situation import Events, Situation
from followcue.language.model.vocabulary import Field, Kind, Parameter, Type, Vocabulary

Data: TypeAlias = dict[str, Any]

NEAR = (-1, 0, 0, 1)
"""How far a day is moved from one that already means something."""

FAR = (-30, -14, -7, -3, -2, 2, 3, 7, 14, 30)


class Focus(NamedTuple):
    """What a variant should be about: kinds of facts, and parameters."""

    kinds: tuple[str, ...]
    parameters: tuple[str, ...] = ()


class _Place(NamedTuple):
    """A list of events, and the record of the scope that has it (None for the whole)."""

    events: list[Data]
    scope: str | None


def plain(situation: Situation) -> Data:
    """A situation that was read, as data of one's own, with its day."""
    data: Data = copy.deepcopy(cast(Data, cast(Events, situation.events).document.data))
    data["as_of"] = date.fromordinal(situation.as_of).isoformat()
    return data


class Variants:
    """Changes of situations of one pack, by one source of chance."""

    def __init__(self, vocabulary: Vocabulary, chance: Random) -> None:
        self._vocabulary = vocabulary
        self._chance = chance

    def change(self, data: Data, focus: Focus, others: Sequence[Data]) -> None:
        """One change, more often than not of what the focus is on; `others` are situations to borrow from."""
        weighted: tuple[tuple[int, Callable[[], None]], ...] = (
            (5, lambda: self._add(data, focus)),
            (4, lambda: self._move_today(data)),
            (3, lambda: self._move_event(data, focus)),
            (3, lambda: self._change_event(data, focus)),
            (2, lambda: self._remove(data)),
            (2, lambda: self._repeat(data, focus)),
            (2, lambda: self._change_record(data)),
            (1, lambda: self._add_record(data)),
            (1, lambda: self._remove_record(data)),
            (1, lambda: self._set_profile(data)),
            (1, lambda: self._set_parameter(data, focus)),
            (1, lambda: self._join(data, others)),
            (1, lambda: self._swap(data)),
        )
        weights = [weight for weight, _ in weighted]
        self._chance.choices([change for _, change in weighted], weights)[0]()

    # --- days
    def _move_today(self, data: Data) -> None:
        day = self._day(data)
        data["as_of"] = _moved(day, self._chance.choice((*NEAR, *FAR)))

    def _day(self, data: Data) -> str:
        """A day that the situation speaks of."""
        days = sorted({value for value in _texts(data) if looks_like_date(value)})
        return self._chance.choice(days or [str(data["as_of"])])

    def _near_day(self, data: Data) -> str:
        far = self._chance.random() < 0.2
        return _moved(self._day(data), self._chance.choice(FAR if far else NEAR))

    def _move_event(self, data: Data, focus: Focus) -> None:
        event = self._event(data, focus)
        if event:
            days = [key for key, value in event.items() if isinstance(value, str) and looks_like_date(value)]
            key = self._chance.choice(days)
            event[key] = (
                _moved(event[key], self._chance.choice((-1, 1))) if self._heads() else self._near_day(data)
            )

    # --- events
    def _event(self, data: Data, focus: Focus) -> Data | None:
        events = [event for place in self._places(data) for event in place.events]
        near = [event for event in events if event.get("event") in focus.kinds]
        chosen = near if near and self._chance.random() < 0.7 else events
        return self._chance.choice(chosen) if chosen else None

    def _add(self, data: Data, focus: Focus) -> None:
        kinds = [name for name in focus.kinds if self._role(name) == "event"]
        if not kinds or self._chance.random() < 0.15:
            kinds = [name for name, kind in self._vocabulary.kinds.items() if kind.is_event]
        places = list(self._places(data))
        if not places:
            return
        scoped = [place for place in places if place.scope is not None]
        place = self._chance.choice(scoped if scoped and self._chance.random() < 0.9 else places)
        kind = self._vocabulary.kinds[self._chance.choice(kinds)]
        event = self._made(kind, place, data)
        place.events.insert(self._chance.randint(0, len(place.events)), event)

    def _made(self, kind: Kind, place: _Place, data: Data) -> Data:
        event: Data = {"date": self._near_day(data), "event": kind.name}
        wanted = {field for need in kind.require for field in need.fields}
        if self._is_named(kind) or "id" in wanted:
            event["id"] = self._chance.choice(["n1", "n2", *self._ids(place, kind.name)])
        for field in kind.fields:
            if field.name in wanted or self._heads():
                value = self._value(field, place, data)
                if value is not None:
                    event[field.name] = [value] if field.many else value
        return event

    def _change_event(self, data: Data, focus: Focus) -> None:
        places = [(place, event) for place in self._places(data) for event in place.events]
        near = [found for found in places if found[1].get("event") in focus.kinds]
        chosen = near if near and self._chance.random() < 0.7 else places
        if not chosen:
            return
        place, event = self._chance.choice(chosen)
        kind = self._vocabulary.kinds.get(str(event.get("event")))
        if kind is None or not kind.fields:
            return
        field = self._chance.choice(kind.fields)
        if field.name in event and self._chance.random() < 0.4:
            del event[field.name]
            return
        value = self._value(field, place, data)
        if value is not None:
            event[field.name] = [value] if field.many else value

    def _remove(self, data: Data) -> None:
        lists = [place.events for place in self._places(data) if place.events]
        if lists:
            events = self._chance.choice(lists)
            del events[self._chance.randrange(len(events))]

    def _repeat(self, data: Data, focus: Focus) -> None:
        lists = [place.events for place in self._places(data) if place.events]
        if not lists:
            return
        events = self._chance.choice(lists)
        near = [event for event in events if event.get("event") in focus.kinds]
        again = dict(self._chance.choice(near or events))
        if self._heads():
            again["date"] = self._near_day(data)
        if "id" in again and self._heads():
            again["id"] = f"{again['id']}b"
        events.insert(self._chance.randint(0, len(events)), again)

    def _swap(self, data: Data) -> None:
        lists = [place.events for place in self._places(data) if len(place.events) > 1]
        if lists:
            events = self._chance.choice(lists)
            i = self._chance.randrange(len(events) - 1)
            events[i], events[i + 1] = events[i + 1], events[i]
            if self._heads():
                events[i]["date"] = events[i + 1]["date"]

    # --- records
    def _records(self, data: Data) -> Iterator[tuple[Kind, str | None, Data]]:
        """Each mapping of records, with its kind and the record of the scope that has it."""
        for name in self._vocabulary.shape.records:
            kind = self._vocabulary.kinds[name]
            holders: list[tuple[str | None, Any]] = [(None, data)]
            for depth, key in enumerate(kind.path):
                last = depth == len(kind.path) - 1
                holders = [
                    found
                    for scope, holder in holders
                    if isinstance(holder, dict)
                    for found in (
                        [(scope, holder.setdefault(key, {}))]
                        if last
                        else [(record, inner) for record, inner in (holder.get(key) or {}).items()]
                    )
                ]
            yield from (
                (kind, scope, {kind.path[-1]: found} if kind.single else found)
                for scope, found in holders
                if isinstance(found, dict)
            )

    def _change_record(self, data: Data) -> None:
        found = [(kind, scope, r) for kind, scope, many in self._records(data) for r in many.values()]
        found = [(kind, scope, r) for kind, scope, r in found if isinstance(r, dict) and kind.fields]
        if not found:
            return
        kind, scope, record = self._chance.choice(found)
        field = self._chance.choice([f for f in kind.fields if f.type.choices] or list(kind.fields))
        required = {name for need in kind.require for name in need.fields}
        if field.name in record and field.name not in required and self._chance.random() < 0.3:
            del record[field.name]
            return
        value = self._value(field, _Place([], scope), data)
        if value is not None:
            record[field.name] = [value] if field.many else value

    def _add_record(self, data: Data) -> None:
        found = [(kind, scope, many) for kind, scope, many in self._records(data) if scope is not None]
        if not found:
            return
        kind, scope, many = self._chance.choice(found)
        record: Data = {}
        for field in kind.fields:
            if field.type.choices or any(field.name in need.fields for need in kind.require):
                value = self._value(field, _Place([], scope), data)
                if value is not None:
                    record[field.name] = value
        many[f"x{len(many) + 1}"] = record

    def _remove_record(self, data: Data) -> None:
        found = [many for _, _, many in self._records(data) if many]
        if found:
            many = self._chance.choice(found)
            del many[self._chance.choice(sorted(many))]

    def _join(self, data: Data, others: Sequence[Data]) -> None:
        """Records of the scope from another situation as well."""
        scope = self._vocabulary.shape.scope
        if scope is None or not others:
            return
        key = self._vocabulary.kinds[scope].path[0]
        borrowed = copy.deepcopy(self._chance.choice(others).get(key) or {})
        for name, record in borrowed.items():
            data.setdefault(key, {})[f"{name}-2" if name in data.get(key, {}) else name] = record

    # --- settings
    def _set_profile(self, data: Data) -> None:
        if self._vocabulary.profiles:
            data["profile"] = self._chance.choice(self._vocabulary.profiles)

    def _set_parameter(self, data: Data, focus: Focus) -> None:
        known = self._vocabulary.parameters
        named = [known[name] for name in focus.parameters] or list(known.values())
        if named:
            parameter = self._chance.choice(named)
            value = self._varied(parameter)
            if value is not None:
                data["params"] = {**(data.get("params") or {}), parameter.name: value}

    def _varied(self, parameter: Parameter) -> object:
        if parameter.type.choices:
            return self._chance.choice(parameter.type.choices)
        if isinstance(parameter.value, int) and not isinstance(parameter.value, bool):
            value = max(0, parameter.value + self._chance.choice((-1, 1, 2)))
            return format_duration(value) if parameter.type.base == "duration" else value
        return None

    # --- values
    def _value(self, field: Field, place: _Place, data: Data) -> object:
        kind: Type = field.type
        if kind.choices:
            return self._chance.choice(kind.choices)
        if kind.refers_to:
            names = self._names(kind, place, data)
            return self._chance.choice(names) if names else None
        match kind.base:
            case "date":
                return self._near_day(data)
            case "duration":
                return format_duration(self._chance.choice((0, 1, 2, 5, 7, 14)))
            case "number":
                return self._chance.choice((0, 1, 2, 3, 5))
            case "bool":
                return self._heads()
            case _:
                return self._chance.choice(("some", "other"))

    def _names(self, kind: Type, place: _Place, data: Data) -> list[str]:
        names: list[str] = []
        for record, scope, many in self._records(data):
            if record.name in kind.refers_to and scope in (None, place.scope):
                names += many
        for name in kind.refers_to:
            names += self._ids(place, name)
        return sorted(set(names))

    def _ids(self, place: _Place, kind: str) -> list[str]:
        return [str(e["id"]) for e in place.events if "id" in e and e.get("event") == kind]

    def _is_named(self, kind: Kind) -> bool:
        return any(kind.name in declared.refers_to for declared in self._vocabulary.types.values())

    def _role(self, name: str) -> str:
        kind = self._vocabulary.kinds.get(name.partition(".")[0])
        return kind.role if kind else ""

    def _places(self, data: Data) -> Iterator[_Place]:
        for path in self._vocabulary.shape.events:
            if len(path) == 1:
                yield _Place(_listed(data, path[0]), None)
                continue
            for name, record in (data.get(path[0]) or {}).items():
                if isinstance(record, dict):
                    yield _Place(_listed(record, path[-1]), name)

    def _heads(self) -> bool:
        return self._chance.random() < 0.5


def kinds_beneath(kinds: Iterable[str], makers: dict[str, set[str]]) -> Collection[str]:
    """The kinds, and all that conclusions among them are made of; `makers` name what each is made of."""
    found: dict[str, None] = {}
    pending = list(kinds)
    while pending:
        kind = pending.pop()
        if kind not in found:
            found[kind] = None
            pending += sorted(makers.get(kind, ()))
    return found


def _listed(holder: Data, key: str) -> list[Data]:
    events = holder.get(key)
    if not isinstance(events, list):
        events = holder[key] = []
    return cast("list[Data]", events)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _moved(written: str, days: int) -> str:
    day = parse_date(written)
    return written if day is None else (day + timedelta(days)).isoformat()
