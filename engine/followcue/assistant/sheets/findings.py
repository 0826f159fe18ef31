"""What is said of a sheet while it is read: mistakes, notes of whole columns, open questions."""

from __future__ import annotations

from collections import defaultdict

from followcue.assistant.sheets.open_questions import Question, UndatedQuestion, WordQuestion
from followcue.assistant.sheets.sheet import CellSpan, Sheet, SheetColumn
from followcue.assistant.sheets.sheet_entries import SheetEntries
from followcue.base.diagnostic import Diagnostic
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import Type


class Findings:
    """Collects what is found in `out`; a note is made once for all the rows that it is about."""

    def __init__(self, sheet: Sheet, out: SheetEntries) -> None:
        self._sheet = sheet
        self._out = out
        self._asked: dict[tuple[str, ...], Question] = {}
        self._aside: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)

    def bad(self, message: str, row: int, column: SheetColumn, hint: str | None = None) -> None:
        """A mistake in a row, which cannot be brought along with it."""
        self.problem("FC542", f"`{column.name}`: {message}", row, column, hint)
        self._out.bad.add(row)

    def problem(
        self, code: str, message: str, row: int, column: SheetColumn, hint: str | None = None
    ) -> None:
        """A mistake at a cell."""
        self._out.problems.append(
            Diagnostic(code, message, CellSpan(self._sheet.name, row, column.number), hint)
        )

    def note(self, column: SheetColumn, what: str, row: int) -> None:
        """Note something of a column, of all its rows at once."""
        self._aside[column.number, what].append((row, str(row)))

    def note_row(self, row: int, what: str, earlier: int | None = None) -> None:
        """Note something of whole rows, with the `earlier` row that it is about."""
        self._aside[0, what].append((row, f"{row} (as {earlier})" if earlier else str(row)))

    def ask_word(self, column: SheetColumn, text: str, of: Type | None, row: int) -> None:
        """Ask what a word of a column means: an event, or a word of a type."""
        key = ("word", column.name, normal(text))
        known = self._asked.get(key)
        rows = (*known.rows, row) if isinstance(known, WordQuestion) else (row,)
        self._asked[key] = WordQuestion(column, text, of, rows)

    def ask(self, key: tuple[str, ...], question: Question) -> None:
        """Ask once for what has this key."""
        self._asked.setdefault(key, question)

    def is_asked(self, *key: str) -> bool:
        """Whether that is asked already."""
        return key in self._asked

    def ask_undated(self, column: SheetColumn, text: str, row: int) -> None:
        """Ask for the day of what a column says without one, all such words at once."""
        known = self._asked.get(("undated",))
        said = dict(known.said) if isinstance(known, UndatedQuestion) else {}
        said[text] = (*said.get(text, ()), row)
        self._asked[("undated",)] = UndatedQuestion(said, column)

    def end(self) -> None:
        """Give notes and questions to the entries."""
        columns = {column.number: column for column in self._sheet.columns}
        for (number, what), rows in sorted(self._aside.items()):
            said = f"`{columns[number].name}` {what}" if number else what
            message = f"{said}: {_rows([label for _, label in rows])}"
            self._out.notes.append(self._sheet.problem("FC544", message, rows[0][0], number or 1))
        self._out.questions += self._asked.values()


def _rows(rows: list[str]) -> str:
    """The rows of a note: all of a few, and how many of more."""
    said = ", ".join(rows[:5])
    if len(rows) == 1:
        return f"row {said}"
    return f"rows {said}" if len(rows) <= 5 else f"rows {said} and {len(rows) - 5} more"
