"""Entries of a sheet -> lines of a situation, and its mistakes back to the cells that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from followcue.assistant.done_event import events_path
from followcue.assistant.journal.journal import place_of
from followcue.assistant.sheets.sheet import CellSpan
from followcue.assistant.sheets.sheet_entries import EventEntry, RecordEntry, SheetEntries
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.pipeline import LoadedPack, Options
from followcue.language.documents.document import Path
from followcue.language.documents.edit import Edit
from followcue.language.model.vocabulary import Kind, Vocabulary


def write_entries(edit: Edit, entries: SheetEntries, vocabulary: Vocabulary) -> None:
    """Write all entries: new records at once, and what is new of others at its place.

    Raises `InvalidInput` (FC610) where the text has no place for them.
    """
    writer = _SheetWriter(edit, vocabulary)
    for kind, records in entries.records.items():
        writer.records(vocabulary.kinds[kind], records.values())
    for kind, fields in entries.singles.items():
        for name, value in fields.items():
            edit.set((*vocabulary.kinds[kind].path, name), value)
    writer.events(events_path(vocabulary, None), entries.whole)


def check(edit: Edit, entries: SheetEntries, sheet: str, loaded: LoadedPack, options: Options) -> set[int]:
    """Read the situation as it is now; the rows that are wrong in it, told in `entries` at their cells.

    Raises `InvalidInput` with what is wrong and comes from no row.
    """
    try:
        loaded.read(edit.document, options)
    except InvalidInput as problem:
        cells = dict(_lines(edit, entries, loaded.pack.vocabulary))
        placed = {found: cells.get(found.span.line) if found.span else None for found in problem.diagnostics}
        others = [found for found, cell in placed.items() if cell is None]
        if others:
            raise InvalidInput(others) from None
        for found, cell in placed.items():
            if cell is not None:
                span = CellSpan(sheet, *cell)
                entries.problems.append(Diagnostic(found.code, found.message, span, found.hint))
                entries.bad.add(cell[0])
    return entries.bad


class _SheetWriter:
    """Writes into one situation."""

    def __init__(self, edit: Edit, vocabulary: Vocabulary) -> None:
        self._edit = edit
        self._vocabulary = vocabulary

    def records(self, kind: Kind, records: Iterable[RecordEntry]) -> None:
        """Records at the top, with what is in them."""
        new = {record.key: self._data(kind, record) for record in records if record.there is None}
        if new:
            self._edit.update(kind.path, new)
        for record in records:
            if record.there is not None:
                self._more(kind, record)

    def _more(self, kind: Kind, record: RecordEntry) -> None:
        """What is new of a record that is there: the situation's own words stay."""
        place = (*kind.path, record.key)
        for name, value in record.fields.items():
            self._edit.set((*place, name), value)
        for inner, members in record.inner.items():
            path = (*place, self._vocabulary.kinds[inner].path[-1])
            new = {
                one.key: self._data(self._vocabulary.kinds[inner], one)
                for one in members.values()
                if one.there is None
            }
            if new:
                self._edit.update(path, new)
            for one in members.values():
                if one.there is not None:
                    for name, value in one.fields.items():
                        self._edit.set((*path, one.key, name), value)
        if record.events:
            self.events(events_path(self._vocabulary, record.key), record.events)

    def _data(self, kind: Kind, record: RecordEntry) -> dict[str, object]:
        """A new record as a situation has it."""
        data: dict[str, object] = {
            f.name: record.fields[f.name] for f in kind.fields if f.name in record.fields
        }
        for inner, members in record.inner.items():
            of = self._vocabulary.kinds[inner]
            if members:
                data[of.path[-1]] = {one.key: self._data(of, one) for one in members.values()}
        if record.events:
            path = events_path(self._vocabulary, record.key)
            data[str(path[-1])] = [entry.data() for entry in _by_day(record.events)]
        return data

    def events(self, path: Path, entries: list[EventEntry]) -> None:
        """Events of a list that may be there: each in the order of the days, as far as the list keeps it."""
        if entries and not _at(self._edit.data, path):
            self._edit.set(path, [entry.data() for entry in _by_day(entries)])
            return
        for entry in _by_day(entries):
            there = _at(self._edit.data, path)
            self._edit.insert(path, place_of(there, entry.day.isoformat()), entry.data())


def _by_day(entries: Iterable[EventEntry]) -> list[EventEntry]:
    return sorted(entries, key=lambda entry: entry.day)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _lines(
    edit: Edit, entries: SheetEntries, vocabulary: Vocabulary
) -> Iterator[tuple[int, tuple[int, int]]]:
    """The cells by the lines that came of them; a new record's lines are of the row that named it first."""
    for kind_name, records in entries.records.items():
        kind = vocabulary.kinds[kind_name]
        for record in records.values():
            place: Path = (*kind.path, record.key)
            if record.there is None and (first := edit.document.span(place, key=True)):
                yield from ((line, (record.row, 1)) for line in range(first.line, _last(edit, place) + 1))
            yield from _of_events(edit, events_path(vocabulary, record.key), record.events)
    yield from _of_events(edit, events_path(vocabulary, None), entries.whole)


def _last(edit: Edit, place: Path) -> int:
    """The last line on which something of a record begins."""
    found: Any = _at(edit.data, place)
    while isinstance(found, (dict, list)) and found:
        step: Any = list(found)[-1] if isinstance(found, dict) else len(found) - 1
        place, found = (*place, step), found[step]
    span = edit.document.span(place)
    return span.line if span else 0


def _of_events(edit: Edit, path: Path, entries: list[EventEntry]) -> Iterator[tuple[int, tuple[int, int]]]:
    if not entries:
        return
    waiting: dict[str, list[EventEntry]] = {}
    for entry in entries:
        waiting.setdefault(_key(entry.data()), []).append(entry)
    for index, there in enumerate(_at(edit.data, path) or ()):
        found = waiting.get(_key(there))
        span = edit.document.span((*path, index))
        if found and span:
            entry = found.pop()
            yield span.line, (entry.row, entry.column)


def _key(entry: Mapping[str, object]) -> str:
    return repr(sorted(entry.items()))
