"""The rows of a sheet, by a mapping -> entries of a situation, with every mistake, note and open question.

Three kinds of sheets are read by one rule: a row is about one record of the scope, which is found again by
what its columns say of it, and gives

    one event for each column of days      Applied 5 Oct, Interview 19 Oct     (a board, a list of companies)
    one event for the word that it says    19 Oct | Interview | Dana           (a diary)

A word that says what a day of the row says already (status `Applied`, applied 5 Oct) adds nothing. A word
that has no day in the row is asked about once, as is everything that the sheet leaves open: questions stand
beside the entries, and nothing is written as long as there are any.

Invariant: nothing of a row is dropped without a problem or a note that names the row.
"""

from __future__ import annotations

from typing import Any

from followcue.assistant.sheets.findings import Findings
from followcue.assistant.sheets.mapping import SheetMapping
from followcue.assistant.sheets.row_cells import CellReader
from followcue.assistant.sheets.row_events import RowEvents, RowFacts
from followcue.assistant.sheets.row_records import RowRecords, WrongRow
from followcue.assistant.sheets.sheet import Sheet, SheetColumn, SheetRow, Value
from followcue.assistant.sheets.sheet_entries import SheetEntries
from followcue.assistant.sheets.targets import DAY, EVENT, KEY, LEAVE_OUT, NOTE, Lexicon, Target
from followcue.evaluation.report.wording import plain
from followcue.language.model.vocabulary import Vocabulary


def to_entries(
    sheet: Sheet,
    mapping: SheetMapping,
    vocabulary: Vocabulary,
    data: Any,
    lexicon: Lexicon,
    without: frozenset[int] = frozenset(),
) -> SheetEntries:
    """The entries of all rows but those `without`, to be added to the situation that `data` is."""
    reader = _RowReader(sheet, mapping, vocabulary, data, lexicon)
    for row in sheet.rows:
        if row.number not in without:
            reader.read(row)
    return reader.end()


class _RowReader:
    """Reads one row after the other."""

    def __init__(
        self, sheet: Sheet, mapping: SheetMapping, vocabulary: Vocabulary, data: Any, lexicon: Lexicon
    ) -> None:
        self._sheet, self._mapping, self._vocabulary = sheet, mapping, vocabulary
        self._out = SheetEntries({}, [], {})
        self._findings = Findings(sheet, self._out)
        self._cells = CellReader(sheet, mapping, lexicon, self._findings)
        self._records = RowRecords(vocabulary, data, self._cells, self._out, self._findings)
        self._events = RowEvents(vocabulary, mapping, self._cells, self._records, self._out, self._findings)
        self._seen: dict[tuple[tuple[int, Value], ...], int] = {}
        self._check_columns()

    def _check_columns(self) -> None:
        """Two columns may not hold the same field, and something must say what a row is about."""
        scope = self._vocabulary.shape.scope
        first: dict[Target, SheetColumn] = {}
        for column, target in self._cells.columns:
            other = first.setdefault(target._replace(fixed=()), column)
            if other is not column and target.field not in (DAY, NOTE):
                message = f"`{other.name}` and `{column.name}` both hold {target.name}"
                hint = f"let one of them be `{LEAVE_OUT}`"
                self._findings.problem("FC541", message, self._sheet.head_row, column, hint)
        targets = {target.kind for target in first}
        if scope and not targets & {scope} and not self._records.tells_of_whole():
            message = f"no column says which {plain(scope)} a row is about"
            names = [name for need in self._vocabulary.kinds[scope].require for name in need.fields]
            hint = f"one column has to hold `{scope}.{(names or [KEY])[0]}`"
            self._findings.problem("FC541", message, self._sheet.head_row, self._sheet.columns[0], hint)
        elif not any(
            target.field in (DAY, EVENT) or target.kind in self._vocabulary.shape.records for target in first
        ):
            self._findings.problem(
                "FC541",
                "no column tells of anything",
                self._sheet.head_row,
                self._sheet.columns[0],
                "one column has to hold a day or the name of an event",
            )
        for column in self._sheet.columns:
            if self._mapping.columns.get(column.name) is None:
                for number, _ in self._sheet.values(column.number):
                    self._findings.note(column, "is left out", number)

    def read(self, row: SheetRow) -> None:
        """Read one row; what is wrong with it is noted, and the others go on."""
        cells = self._cells.cells(row)
        if not cells:
            return
        said = tuple((cell.column.number, cell.value) for cell in cells)
        if (earlier := self._seen.setdefault(said, row.number)) != row.number:
            self._findings.note_row(row.number, "the same is said already, and left out", earlier)
            return
        word, meaning = self._cells.meaning(cells, row.number)
        try:
            record = self._records.of_row(row.number, cells, meaning)
        except WrongRow:
            self._out.bad.add(row.number)
            return
        people = self._records.inside(row.number, cells, record)
        self._records.others(row.number, cells)
        self._events.of_row(RowFacts(row.number, cells, word, meaning, record, people))

    def end(self) -> SheetEntries:
        """All entries, with what is said of the sheet."""
        for record in self._out.records.get(self._vocabulary.shape.scope or "", {}).values():
            self._events.link(record, record.events)
        self._events.link(None, self._out.whole)
        self._findings.end()
        return self._out
