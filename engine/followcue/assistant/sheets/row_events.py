"""The events that a row tells of: those of its columns of days, and the one that it names by a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from followcue.assistant.journal.parse_entry import Pair, fields_of, ordered
from followcue.assistant.sheets.cell_text import members_of, text_of
from followcue.assistant.sheets.findings import Findings
from followcue.assistant.sheets.mapping import NEWEST, SheetMapping, day_said
from followcue.assistant.sheets.open_questions import FieldQuestion
from followcue.assistant.sheets.row_cells import Cell, CellReader
from followcue.assistant.sheets.row_records import RowRecords, people_in
from followcue.assistant.sheets.sheet import SheetColumn
from followcue.assistant.sheets.sheet_entries import EventEntry, RecordEntry, SheetEntries
from followcue.assistant.sheets.targets import DAY, EVENT, KEY, LEAVE_OUT, NOTE, Meaning, Target, people_field
from followcue.base.values import parse_date
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import TEXT, Field, Kind, Vocabulary

NO_DAY = "the day is not in the sheet"
"""The note of an event that got the newest day of its row."""


class RowFacts(NamedTuple):
    """A row as far as it is read: its number, its cells, its word with its meaning, and whom it is about."""

    number: int
    cells: list[Cell]
    word: Cell | None
    meaning: Meaning | None
    record: RecordEntry | None
    people: Mapping[str, list[RecordEntry]]


class RowEvents:
    """Makes the events of rows, and keeps those that neither the situation nor an earlier row has."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        mapping: SheetMapping,
        cells: CellReader,
        records: RowRecords,
        out: SheetEntries,
        findings: Findings,
    ) -> None:
        self._vocabulary, self._mapping, self._cells = vocabulary, mapping, cells
        self._records, self._out, self._findings = records, out, findings
        self._ids: dict[int, set[object]] = {}
        self._said: dict[int, dict[str, int]] = {}
        self._there: dict[int, dict[tuple[str, str], list[Mapping[str, Any]]]] = {}

    def of_row(self, row: RowFacts) -> None:
        """Keep the events that a row tells of."""
        found = [*self._of_columns(row)]
        own = self._of_word(row, found)
        found += [own] if own and not any(own is entry for entry in found) else []
        self._attach(row, found)
        for note in (cell for cell in row.cells if cell.target == Target(EVENT, NOTE)):
            self._put_note(row, note, own, found)
        for entry in found:
            self._fill(entry, row)
            self._keep(entry, row.record)

    # --- which events
    def _of_columns(self, row: RowFacts) -> Iterator[EventEntry]:
        for cell in row.cells:
            kind = self._event(cell.target.kind)
            if kind is not None and cell.target.field == DAY and (day := self._cells.day(cell, row.number)):
                fixed = _fixed(kind, cell.target.fixed)
                yield EventEntry(kind.name, day, fixed, row.number, cell.column.number)

    def _of_word(self, row: RowFacts, found: list[EventEntry]) -> EventEntry | None:
        """The event that the row names by a word, on the day that stands beside it."""
        own = [cell for cell in row.cells if cell.target.kind == EVENT]
        days = [cell for cell in own if cell.target.field == DAY]
        beside = [cell for cell in own if cell.target.field not in (EVENT, DAY, NOTE)]
        kind = self._event(row.meaning.kind) if row.meaning else None
        if row.word is None or row.meaning is None or kind is None:
            if row.word is None or row.meaning is not None:
                for cell in (*days, *beside):
                    self._findings.note(
                        cell.column, "belongs to no event of its row, and is left out", row.number
                    )
            return None
        same = next((entry for entry in found if entry.kind == kind.name), None)
        day = self._cells.day(days[0], row.number) if days else None
        if same and (day in (None, same.day) or not beside):
            if day not in (None, same.day):
                what = f"is another day than that of `{kind.name}` in its row, and is left out"
                self._findings.note(days[0].column, what, row.number)
            return same
        if not days:
            day = self._day_there(kind, row.record) or self._undated(row, row.word, found)
        if day is None:
            return None
        entry = EventEntry(
            kind.name, day, _fixed(kind, row.meaning.fixed), row.number, row.word.column.number
        )
        if not days and self._mapping.undated == NEWEST:
            entry.fields[NOTE] = NO_DAY
        for cell in beside:
            self._put_field(entry, kind, cell, row.number)
        return entry

    def _event(self, name: str) -> Kind | None:
        kind = self._vocabulary.kinds.get(name)
        return kind if kind is not None and kind.is_event else None

    def _day_there(self, kind: Kind, record: RecordEntry | None) -> date | None:
        """The newest day on which the situation has such an event already: a word then says nothing new."""
        days = (str(e.get("date")) for e in self._records.events_there(record) if e.get("event") == kind.name)
        return max(filter(None, map(parse_date, days)), default=None)

    def _undated(self, row: RowFacts, word: Cell, found: list[EventEntry]) -> date | None:
        """The day of an event whose day no cell says, as far as that was answered."""
        text = text_of(word.value)
        if self._mapping.undated is None:
            self._findings.ask_undated(word.column, text, row.number)
            return None
        if self._mapping.undated == LEAVE_OUT:
            self._findings.note(word.column, f"says `{text}` without a day, and is left out", row.number)
            return None
        if self._mapping.undated == NEWEST:
            if not found:
                self._findings.bad(
                    f"`{text}` has no day, and there is none in its row", row.number, word.column
                )
                return None
            self._findings.note(
                word.column, "says what has no day, which gets the newest of its row", row.number
            )
            return max(entry.day for entry in found)
        return day_said(self._mapping.undated)

    # --- what is in them
    def _put_field(self, entry: EventEntry, kind: Kind, cell: Cell, row: int) -> None:
        """A field of the row's own event; a record's kind stands for the first field that refers to one."""
        name = cell.target.field
        of = next((f for f in kind.fields if f.name == name), None)
        if of is None and name in self._vocabulary.shape.records:
            of = people_field(kind, name)
        if of is None and name == KEY:
            of = Field(KEY, TEXT)
        if of is None:
            self._findings.bad(f"`{kind.name}` has no `{name}`", row, cell.column)
        elif of.type.refers_to and of.many:
            entry.fields[of.name] = (
                people_in(cell.value) if "," not in text_of(cell.value) else members_of(cell.value)
            )
        elif (value := self._cells.value(cell, of, row)) is not None:
            entry.fields[of.name] = value

    def _attach(self, row: RowFacts, found: list[EventEntry]) -> None:
        """The fields of events of a kind, to the event of that kind in the row."""
        for cell in row.cells:
            kind = self._event(cell.target.kind)
            if kind is None or cell.target.field == DAY:
                continue
            entry = next((entry for entry in found if entry.kind == kind.name), None)
            if entry is None:
                self._findings.note(
                    cell.column, f"belongs to no `{kind.name}` in its row, and is left out", row.number
                )
            elif cell.target.field == NOTE:
                self._put_note(row, cell, entry, found)
            else:
                self._put_field(entry, kind, cell, row.number)

    def _put_note(self, row: RowFacts, cell: Cell, own: EventEntry | None, found: list[EventEntry]) -> None:
        """A note, to the event that the row names, else to the newest one in it."""
        entry = own or max(found, key=lambda entry: entry.day, default=None)
        if entry is None:
            self._findings.note(
                cell.column, "has no event in its row to stand at, and is left out", row.number
            )
            return
        before = entry.fields.get(NOTE)
        text = text_of(cell.value)
        entry.fields[NOTE] = (
            f"{text} ({before})" if before == NO_DAY else f"{before}\n{text}" if before else text
        )

    def _fill(self, entry: EventEntry, row: RowFacts) -> None:
        """References by their keys, an id where one is needed, and what is required and missing."""
        kind = self._vocabulary.kinds[entry.kind]
        column = next(cell.column for cell in row.cells if cell.column.number == entry.column)
        for of in kind.fields:
            if of.type.refers_to and of.name in entry.fields:
                entry.fields[of.name] = self._referred(of, entry, row.record, column)
        for need in kind.require:
            if need.several_of or any(name in entry.fields for name in need.fields):
                continue
            if KEY in need.fields:
                entry.fields[KEY] = self._free_id(kind, row.record)
                continue
            fields = [f for f in kind.fields if f.name in need.fields]
            if not self._only_one(entry, fields, row.people):
                self._ask_field(entry, kind, fields, column, row.word)
        entry.fields = ordered(kind, entry.fields)

    def _only_one(
        self, entry: EventEntry, fields: list[Field], people: Mapping[str, list[RecordEntry]]
    ) -> bool:
        """Take the one whom the row names for one whom the event needs."""
        for of in fields:
            named = [one for name in of.type.refers_to for one in people.get(name, ())]
            if len(named) == 1:
                entry.fields[of.name] = [named[0].key] if of.many else named[0].key
                return True
        return False

    def _ask_field(
        self, entry: EventEntry, kind: Kind, fields: list[Field], column: SheetColumn, word: Cell | None
    ) -> None:
        """Ask for a field that all such events need; where each has its own, a row is wrong without it."""
        names = " or ".join(f.name for f in fields)
        mapped = {(t.kind, t.field) for _, t in self._cells.columns}
        own = any(pair in mapped for f in fields for pair in ((EVENT, f.name), (kind.name, f.name)))
        constant = [f for f in fields if not f.type.refers_to and f.type.base != "date"]
        if own or not constant:
            hint = f"a column can hold `{kind.name}.{fields[0].name}`"
            self._findings.bad(
                f"`{kind.name}` needs `{names}`, and the row says none", entry.row, column, hint
            )
            return
        from_word = text_of(word.value) if word and word.column == column else None
        target = self._mapping.columns.get(column.name)
        said = self._mapping.words.get(normal(from_word)) if from_word else None
        text = said or (kind.name if from_word else str(target))
        key = ("field", column.name, normal(from_word or ""), constant[0].name)
        question = FieldQuestion(column, from_word, kind, constant[0], text, entry.row)
        self._findings.ask(key, question)

    def _referred(
        self, of: Field, entry: EventEntry, record: RecordEntry | None, column: SheetColumn
    ) -> object:
        value = entry.fields[of.name]
        if of.many:
            return [self._key_of(of, str(one), entry, record, column) for one in _listed(value)]
        names = people_in(str(value))
        if len(names) > 1:
            self._findings.bad(
                f"`{entry.kind}` has one `{of.name}`, and the cell names {len(names)}", entry.row, column
            )
        return self._key_of(of, names[0] if names else str(value), entry, record, column)

    def _key_of(
        self, of: Field, name: str, entry: EventEntry, record: RecordEntry | None, column: SheetColumn
    ) -> str:
        """The key of the record that is called so: at the top, or in the row's own one, where it is made."""
        for kind_name in of.type.refers_to:
            kind = self._vocabulary.kinds[kind_name]
            if kind_name in self._records.inner and record is not None:
                return self._records.called(kind, record, name, entry.row).key
            if kind_name in self._out.records:
                try:
                    return self._records.key_called(kind, name)
                except LookupError as problem:
                    self._findings.bad(str(problem.args[0]), entry.row, column)
        return name

    # --- keeping them
    def _keep(self, entry: EventEntry, record: RecordEntry | None) -> None:
        """Keep an event, unless the situation or the sheet has it already."""
        for there in self._there_on(record, entry):
            if all(there.get(name) == value for name, value in entry.fields.items() if name != NOTE):
                self._out.already += 1
                if _bare_note(there.get(NOTE)) != _bare_note(entry.fields.get(NOTE, there.get(NOTE))):
                    self._findings.note_row(
                        entry.row, f"another note is there of its `{entry.kind}`, and stays"
                    )
                return
        said = self._said.setdefault(id(record), {})
        row = said.setdefault(_same(entry.data()), entry.row)
        if row != entry.row:
            self._findings.note_row(entry.row, f"its `{entry.kind}` is said already, and written once", row)
        elif record is not None:
            record.events.append(entry)
        else:
            self._out.whole.append(entry)
        self._ids_of(record).add(entry.fields.get(KEY))

    def _there_on(self, record: RecordEntry | None, entry: EventEntry) -> Iterable[Mapping[str, Any]]:
        """The events of a kind and day that the situation has of a record."""
        known = self._there.get(id(record))
        if known is None:
            known = self._there[id(record)] = defaultdict(list)
            for one in self._records.events_there(record):
                known[str(one.get("event")), str(one.get("date"))].append(one)
        return known.get((entry.kind, entry.day.isoformat()), ())

    def _free_id(self, kind: Kind, record: RecordEntry | None) -> str:
        taken = self._ids_of(record)
        found = next(name for n in range(1, len(taken) + 2) if (name := f"{kind.name}{n}") not in taken)
        taken.add(found)
        return found

    def _ids_of(self, record: RecordEntry | None) -> set[object]:
        there = self._ids.get(id(record))
        if there is None:
            there = self._ids[id(record)] = {entry.get("id") for entry in self._records.events_there(record)}
        return there

    def link(self, record: RecordEntry | None, entries: list[EventEntry]) -> None:
        """Say which of several events an entry is about: the newest one before it with the same people.

        Only where it has to be said, and where one alone can be meant; what stays open is told when the
        situation is read.
        """
        there = [
            EventEntry(
                str(e.get("event")), day, {k: v for k, v in e.items() if k not in ("event", "date")}, 0, 0
            )
            for e in self._records.events_there(record)
            if (day := parse_date(str(e.get("date"))))
        ]
        for entry in entries:
            for need in self._vocabulary.kinds[entry.kind].require:
                if not need.several_of or any(name in entry.fields for name in need.fields):
                    continue
                before = [e for e in (*there, *entries) if e.kind in need.several_of and e.day <= entry.day]
                if len(before) > 1 and (meant := self._meant(entry, before)):
                    self._give_id(meant, record)
                    if KEY in meant.fields:
                        entry.fields[need.fields[0]] = meant.fields[KEY]
                        entry.fields = ordered(self._vocabulary.kinds[entry.kind], entry.fields)

    def _meant(self, entry: EventEntry, before: list[EventEntry]) -> EventEntry | None:
        people = self._named_in(entry)
        with_them = [e for e in before if people <= self._named_in(e)]
        newest = [e for e in with_them if e.day == max(one.day for one in with_them)]
        return newest[0] if len(newest) == 1 else None

    def _give_id(self, entry: EventEntry, record: RecordEntry | None) -> None:
        """An id for an event that is to be referred to; one that is in the file already is not changed."""
        if KEY not in entry.fields and entry.row:
            kind = self._vocabulary.kinds[entry.kind]
            entry.fields = ordered(kind, {**entry.fields, KEY: self._free_id(kind, record)})

    def _named_in(self, entry: EventEntry) -> set[object]:
        """The keys of the records inside that of the scope which an event names."""
        fields = (
            f
            for f in self._vocabulary.kinds[entry.kind].fields
            if set(f.type.refers_to) & set(self._records.inner)
        )
        return {one for f in fields if f.name in entry.fields for one in _listed(entry.fields[f.name])}


def _fixed(kind: Kind, pairs: tuple[Pair, ...]) -> dict[str, object]:
    """The fields that every such event has."""
    return fields_of(kind, pairs, date.min) if pairs else {}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _same(entry: Mapping[str, Any]) -> str:
    return repr(sorted((key, value) for key, value in entry.items()))


def _bare_note(note: object) -> str:
    """A note without the remark that the day is not in the sheet."""
    return str(note or "").removesuffix(f"({NO_DAY})").removesuffix(NO_DAY).strip()
