"""What a sheet gives: records and events to be added to a situation, each with the row that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from followcue.assistant.sheets.open_questions import Question
from followcue.base.diagnostic import Diagnostic


@dataclass(slots=True)
class EventEntry:
    """An event that is to be written, and the cell that it comes from."""

    kind: str
    day: date
    fields: dict[str, object]
    row: int
    column: int

    def data(self) -> dict[str, object]:
        """The event as a situation has it."""
        return {"date": self.day.isoformat(), "event": self.kind, **self.fields}


@dataclass(slots=True)
class RecordEntry:
    """A record with what is to be added to it: fields, records inside it by kind and key, events.

    `there` is what the situation has of it already, None for a new one.
    """

    key: str
    row: int
    there: Mapping[str, Any] | None = None
    fields: dict[str, object] = field(default_factory=dict)
    inner: dict[str, dict[str, RecordEntry]] = field(default_factory=dict)
    events: list[EventEntry] = field(default_factory=list)

    def value(self, name: str) -> object:
        """The value of a field, wherever it comes from."""
        return self.fields.get(name, (self.there or {}).get(name))


@dataclass(slots=True)
class SheetEntries:
    """All that a sheet gives: records by kind and key (the scope's hold the others), events of the whole."""

    records: dict[str, dict[str, RecordEntry]]
    whole: list[EventEntry]
    singles: dict[str, dict[str, object]]
    already: int = 0
    problems: list[Diagnostic] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)

    def events(self) -> Iterator[EventEntry]:
        """All events."""
        yield from self.whole
        for records in self.records.values():
            for record in records.values():
                yield from record.events
