"""Variants of situations: small changes at random, by one of two weightings.

`SEARCHING` has all changes, to make many of them one after another in search of a situation in which
something shows. `NEARBY` has those that leave a situation what it is but for one thing: a day earlier or
later, an event less, more or twice, the day of the situation on the edge of a window, another profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias, cast

from followcue.base.limits import LimitExceeded
from followcue.base.rows import places_of
from followcue.base.values import format_duration, format_period, format_time, looks_like_date, parse_date
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import Field, Kind, Parameter, Type
from followcue.synthesis.plain_data import Data, as_text, copied, read_plain
from followcue.synthesis.sampling.focus import Focus

NEAR = (-1, 0, 0, 1)
"""How far a day is moved from one that already means something."""

FAR = (-30, -14, -7, -3, -2, 2, 3, 7, 14, 30)


EDGES = ("open", "due", "close", "until")

TRIES = 4
"""How many changes are tried for each variant that is wanted, where some make a situation invalid."""


class _Place(NamedTuple):
    """Where a list of events or a mapping of records stands, and whose it is (None: that of the whole)."""

    holder: Data
    key: str
    scope: str | None

    @property
    def events(self) -> list[Data]:
        """The events that stand there; none where there is no list yet."""
        events = self.holder.get(self.key)
        return cast("list[Data]", events) if isinstance(events, list) else []

    @property
    def records(self) -> Data:
        """The records that stand there by their keys; none where there is no mapping yet."""
        records = self.holder.get(self.key)
        return records if isinstance(records, dict) else {}

    def insert(self, place: int, event: Data) -> None:
        """Put an event there."""
        self.holder[self.key] = [*self.events[:place], event, *self.events[place:]]


def perturbed(loaded: LoadedPack, situation: Data, seed: int = 0, count: int = 10) -> Iterator[Data]:
    """Up to `count` valid variants of a valid situation, each changed in one place; always the same ones."""
    return neighbours(loaded, situation, Random(seed), count)


def neighbours(loaded: LoadedPack, situation: Data, chance: Random, count: int) -> Iterator[Data]:
    """Up to `count` valid variants of a valid situation, each changed in one place, no two alike."""
    variants = Variants(loaded, chance)
    focus = Focus(days=_edges(loaded, situation))
    seen = {as_text(situation)}
    for _ in range(count * TRIES):
        changed = variants.changed(situation, focus, NEARBY)
        if changed is not None and (text := as_text(changed)) not in seen:
            seen.add(text)
            yield changed
            if len(seen) > count:
                return


def _edges(loaded: LoadedPack, situation: Data) -> tuple[str, ...]:
    """The day of a situation, and the edges of all windows in its report."""
    days = {str(situation["as_of"])}
    try:
        report = evaluate(loaded, Document.of(situation), Options(missed=True))
    except LimitExceeded:
        return tuple(days)
    for action in (*report.actions, *report.cautions):
        days |= {day.isoformat() for edge in EDGES if (day := getattr(action, edge)) is not None}
    return tuple(sorted(days))


class Variants:
    """Changes of situations of one pack, by one source of chance; `others` are situations to borrow from."""

    def __init__(self, loaded: LoadedPack, chance: Random, others: Sequence[Data] = ()) -> None:
        self._loaded = loaded
        self._vocabulary = loaded.pack.vocabulary
        self._chance = chance
        self._others = others

    def changed(self, data: Data, focus: Focus, weighting: Weighting) -> Data | None:
        """A copy with one change; None where it is no valid situation."""
        changed: Data = copied(data)
        self.change(changed, focus, weighting)
        return changed if read_plain(self._loaded, changed) else None

    def change(self, data: Data, focus: Focus, weighting: Weighting) -> None:
        """One change in place, more often than not of what the focus is on; it may make the data invalid."""
        weights = [weight for weight, _ in weighting]
        self._chance.choices([change for _, change in weighting], weights)[0](self, data, focus)

    # --- days
    def _move_today(self, data: Data, focus: Focus) -> None:
        day, by = (self._chance.choice(focus.days), NEAR) if focus.days else (self._day(data), (*NEAR, *FAR))
        data["as_of"] = _moved(day, self._chance.choice(by))

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

    def add_event(self, data: Data, focus: Focus) -> None:
        """One more event, mostly of a kind that the focus is on."""
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
        place.insert(self._chance.randint(0, len(place.events)), event)

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

    def _remove(self, data: Data, focus: Focus) -> None:
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

    def _swap(self, data: Data, focus: Focus) -> None:
        lists = [place.events for place in self._places(data) if len(place.events) > 1]
        if lists:
            events = self._chance.choice(lists)
            i = self._chance.randrange(len(events) - 1)
            events[i], events[i + 1] = events[i + 1], events[i]
            if self._heads():
                events[i]["date"] = events[i + 1]["date"]

    # --- records
    def _records(self, data: Data, *, single: bool = False) -> Iterator[tuple[Kind, _Place]]:
        """Where records of each kind stand or could stand; `single` ones stand under their key themselves."""
        for name in self._vocabulary.shape.records:
            kind = self._vocabulary.kinds[name]
            if kind.single is not single:
                continue
            holders: list[tuple[str | None, Any]] = [(None, data)]
            for key in kind.path[:-1]:
                holders = [
                    found
                    for _, holder in holders
                    if isinstance(holder, dict)
                    for found in (holder.get(key) or {}).items()
                ]
            for scope, holder in holders:
                if isinstance(holder, dict):
                    yield kind, _Place(holder, kind.path[-1], scope)

    def _change_record(self, data: Data, focus: Focus) -> None:
        found = [(kind, place, r) for kind, place in self._records(data) for r in place.records.values()]
        found = [(kind, place, r) for kind, place, r in found if isinstance(r, dict) and kind.fields]
        found += [(kind, place, None) for kind, place in self._records(data, single=True) if kind.fields]
        if not found:
            return
        kind, place, record = self._chance.choice(found)
        record = place.holder.setdefault(place.key, {}) if record is None else record
        field = self._chance.choice([f for f in kind.fields if f.type.choices] or list(kind.fields))
        required = {name for need in kind.require for name in need.fields}
        if field.name in record and field.name not in required and self._chance.random() < 0.3:
            del record[field.name]
            return
        value = self._value(field, place, data)
        if value is not None:
            record[field.name] = [value] if field.many else value

    def _add_record(self, data: Data, focus: Focus) -> None:
        found = [(kind, place) for kind, place in self._records(data) if place.scope is not None]
        if not found:
            return
        kind, place = self._chance.choice(found)
        record: Data = {}
        for field in kind.fields:
            if field.type.choices or any(field.name in need.fields for need in kind.require):
                value = self._value(field, place, data)
                if value is not None:
                    record[field.name] = value
        place.holder[place.key] = {**place.records, f"x{len(place.records) + 1}": record}

    def _remove_record(self, data: Data, focus: Focus) -> None:
        found = [place.records for _, place in self._records(data) if place.records]
        if found:
            many = self._chance.choice(found)
            del many[self._chance.choice(sorted(many))]

    def _join(self, data: Data, focus: Focus) -> None:
        """Records of the scope from another situation as well."""
        scope = self._vocabulary.shape.scope
        if scope is None or not self._others:
            return
        key = self._vocabulary.kinds[scope].path[0]
        borrowed = copied(self._chance.choice(self._others).get(key) or {})
        for name, record in borrowed.items():
            data.setdefault(key, {})[f"{name}-2" if name in data.get(key, {}) else name] = record

    # --- settings
    def _set_profile(self, data: Data, focus: Focus) -> None:
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
            return as_written(value, parameter.type.base)
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
            case "time":
                return format_time(self._chance.choice((0, 9 * 60, 12 * 60, 14 * 60 + 30, 24 * 60 - 1)))
            case "period":
                return format_period(self._chance.choice((0, 1, 2, 6, 12, 24)))
            case "number":
                return self._chance.choice((0, 1, 2, 3, 5))
            case base if places_of(base):
                units = self._chance.choice((0, 1, 50, 100, 125, 1000, 100_000))
                return as_written(units, base)
            case "bool":
                return self._heads()
            case _:
                return self._chance.choice(("some", "other"))

    def _names(self, kind: Type, place: _Place, data: Data) -> list[str]:
        names: list[str] = []
        for record, there in self._records(data):
            if record.name in kind.refers_to and there.scope in (None, place.scope):
                names += there.records
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
                yield _Place(data, path[0], None)
                continue
            for name, record in (data.get(path[0]) or {}).items():
                if isinstance(record, dict):
                    yield _Place(record, path[-1], name)

    def _heads(self) -> bool:
        return self._chance.random() < 0.5


Weighting: TypeAlias = Sequence[tuple[int, Callable[[Variants, Data, Focus], None]]]
"""Kinds of changes, each with how often it is chosen."""

ADDING: Final[Weighting] = ((1, Variants.add_event),)

RECORDS: Final[Weighting] = ((1, Variants._change_record),)

NEARBY: Final[Weighting] = (
    (2, Variants._move_today),
    (2, Variants._move_event),
    (1, Variants._remove),
    (1, Variants._repeat),
    (1, Variants.add_event),
    (1, Variants._set_profile),
)

SEARCHING: Final[Weighting] = (
    (5, Variants.add_event),
    (4, Variants._move_today),
    (3, Variants._move_event),
    (3, Variants._change_event),
    (2, Variants._remove),
    (2, Variants._repeat),
    (2, Variants._change_record),
    (1, Variants._add_record),
    (1, Variants._remove_record),
    (1, Variants._set_profile),
    (1, Variants._set_parameter),
    (1, Variants._join),
    (1, Variants._swap),
)


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
