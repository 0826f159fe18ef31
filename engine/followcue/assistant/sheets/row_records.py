"""The records that rows are about: found again by their keys and names, or made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from followcue.assistant.sheets.cell_text import text_of
from followcue.assistant.sheets.findings import Findings
from followcue.assistant.sheets.keys import free_key
from followcue.assistant.sheets.row_cells import Cell, CellReader
from followcue.assistant.sheets.sheet import Value
from followcue.assistant.sheets.sheet_entries import RecordEntry, SheetEntries
from followcue.assistant.sheets.targets import DAY, KEY, Meaning, Target, inner_records, naming
from followcue.base.diagnostic import did_you_mean
from followcue.evaluation.report.wording import plain
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import Kind, Vocabulary


class WrongRow(Exception):
    """A row that is about no record, which is told already."""


class RowRecords:
    """Finds and makes the records of rows in `out`, beside those of the situation that `data` is."""

    def __init__(
        self, vocabulary: Vocabulary, data: Any, cells: CellReader, out: SheetEntries, findings: Findings
    ) -> None:
        self._vocabulary, self._cells, self._out, self._findings = vocabulary, cells, out, findings
        self._data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        self._scope = vocabulary.shape.scope
        self.inner = {kind.name: kind for kind in inner_records(vocabulary)}
        self._places: dict[str, dict[str, list[RecordEntry]]] = defaultdict(lambda: defaultdict(list))
        self._has_keys = any(t == Target(self._scope or "", KEY) for _, t in cells.columns)
        for name in vocabulary.shape.records:
            if len(vocabulary.kinds[name].path) == 1 and not vocabulary.kinds[name].single:
                self._know(name)

    def tells_of_whole(self) -> bool:
        """Whether all events that the columns could tell of are of the whole."""
        kinds = [self._vocabulary.kinds.get(t.kind) for _, t in self._cells.columns if t.field == DAY]
        return bool(kinds) and all(kind is not None and kind.of_whole for kind in kinds)

    def events_there(self, record: RecordEntry | None) -> Iterator[Mapping[str, Any]]:
        """The events that the situation has of a record already, or of the whole."""
        around = self._vocabulary.kinds[self._scope].path if self._scope else ()
        for path in self._vocabulary.shape.events:
            if record is not None and path[:-1] == around:
                found = (record.there or {}).get(path[-1])
            elif record is None and len(path) == 1:
                found = self._data.get(path[0])
            else:
                continue
            yield from (entry for entry in found or () if isinstance(entry, dict))

    def of_row(self, row: int, cells: list[Cell], meaning: Meaning | None) -> RecordEntry | None:
        """The record of the scope that the row is about, new if need be; None for the whole.

        Raises `WrongRow` where there is no telling.
        """
        if self._scope is None:
            return None
        kind = self._vocabulary.kinds[self._scope]
        own = [cell for cell in cells if cell.target.kind == self._scope]
        told = self._vocabulary.kinds.get(meaning.kind) if meaning else None
        if not own and (self._has_keys or self.tells_of_whole() or (told is not None and told.of_whole)):
            return None
        values = self._cells.values(kind, own, row)
        if values is None:
            raise WrongRow
        key = str(values.pop(KEY, "")) or None
        found = self._found(kind, key, values)
        if isinstance(found, list):
            names = ", ".join(f"`{record.key}`" for record in found)
            message = f"which {plain(kind.name)} is this row about? {names}"
            cell = own[0].column if own else self._cells.columns[0][0]
            self._findings.problem(
                "FC543", message, row, cell, f"say more of it, or its key in a column {kind.name}.id"
            )
            raise WrongRow
        record = found or self._new(kind, key, values, row)
        if found is None:
            for need in kind.require:
                if not need.several_of and not any(name in record.fields for name in need.fields):
                    message = f"this row has no {plain(need.fields[0])}"
                    column = self._cells.column_of(Target(kind.name, need.fields[0]))
                    self._findings.problem("FC543", message, row, column, "fill it in, or leave the row out")
                    del self._out.records[kind.name][record.key]
                    raise WrongRow
            self._index(kind.name, record)
        else:
            self._complete(kind, record, values, own, row)
        return record

    def inside(self, row: int, cells: list[Cell], record: RecordEntry | None) -> dict[str, list[RecordEntry]]:
        """The records inside that of the scope which the row names, by their kind."""
        people: dict[str, list[RecordEntry]] = {}
        for name, kind in self.inner.items():
            own = [cell for cell in cells if cell.target.kind == name]
            if not own:
                continue
            if record is None:
                self._findings.bad(
                    f"this {plain(name)} belongs to no {plain(self._scope or '')}", row, own[0].column
                )
                continue
            values = self._cells.values(kind, own, row)
            if values is None:
                continue
            by = naming(kind)
            named = next((cell for cell in own if cell.target.field == by), None)
            names = people_in(named.value) if named else []
            if len(names) > 1 and len(own) == 1:
                people[name] = [self.person(kind, record, {by or "": one}, own, row) for one in names]
            elif KEY in values or by in values or any(field in values for field in kind.same_by):
                people[name] = [self.person(kind, record, values, own, row)]
            else:
                for cell in own:
                    self._findings.note(
                        cell.column, f"belongs to no {plain(name)} in its row, and is left out", row
                    )
        return people

    def person(
        self, kind: Kind, record: RecordEntry, values: dict[str, object], cells: list[Cell], row: int
    ) -> RecordEntry:
        """The record inside another with this key, this name, or what makes two the same; or a new one."""
        known = record.inner.setdefault(kind.name, {})
        key = str(values.pop(KEY, "")) or None
        by = naming(kind)
        found = known.get(key) if key else None
        if found is None and key is None:
            found = next((one for one in known.values() if self._is_same(one, kind, values)), None)
        if found is None:
            called = next((str(values[n]) for n in (by, *kind.same_by) if n and n in values), "")
            key = key or free_key(called.partition("@")[0], kind.name, known)
            found = known[key] = RecordEntry(key, row, None, values)
        else:
            self._complete(kind, found, values, cells, row)
        return found

    def others(self, row: int, cells: list[Cell]) -> None:
        """Single records, and records at the top that are not of the scope."""
        for name in self._vocabulary.shape.records:
            kind = self._vocabulary.kinds[name]
            own = [cell for cell in cells if cell.target.kind == name]
            if name == self._scope or name in self.inner or not own:
                continue
            values = self._cells.values(kind, own, row)
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
                        self._findings.note(column, "says otherwise than what is there, which stays", row)
                continue
            key = str(values.pop(KEY, "")) or None
            found = self._found(kind, key, values)
            if isinstance(found, RecordEntry):
                self._complete(kind, found, values, own, row)
            else:
                self._index(name, self._new(kind, key, values, row))

    def called(self, kind: Kind, record: RecordEntry, name: str, row: int) -> RecordEntry:
        """The record inside another that has this key or name, new if need be."""
        known = record.inner.setdefault(kind.name, {})
        by = naming(kind)
        if name in known or by is None:
            return known.get(name) or RecordEntry(name, row)
        return self.person(kind, record, {by: name}, [], row)

    def key_called(self, kind: Kind, name: str) -> str:
        """The key of the record at the top that is called so; raises `LookupError`, which says why not."""
        records = self._out.records[kind.name]
        fitting = self._places[kind.name][normal(name)]
        if name in records:
            return name
        if len(fitting) == 1:
            return fitting[0].key
        if fitting:
            raise LookupError(f"`{name}` can be several")
        hint = did_you_mean(name, [self._called(kind, one) for one in records.values()])
        raise LookupError(f"there is no {plain(kind.name)} `{name}`" + (f"; {hint}" if hint else ""))

    # --- within
    def _know(self, name: str) -> None:
        """The records that the situation has already."""
        kind = self._vocabulary.kinds[name]
        known = self._data.get(kind.path[0])
        records = self._out.records.setdefault(name, {})
        for key, there in known.items() if isinstance(known, dict) else ():
            record = RecordEntry(key, 0, there if isinstance(there, dict) else {})
            for inner in self.inner.values() if name == self._scope else ():
                inside = record.there.get(inner.path[-1]) if record.there else None
                record.inner[inner.name] = {
                    k: RecordEntry(k, 0, v if isinstance(v, dict) else {})
                    for k, v in (inside.items() if isinstance(inside, dict) else ())
                }
            records[key] = record
            self._index(name, record)

    def _found(
        self, kind: Kind, key: str | None, values: Mapping[str, object]
    ) -> RecordEntry | list[RecordEntry] | None:
        """The record with this key, or with these texts as far as it has any; all where it is open which."""
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

    def _new(self, kind: Kind, key: str | None, values: Mapping[str, object], row: int) -> RecordEntry:
        records = self._out.records.setdefault(kind.name, {})
        by = naming(kind)
        called = key or free_key(str(values.get(by or "", "")), kind.name, records)
        record = records[called] = RecordEntry(called, row, None, dict(values))
        return record

    def _index(self, kind: str, record: RecordEntry) -> None:
        by = naming(self._vocabulary.kinds[kind])
        if by and (name := record.value(by)) is not None:
            self._places[kind][normal(str(name))].append(record)

    def _complete(
        self, kind: Kind, record: RecordEntry, values: Mapping[str, object], cells: Iterable[Cell], row: int
    ) -> None:
        """What a row says more of a record; what it says otherwise is left as it is, and told."""
        columns = {cell.target.field: cell.column for cell in cells}
        for name, value in values.items():
            known = record.value(name)
            if known is None:
                record.fields[name] = value
            elif known != value and name != naming(kind):
                called = self._called(kind, record)
                self._findings.note(
                    columns[name], f"says otherwise of {called} than what is there, which stays", row
                )

    def _called(self, kind: Kind, record: RecordEntry) -> str:
        return str(record.value(naming(kind) or "") or record.key)

    def _is_same(self, one: RecordEntry, kind: Kind, values: Mapping[str, object]) -> bool:
        by = naming(kind)
        if by and by in values and one.value(by) is not None:
            return normal(str(one.value(by))) == normal(str(values[by]))
        return any(f in values and one.value(f) == values[f] for f in kind.same_by)


def people_in(value: Value) -> list[str]:
    """The names in a cell: by semicolons and lines, since a comma may stand inside a name."""
    text = text_of(value)
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]
