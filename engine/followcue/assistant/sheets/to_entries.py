"""The rows of a sheet, by a mapping -> entries of a situation, with every mistake, note and open question.

Three kinds of sheets are read by one rule: a row is about one record of the scope, which is found again by what
its columns say of it, and gives

    one event for each column of days        Applied 5 Oct, Interview 19 Oct     (a board, a list of companies)
    one event for the word that it says      19 Oct | Interview | Dana            (a diary)

A word that says what a day of the row says already (status `Applied`, applied 5 Oct) adds nothing. A word that
has no day in the row is asked about once, as is everything that the sheet leaves open: questions stand beside
the entries, and nothing is written as long as there are any.

Invariant: nothing of a row is dropped without a problem or a note that names the row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from followcue.assistant.journal.parse_entry import Pair, fields_of, ordered
from followcue.assistant.sheets.cell_text import field_value, members_of, text_of
from followcue.assistant.sheets.column_days import Order, Refused, order_in
from followcue.assistant.sheets.keys import free_key
from followcue.assistant.sheets.mapping import NEWEST, SheetMapping, day_said
from followcue.assistant.sheets.sheet import CellSpan, Column, Row, Sheet, Value
from followcue.assistant.sheets.targets import (
    DAY,
    EVENT,
    KEY,
    LEAVE_OUT,
    NOTE,
    Lexicon,
    Meaning,
    Target,
    inner_records,
    naming,
    people_field,
)
from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.base.values import parse_date
from followcue.evaluation.report.wording import plain
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import Field, Kind, Type, Vocabulary

NO_DAY = "the day is not in the sheet"
"""The note of an event that got the newest day of its row."""


# --- what is asked
class WordQuestion(NamedTuple):
    """What a word of a column means: an event, or a word of the type `of`."""

    column: Column
    word: str
    of: Type | None
    rows: tuple[int, ...]


class OrderQuestion(NamedTuple):
    """Whether the day or the month comes first in the columns of days."""

    column: Column
    example: str
    row: int


class UndatedQuestion(NamedTuple):
    """What to do with events that have no day, by what the sheet says of them."""

    said: Mapping[str, tuple[int, ...]]
    column: Column


class FieldQuestion(NamedTuple):
    """What every event that a column, or a word in it, tells of has in a field that it needs."""

    column: Column
    word: str | None
    kind: Kind
    field: Field
    target: str
    row: int


Question = WordQuestion | OrderQuestion | UndatedQuestion | FieldQuestion


# --- what comes out
@dataclass(slots=True)
class Entry:
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
class Record:
    """A record with what is to be added to it: fields, records inside it by kind and key, events.

    `there` is what the situation has of it already, None for a new one.
    """

    key: str
    row: int
    there: Mapping[str, Any] | None = None
    fields: dict[str, object] = field(default_factory=dict)
    inner: dict[str, dict[str, Record]] = field(default_factory=dict)
    events: list[Entry] = field(default_factory=list)

    def value(self, name: str) -> object:
        """The value of a field, wherever it comes from."""
        return self.fields.get(name, (self.there or {}).get(name))


@dataclass(slots=True)
class Entries:
    """All that a sheet gives: records by kind and key (the scope's hold the others), events of the whole."""

    records: dict[str, dict[str, Record]]
    whole: list[Entry]
    singles: dict[str, dict[str, object]]
    already: int = 0
    problems: list[Diagnostic] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)

    def events(self) -> Iterator[Entry]:
        """All events."""
        yield from self.whole
        for records in self.records.values():
            for record in records.values():
                yield from record.events


class _Cell(NamedTuple):
    """A cell that holds something of the row: what, where, and its value as a field has it."""

    target: Target
    column: Column
    value: Value


def to_entries(
    sheet: Sheet,
    mapping: SheetMapping,
    vocabulary: Vocabulary,
    data: Any,
    lexicon: Lexicon,
    without: frozenset[int] = frozenset(),
) -> Entries:
    """The entries of all rows but those `without`, to be added to the situation that `data` is."""
    reader = _Rows(sheet, mapping, vocabulary, data, lexicon)
    for row in sheet.rows:
        if row.number not in without:
            reader.read(row)
    return reader.end()


class _Rows:
    """Reads one row after the other."""

    def __init__(
        self, sheet: Sheet, mapping: SheetMapping, vocabulary: Vocabulary, data: Any, lexicon: Lexicon
    ) -> None:
        self._sheet, self._mapping, self._vocabulary, self._lexicon = sheet, mapping, vocabulary, lexicon
        self._data = data if isinstance(data, dict) else {}
        self._scope = vocabulary.shape.scope
        self._inner = {kind.name: kind for kind in inner_records(vocabulary)}
        self._columns = [(c, t) for c in sheet.columns if (t := mapping.columns.get(c.name)) is not None]
        self._out = Entries({}, [], {})
        self._asked: dict[tuple[str, ...], Question] = {}
        self._aside: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
        self._seen: dict[tuple[tuple[int, Value], ...], int] = {}
        self._places: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
        self._ids: dict[int, set[object]] = {}
        self._said: dict[int, dict[str, int]] = {}
        self._there: dict[int, dict[tuple[str, str], list[Mapping[str, Any]]]] = {}
        self._has_keys = any(t == Target(self._scope or "", KEY) for _, t in self._columns)
        self._orders = self._decide_orders()
        self._check_columns()
        for kind in vocabulary.shape.records:
            if len(vocabulary.kinds[kind].path) == 1 and not vocabulary.kinds[kind].single:
                self._know(kind)

    # --- before the first row
    def _check_columns(self) -> None:
        """Two columns may not hold the same field, and something must say what a row is about."""
        first: dict[Target, Column] = {}
        for column, target in self._columns:
            other = first.setdefault(target._replace(fixed=()), column)
            if other is not column and target.field not in (DAY, NOTE):
                message = f"`{other.name}` and `{column.name}` both hold {target.name}"
                hint = f"let one of them be `{LEAVE_OUT}`"
                self._problem("FC541", message, self._sheet.head_row, column, hint)
        targets = {target.kind for target in first}
        if self._scope and not targets & {self._scope} and not self._tells_of_whole():
            message = f"no column says which {plain(self._scope)} a row is about"
            names = [name for need in self._vocabulary.kinds[self._scope].require for name in need.fields]
            hint = f"one column has to hold `{self._scope}.{(names or [KEY])[0]}`"
            self._problem("FC541", message, self._sheet.head_row, self._sheet.columns[0], hint)
        elif not any(
            target.field in (DAY, EVENT) or target.kind in self._vocabulary.shape.records for target in first
        ):
            self._problem(
                "FC541", "no column tells of anything", self._sheet.head_row, self._sheet.columns[0]
            )
        for column in self._sheet.columns:
            if self._mapping.columns.get(column.name) is None:
                for number, _ in self._sheet.values(column.number):
                    self._note(column, "is left out", number)

    def _tells_of_whole(self) -> bool:
        """Whether all events that a sheet could tell of are of the whole."""
        kinds = [
            self._vocabulary.kinds.get(target.kind) for _, target in self._columns if target.field == DAY
        ]
        return bool(kinds) and all(kind is not None and kind.of_whole for kind in kinds)

    def _decide_orders(self) -> dict[int, Order | None]:
        """The order of day and month of each column of days: its own, else that of the other columns."""
        decisions = {
            column.number: (column, order_in(self._sheet.values(column.number)))
            for column, target in self._columns
            if self._lexicon.field(target).type.base == "date"
        }
        for column, decision in decisions.values():
            if decision.other and self._mapping.dates is None:
                row, said = decision.other
                message = f"`{column.name}`: `{said}` has day and month the other way round than {decision.order} above"
                self._problem(
                    "FC542", message, row, column, "write the days of a column one way, best 2026-11-05"
                )
        shown = {decision.order for _, decision in decisions.values()} - {None}
        common = next(iter(shown)) if len(shown) == 1 else None
        orders: dict[int, Order | None] = {}
        for number, (column, decision) in decisions.items():
            order = decision.order or self._mapping.dates or common
            if order is None and decision.example:
                row, said = decision.example
                self._asked.setdefault(("order",), OrderQuestion(column, said, row))
            orders[number] = order
        return orders

    def _know(self, name: str) -> None:
        """The records that the situation has already."""
        kind = self._vocabulary.kinds[name]
        known = self._data.get(kind.path[0])
        records = self._out.records.setdefault(name, {})
        for key, there in known.items() if isinstance(known, dict) else ():
            record = Record(key, 0, there if isinstance(there, dict) else {})
            for inner in self._inner.values() if name == self._scope else ():
                inside = record.there.get(inner.path[-1]) if record.there else None
                record.inner[inner.name] = {
                    k: Record(k, 0, v if isinstance(v, dict) else {})
                    for k, v in (inside.items() if isinstance(inside, dict) else ())
                }
            records[key] = record
            self._index(name, record)

    # --- one row
    def read(self, row: Row) -> None:
        """Read one row; what is wrong with it is noted, and the others go on."""
        said = tuple((c.number, row.cells[c.number]) for c, _ in self._columns if c.number in row.cells)
        if not said:
            return
        if (earlier := self._seen.setdefault(said, row.number)) != row.number:
            self._note_row(row.number, "the same is said already, and left out", earlier)
            return
        cells = [_Cell(t, c, row.cells[c.number]) for c, t in self._columns if c.number in row.cells]
        word = next((cell for cell in cells if cell.target == Target(EVENT, EVENT)), None)
        meaning = self._meaning(word, row.number) if word else None
        before = len(self._out.problems)
        record = self._record(row, cells, meaning)
        if record is None and len(self._out.problems) > before:
            self._out.bad.add(row.number)
            return
        people = self._inner_records(row, cells, record)
        self._singles(row, cells)
        self._events(row, cells, word, meaning, record, people)

    def _meaning(self, word: _Cell, row: int) -> Meaning | None:
        text = text_of(word.value)
        found = self._mapping.meaning(text, self._lexicon)
        if found is None:
            self._ask_word(word.column, text, None, row)
        return found

    def _ask_word(self, column: Column, text: str, of: Type | None, row: int) -> None:
        key = ("word", column.name, normal(text))
        known = self._asked.get(key)
        rows = (*known.rows, row) if isinstance(known, WordQuestion) else (row,)
        self._asked[key] = WordQuestion(column, text, of, rows)

    # --- which record
    def _record(self, row: Row, cells: list[_Cell], meaning: Meaning | None) -> Record | None:
        """The record of the scope that the row is about, new if need be; None for the whole, or if it is wrong."""
        if self._scope is None:
            return None
        kind = self._vocabulary.kinds[self._scope]
        own = [cell for cell in cells if cell.target.kind == self._scope]
        told = self._vocabulary.kinds.get(meaning.kind) if meaning else None
        if not own and (self._has_keys or self._tells_of_whole() or (told is not None and told.of_whole)):
            return None
        values = self._values(kind, own, row.number)
        if values is None:
            return None
        key = str(values.pop(KEY, "")) or None
        found = self._found(kind, key, values)
        if isinstance(found, list):
            names = ", ".join(f"`{record.key}`" for record in found)
            message = f"which {plain(kind.name)} is this row about? {names}"
            cell = own[0].column if own else self._columns[0][0]
            self._problem(
                "FC543", message, row.number, cell, f"say more of it, or its key in a column {kind.name}.id"
            )
            return None
        record = found or self._new(kind, key, values, row.number)
        if found is None:
            for need in kind.require:
                if not need.several_of and not any(name in record.fields for name in need.fields):
                    message = f"this row has no {plain(need.fields[0])}"
                    column = self._column_of(Target(kind.name, need.fields[0]))
                    self._problem("FC543", message, row.number, column)
                    del self._out.records[kind.name][record.key]
                    return None
            self._index(kind.name, record)
        else:
            self._complete(kind, record, values, own, row.number)
        return record

    def _found(
        self, kind: Kind, key: str | None, values: Mapping[str, object]
    ) -> Record | list[Record] | None:
        """The record that has this key, or else all these texts as far as it has any; several if it is open which."""
        records = self._out.records.setdefault(kind.name, {})
        if key is not None:
            return records.get(key)
        by = naming(kind)
        texts = [
            f.name
            for f in kind.fields
            if f.type.base == "text" and not (f.many or f.type.choices or f.type.refers_to)
        ]
        wanted = {name: normal(str(values[name])) for name in texts if name in values}
        if by is None or by not in wanted:
            return None
        fitting = self._places[kind.name][wanted[by]]
        agreeing = [
            record
            for record in fitting
            if all(
                record.value(name) is None or normal(str(record.value(name))) == said
                for name, said in wanted.items()
            )
        ]
        exact = [r for r in agreeing if {n for n in texts if r.value(n) is not None} >= set(wanted)]
        best = exact or agreeing
        if len(wanted) == 1 and len(fitting) > 1:
            bare = [r for r in best if all(r.value(n) is None for n in texts if n != by)]
            best = bare or best
        return best[0] if len(best) == 1 else best or None

    def _new(self, kind: Kind, key: str | None, values: Mapping[str, object], row: int) -> Record:
        records = self._out.records.setdefault(kind.name, {})
        by = naming(kind)
        called = key or free_key(str(values.get(by or "", "")), kind.name, records)
        record = records[called] = Record(called, row, None, dict(values))
        return record

    def _index(self, kind: str, record: Record) -> None:
        by = naming(self._vocabulary.kinds[kind])
        if by and (name := record.value(by)) is not None:
            self._places[kind][normal(str(name))].append(record)

    def _complete(
        self, kind: Kind, record: Record, values: Mapping[str, object], cells: Iterable[_Cell], row: int
    ) -> None:
        """What a row says more of a record; what it says otherwise is left as it is, and told."""
        columns = {cell.target.field: cell.column for cell in cells}
        for name, value in values.items():
            known = record.value(name)
            if known is None:
                record.fields[name] = value
            elif known != value and name != naming(kind):
                called = self._called(kind, record)
                self._note(columns[name], f"says otherwise of {called} than what is there, which stays", row)

    def _called(self, kind: Kind, record: Record) -> str:
        return str(record.value(naming(kind) or "") or record.key)

    def _values(self, kind: Kind, cells: list[_Cell], row: int) -> dict[str, object] | None:
        """The fields in these cells; None where one is wrong. References are left as they are written."""
        found: dict[str, object] = {}
        fields = {f.name: f for f in kind.fields}
        wrong = False
        for cell in cells:
            value = self._value(cell, fields.get(cell.target.field) or self._lexicon.field(cell.target), row)
            wrong = wrong or value is None
            found[cell.target.field] = value
        return None if wrong else found

    def _value(self, cell: _Cell, of: Field, row: int) -> object:
        """The value of a cell as a field has it; None where it is wrong, which is noted."""

        def choose(type_name: str, word: str) -> str | None:
            return self._mapping.choice(type_name, word, self._lexicon)

        try:
            return field_value(cell.value, of, self._orders.get(cell.column.number), choose)
        except Refused as problem:
            text = text_of(cell.value)
            if of.type.choices:
                unknown = members_of(cell.value) if of.many else [text]
                for word in unknown:
                    if choose(of.type.name, word) is None:
                        self._ask_word(cell.column, word, of.type, row)
                return ""
            if str(problem) == "can mean two days" and ("order",) in self._asked:
                return date.min.isoformat()  # it is asked once, for all of them
            short = text if len(text) <= 40 else f"{text[:40]}…"
            self._bad(f"`{short}` {problem}", row, cell.column)
            return None

    # --- records inside it, and single ones
    def _inner_records(self, row: Row, cells: list[_Cell], record: Record | None) -> dict[str, list[Record]]:
        """The records inside that of the scope which the row names, by their kind."""
        people: dict[str, list[Record]] = {}
        for name, kind in self._inner.items():
            own = [cell for cell in cells if cell.target.kind == name]
            if not own:
                continue
            if record is None:
                self._bad(
                    f"this {plain(name)} belongs to no {plain(self._scope or '')}", row.number, own[0].column
                )
                continue
            values = self._values(kind, own, row.number)
            if values is None:
                continue
            by = naming(kind)
            named = next((cell for cell in own if cell.target.field == by), None)
            names = _people(named.value) if named else []
            if len(names) > 1 and len(own) == 1:
                people[name] = [self._person(kind, record, {by or "": one}, own, row.number) for one in names]
            elif KEY in values or by in values or any(field in values for field in kind.same_by):
                people[name] = [self._person(kind, record, values, own, row.number)]
            else:
                for cell in own:
                    self._note(
                        cell.column, f"belongs to no {plain(name)} in its row, and is left out", row.number
                    )
        return people

    def _person(
        self, kind: Kind, record: Record, values: dict[str, object], cells: list[_Cell], row: int
    ) -> Record:
        """The record inside another that is meant, by its key, its name or what makes two the same; new if need be."""
        known = record.inner.setdefault(kind.name, {})
        key = str(values.pop(KEY, "")) or None
        by = naming(kind)
        found = known.get(key) if key else None
        if found is None and key is None:
            found = next((one for one in known.values() if self._is_same(one, kind, values)), None)
        if found is None:
            called = next((str(values[n]) for n in (by, *kind.same_by) if n and n in values), "")
            key = key or free_key(called.partition("@")[0], kind.name, known)
            found = known[key] = Record(key, row, None, values)
        else:
            self._complete(kind, found, values, cells, row)
        return found

    def _is_same(self, one: Record, kind: Kind, values: Mapping[str, object]) -> bool:
        by = naming(kind)
        if by and by in values and one.value(by) is not None:
            return normal(str(one.value(by))) == normal(str(values[by]))
        return any(f in values and one.value(f) == values[f] for f in kind.same_by)

    def _singles(self, row: Row, cells: list[_Cell]) -> None:
        """Single records, and records at the top that are not of the scope."""
        for name in self._vocabulary.shape.records:
            kind = self._vocabulary.kinds[name]
            own = [cell for cell in cells if cell.target.kind == name]
            if name == self._scope or name in self._inner or not own:
                continue
            values = self._values(kind, own, row.number)
            if values is None:
                continue
            if kind.single:
                there = self._data.get(kind.path[0])
                known = self._out.singles.setdefault(name, {})
                for field_name, value in values.items():
                    has = known.get(field_name, there.get(field_name) if isinstance(there, dict) else None)
                    if has is None:
                        known[field_name] = value
                    elif has != value:
                        column = next(c.column for c in own if c.target.field == field_name)
                        self._note(column, "says otherwise than what is there, which stays", row.number)
                continue
            key = str(values.pop(KEY, "")) or None
            found = self._found(kind, key, values)
            if isinstance(found, Record):
                self._complete(kind, found, values, own, row.number)
            else:
                self._index(name, self._new(kind, key, values, row.number))

    # --- events
    def _events(
        self,
        row: Row,
        cells: list[_Cell],
        word: _Cell | None,
        meaning: Meaning | None,
        record: Record | None,
        people: Mapping[str, list[Record]],
    ) -> None:
        """The events that the row tells of: those of its columns of days, and that of its word."""
        found = [*self._of_columns(row, cells)]
        own = self._of_word(row, cells, word, meaning, record, found)
        found += [own] if own and not any(own is entry for entry in found) else []
        self._attach(row, cells, found)
        for note in (cell for cell in cells if cell.target == Target(EVENT, NOTE)):
            self._put_note(row, note, own, found)
        for entry in found:
            self._fill(entry, cells, word, record, people)
            self._keep(entry, record)

    def _of_columns(self, row: Row, cells: list[_Cell]) -> Iterator[Entry]:
        for cell in cells:
            kind = self._vocabulary.kinds.get(cell.target.kind)
            if kind is not None and kind.is_event and cell.target.field == DAY:
                day = self._value(cell, self._lexicon.field(cell.target), row.number)
                if day is not None:
                    fixed = self._fixed(kind, cell.target.fixed)
                    yield Entry(
                        kind.name, date.fromisoformat(str(day)), fixed, row.number, cell.column.number
                    )

    def _fixed(self, kind: Kind, pairs: tuple[Pair, ...]) -> dict[str, object]:
        return fields_of(kind, pairs, date.min) if pairs else {}

    def _of_word(
        self,
        row: Row,
        cells: list[_Cell],
        word: _Cell | None,
        meaning: Meaning | None,
        record: Record | None,
        found: list[Entry],
    ) -> Entry | None:
        """The event that the row names by a word, on the day that stands beside it."""
        days = [cell for cell in cells if cell.target == Target(EVENT, DAY)]
        kind = self._vocabulary.kinds.get(meaning.kind) if meaning else None
        beside = [
            cell for cell in cells if cell.target.kind == EVENT and cell.target.field not in (EVENT, NOTE)
        ]
        if word is None or kind is None or not kind.is_event:
            for cell in beside if meaning is not None or word is None else ():
                self._note(cell.column, "belongs to no event of its row, and is left out", row.number)
            return None
        assert meaning is not None
        if days:
            day = self._value(days[0], self._lexicon.field(days[0].target), row.number)
            if day is None:
                return None
            on = date.fromisoformat(str(day))
            same = next((entry for entry in found if entry.kind == kind.name), None)
            if same and (same.day == on or not any(c.target.field != DAY for c in beside)):
                if same.day != on:
                    self._note(
                        days[0].column,
                        f"is another day than that of `{kind.name}` in its row, and is left out",
                        row.number,
                    )
                return same
        else:
            same = next((entry for entry in found if entry.kind == kind.name), None)
            if same:
                return same
            on_day = self._day_there(kind, record) or self._undated(row, word, found)
            if on_day is None:
                return None
            on = on_day
        entry = Entry(kind.name, on, self._fixed(kind, meaning.fixed), row.number, word.column.number)
        if not days and self._mapping.undated == NEWEST:
            entry.fields["note"] = NO_DAY
        for cell in beside:
            if cell.target.field != DAY:
                self._own_field(entry, kind, cell, row.number)
        return entry

    def _day_there(self, kind: Kind, record: Record | None) -> date | None:
        """The newest day on which the situation has such an event already: a word then says nothing new."""
        days = (str(e.get("date")) for e in self._entries_there(record) if e.get("event") == kind.name)
        return max(filter(None, map(parse_date, days)), default=None)

    def _entries_there(self, record: Record | None) -> Iterator[Mapping[str, Any]]:
        around = self._vocabulary.kinds[self._scope].path if self._scope else ()
        for path in self._vocabulary.shape.events:
            if record is not None and path[:-1] == around:
                found = (record.there or {}).get(path[-1])
            elif record is None and len(path) == 1:
                found = self._data.get(path[0])
            else:
                continue
            yield from (entry for entry in found or () if isinstance(entry, dict))

    def _undated(self, row: Row, word: _Cell, found: list[Entry]) -> date | None:
        """The day of an event whose day no cell says, as far as that was answered."""
        text = text_of(word.value)
        if self._mapping.undated is None:
            known = self._asked.get(("undated",))
            said = dict(known.said) if isinstance(known, UndatedQuestion) else {}
            said[text] = (*said.get(text, ()), row.number)
            self._asked[("undated",)] = UndatedQuestion(said, word.column)
            return None
        if self._mapping.undated == LEAVE_OUT:
            self._note(word.column, f"says `{text}` without a day, and is left out", row.number)
            return None
        if self._mapping.undated == NEWEST:
            if not found:
                self._bad(f"`{text}` has no day, and there is none in its row", row.number, word.column)
                return None
            self._note(word.column, "says what has no day, which gets the newest of its row", row.number)
            return max(entry.day for entry in found)
        return day_said(self._mapping.undated)

    def _own_field(self, entry: Entry, kind: Kind, cell: _Cell, row: int) -> None:
        """A field of the row's own event; a record's kind stands for the first field that refers to one."""
        name = cell.target.field
        of = next((f for f in kind.fields if f.name == name), None)
        if of is None and name in self._vocabulary.shape.records:
            of = people_field(kind, name)
        if of is None and name == KEY:
            of = self._lexicon.field(cell.target)
        if of is None:
            self._bad(f"`{kind.name}` has no `{name}`", row, cell.column)
        elif of.type.refers_to and of.many:
            entry.fields[of.name] = (
                _people(cell.value) if "," not in text_of(cell.value) else members_of(cell.value)
            )
        elif (value := self._value(cell, of, row)) is not None:
            entry.fields[of.name] = value

    def _attach(self, row: Row, cells: list[_Cell], found: list[Entry]) -> None:
        """The fields of events of a kind, to the event of that kind in the row."""
        for cell in cells:
            kind = self._vocabulary.kinds.get(cell.target.kind)
            if kind is None or not kind.is_event or cell.target.field == DAY:
                continue
            entry = next((entry for entry in found if entry.kind == kind.name), None)
            if entry is None:
                self._note(
                    cell.column, f"belongs to no `{kind.name}` in its row, and is left out", row.number
                )
            elif cell.target.field == NOTE:
                self._put_note(row, cell, entry, found)
            else:
                self._own_field(entry, kind, cell, row.number)

    def _put_note(self, row: Row, cell: _Cell, own: Entry | None, found: list[Entry]) -> None:
        """A note, to the event that the row names, else to the newest one in it."""
        entry = own or max(found, key=lambda entry: entry.day, default=None)
        if entry is None:
            self._note(cell.column, "has no event in its row to stand at, and is left out", row.number)
            return
        before = entry.fields.get("note")
        text = text_of(cell.value)
        entry.fields["note"] = (
            f"{text} ({before})" if before == NO_DAY else f"{before}\n{text}" if before else text
        )

    def _fill(
        self,
        entry: Entry,
        cells: list[_Cell],
        word: _Cell | None,
        record: Record | None,
        people: Mapping[str, list[Record]],
    ) -> None:
        """References by their keys, an id where one is needed, and what is required and missing."""
        kind = self._vocabulary.kinds[entry.kind]
        column = next(c for c in self._sheet.columns if c.number == entry.column)
        for of in kind.fields:
            if of.type.refers_to and of.name in entry.fields:
                entry.fields[of.name] = self._referred(of, entry, record, column)
        for need in kind.require:
            if need.several_of or any(name in entry.fields for name in need.fields):
                continue
            if KEY in need.fields:
                entry.fields[KEY] = self._free_id(kind, record)
                continue
            fields = [f for f in kind.fields if f.name in need.fields]
            if not self._only_one(entry, fields, people):
                self._ask_field(entry, kind, fields, column, word)
        entry.fields = ordered(kind, entry.fields)

    def _only_one(self, entry: Entry, fields: list[Field], people: Mapping[str, list[Record]]) -> bool:
        """Take the one whom the row names for one whom the event needs."""
        for of in fields:
            named = [one for name in of.type.refers_to for one in people.get(name, ())]
            if len(named) == 1:
                entry.fields[of.name] = [named[0].key] if of.many else named[0].key
                return True
        return False

    def _ask_field(
        self, entry: Entry, kind: Kind, fields: list[Field], column: Column, word: _Cell | None
    ) -> None:
        """Ask for a field that all such events need, unless each has its own: then a row is wrong without it."""
        names = " or ".join(f.name for f in fields)
        mapped = {(t.kind, t.field) for _, t in self._columns}
        own = any(pair in mapped for f in fields for pair in ((EVENT, f.name), (kind.name, f.name)))
        constant = [f for f in fields if not f.type.refers_to and f.type.base != "date"]
        if own or not constant:
            hint = f"a column can hold `{kind.name}.{fields[0].name}`"
            self._bad(f"`{kind.name}` needs `{names}`, and the row says none", entry.row, column, hint)
            return
        from_word = text_of(word.value) if word and word.column == column else None
        target = self._mapping.columns.get(column.name)
        said = self._mapping.words.get(normal(from_word)) if from_word else None
        text = said or (kind.name if from_word else str(target))
        key = ("field", column.name, normal(from_word or ""), constant[0].name)
        self._asked.setdefault(key, FieldQuestion(column, from_word, kind, constant[0], text, entry.row))

    def _referred(self, of: Field, entry: Entry, record: Record | None, column: Column) -> object:
        value = entry.fields[of.name]
        if of.many:
            return [self._key_of(of, str(one), entry, record, column) for one in _listed(value)]
        names = _people(str(value))
        if len(names) > 1:
            self._bad(
                f"`{entry.kind}` has one `{of.name}`, and the cell names {len(names)}", entry.row, column
            )
        return self._key_of(of, names[0] if names else str(value), entry, record, column)

    def _key_of(self, of: Field, name: str, entry: Entry, record: Record | None, column: Column) -> str:
        """The key of the record that is called so: inside the row's own one, where it is made, or at the top."""
        for kind_name in of.type.refers_to:
            kind = self._vocabulary.kinds[kind_name]
            if kind_name in self._inner and record is not None:
                known = record.inner.setdefault(kind_name, {})
                by = naming(kind)
                if name in known or by is None:
                    return name
                return self._person(kind, record, {by: name}, [], entry.row).key
            if kind.role == "record" and kind_name in self._out.records:
                records = self._out.records[kind_name]
                fitting = self._places[kind_name][normal(name)]
                if name not in records and len(fitting) != 1:
                    hint = did_you_mean(name, [self._called(kind, one) for one in records.values()])
                    message = (
                        f"there is no {plain(kind_name)} `{name}`"
                        if not fitting
                        else f"`{name}` can be several"
                    )
                    self._bad(message, entry.row, column, hint)
                return name if name in records or not fitting else fitting[0].key
        return name

    def _free_id(self, kind: Kind, record: Record | None) -> str:
        taken = self._ids_of(record)
        found = next(name for n in range(1, len(taken) + 2) if (name := f"{kind.name}{n}") not in taken)
        taken.add(found)
        return found

    def _ids_of(self, record: Record | None) -> set[object]:
        there = self._ids.get(id(record))
        if there is None:
            there = self._ids[id(record)] = {entry.get("id") for entry in self._entries_there(record)}
        return there

    def _keep(self, entry: Entry, record: Record | None) -> None:
        """Keep an event, unless the situation or the sheet has it already."""
        for there in self._there_on(record, entry):
            if all(there.get(name) == value for name, value in entry.fields.items() if name != "note"):
                self._out.already += 1
                if _bare_note(there.get("note")) != _bare_note(entry.fields.get("note", there.get("note"))):
                    self._note_row(entry.row, f"another note is there of its `{entry.kind}`, and stays")
                return
        said = self._said.setdefault(id(record), {})
        row = said.setdefault(_same(entry.data()), entry.row)
        if row != entry.row:
            self._note_row(entry.row, f"its `{entry.kind}` is said already, and written once", row)
        elif record is not None:
            record.events.append(entry)
        else:
            self._out.whole.append(entry)
        self._ids_of(record).add(entry.fields.get(KEY))

    def _there_on(self, record: Record | None, entry: Entry) -> Iterable[Mapping[str, Any]]:
        """The events of a kind and day that the situation has of a record."""
        known = self._there.get(id(record))
        if known is None:
            known = self._there[id(record)] = defaultdict(list)
            for one in self._entries_there(record):
                known[str(one.get("event")), str(one.get("date"))].append(one)
        return known.get((entry.kind, entry.day.isoformat()), ())

    def _link(self, record: Record | None, entries: list[Entry]) -> None:
        """Say which of several events an entry is about: the newest one before it with the same people.

        Only where it has to be said, and where one alone can be meant; what stays open is told when the
        situation is read.
        """
        there = [
            Entry(str(e.get("event")), day, {k: v for k, v in e.items() if k not in ("event", "date")}, 0, 0)
            for e in self._entries_there(record)
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

    def _meant(self, entry: Entry, before: list[Entry]) -> Entry | None:
        people = self._named_in(entry)
        with_them = [e for e in before if people <= self._named_in(e)]
        newest = [e for e in with_them if e.day == max(one.day for one in with_them)]
        return newest[0] if len(newest) == 1 else None

    def _give_id(self, entry: Entry, record: Record | None) -> None:
        """An id for an event that is to be referred to; one that is in the file already is not changed."""
        if KEY not in entry.fields and entry.row:
            kind = self._vocabulary.kinds[entry.kind]
            entry.fields = ordered(kind, {**entry.fields, KEY: self._free_id(kind, record)})

    def _named_in(self, entry: Entry) -> set[object]:
        """The keys of the records inside that of the scope which an event names."""
        fields = (
            f for f in self._vocabulary.kinds[entry.kind].fields if set(f.type.refers_to) & set(self._inner)
        )
        return {one for f in fields if f.name in entry.fields for one in _listed(entry.fields[f.name])}

    # --- what is said of it
    def end(self) -> Entries:
        """All entries, with what was noted of whole columns."""
        for record in self._out.records.get(self._scope or "", {}).values():
            self._link(record, record.events)
        self._link(None, self._out.whole)
        columns = {column.number: column for column in self._sheet.columns}
        for (number, what), rows in sorted(self._aside.items()):
            said = f"`{columns[number].name}` {what}" if number else what
            message = f"{said}: {_rows([label for _, label in rows])}"
            self._out.notes.append(self._sheet.problem("FC544", message, rows[0][0], number or 1))
        self._out.questions += self._asked.values()
        return self._out

    def _column_of(self, target: Target) -> Column:
        found = (c for c, t in self._columns if t._replace(fixed=()) == target)
        return next(found, self._sheet.columns[0])

    def _note(self, column: Column, what: str, row: int) -> None:
        """Note something of a column, of all its rows at once."""
        self._aside[column.number, what].append((row, str(row)))

    def _note_row(self, row: int, what: str, earlier: int | None = None) -> None:
        """Note something of whole rows, with the `earlier` row that it is about."""
        self._aside[0, what].append((row, f"{row} (as {earlier})" if earlier else str(row)))

    def _bad(self, message: str, row: int, column: Column, hint: str | None = None) -> None:
        """A mistake in a row, which cannot be brought along with it."""
        self._problem("FC542", f"`{column.name}`: {message}", row, column, hint)
        self._out.bad.add(row)

    def _problem(self, code: str, message: str, row: int, column: Column, hint: str | None = None) -> None:
        self._out.problems.append(
            Diagnostic(code, message, CellSpan(self._sheet.name, row, column.number), hint)
        )


def _people(value: Value) -> list[str]:
    """The names in a cell: by semicolons and lines, since a comma may stand inside a name."""
    text = text_of(value)
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _same(entry: Mapping[str, Any]) -> str:
    return repr(sorted((key, value) for key, value in entry.items()))


def _bare_note(note: object) -> str:
    """A note without the remark that the day is not in the sheet."""
    return str(note or "").removesuffix(f"({NO_DAY})").removesuffix(NO_DAY).strip()


def _rows(rows: list[str]) -> str:
    """The rows of a note: all of a few, and how many of more."""
    said = ", ".join(rows[:5])
    if len(rows) == 1:
        return f"row {said}"
    return f"rows {said}" if len(rows) <= 5 else f"rows {said} and {len(rows) - 5} more"
