"""The cells of a row, each with what it holds, and their values as the fields of a situation have them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from followcue.assistant.sheets.cell_text import field_value, members_of, text_of
from followcue.assistant.sheets.column_days import NoDay, Order, order_in
from followcue.assistant.sheets.findings import Findings
from followcue.assistant.sheets.mapping import SheetMapping
from followcue.assistant.sheets.open_questions import OrderQuestion
from followcue.assistant.sheets.sheet import Sheet, SheetColumn, SheetRow, Value
from followcue.assistant.sheets.targets import EVENT, Lexicon, Meaning, Target
from followcue.language.model.vocabulary import Field, Kind

LONGEST_SHOWN = 40
ASKED_LATER = date.min.isoformat()
"""What stands for a day of which it is asked once, for all of them, which it is."""


class Cell(NamedTuple):
    """A cell that holds something of its row: what, and where."""

    target: Target
    column: SheetColumn
    value: Value


class CellReader:
    """Reads the cells of a sheet by a mapping; what cannot be read goes to `findings`."""

    def __init__(self, sheet: Sheet, mapping: SheetMapping, lexicon: Lexicon, findings: Findings) -> None:
        self._sheet, self._mapping, self._lexicon, self._findings = sheet, mapping, lexicon, findings
        self.columns = [(c, t) for c in sheet.columns if (t := mapping.columns.get(c.name)) is not None]
        self._orders = self._decide_orders()

    def cells(self, row: SheetRow) -> list[Cell]:
        """The cells of a row that hold something."""
        return [Cell(t, c, row.cells[c.number]) for c, t in self.columns if c.number in row.cells]

    def column_of(self, target: Target) -> SheetColumn:
        """The column that holds something; the first of the sheet if there is none."""
        found = (c for c, t in self.columns if t._replace(fixed=()) == target)
        return next(found, self._sheet.columns[0])

    def meaning(self, cells: list[Cell], row: int) -> tuple[Cell | None, Meaning | None]:
        """The word by which a row says what happened, and what it means; it is asked where nobody knows."""
        word = next((cell for cell in cells if cell.target == Target(EVENT, EVENT)), None)
        if word is None:
            return None, None
        text = text_of(word.value)
        found = self._mapping.meaning(text, self._lexicon)
        if found is None:
            self._findings.ask_word(word.column, text, None, row)
        return word, found

    def values(self, kind: Kind, cells: list[Cell], row: int) -> dict[str, object] | None:
        """The fields in these cells; None where one is wrong. References are left as they are written."""
        found: dict[str, object] = {}
        fields = {f.name: f for f in kind.fields}
        wrong = False
        for cell in cells:
            value = self.value(cell, fields.get(cell.target.field) or self._lexicon.field(cell.target), row)
            wrong = wrong or value is None
            found[cell.target.field] = value
        return None if wrong else found

    def value(self, cell: Cell, of: Field, row: int) -> object:
        """The value of a cell as a field has it; None where it is wrong, which is noted."""

        def choose(type_name: str, word: str) -> str | None:
            return self._mapping.choice(type_name, word, self._lexicon)

        try:
            return field_value(cell.value, of, self._orders.get(cell.column.number), choose)
        except NoDay as problem:
            text = text_of(cell.value)
            if of.type.choices:
                unknown = members_of(cell.value) if of.many else [text]
                for word in unknown:
                    if choose(of.type.name, word) is None:
                        self._findings.ask_word(cell.column, word, of.type, row)
                return ""
            if str(problem) == "can mean two days" and self._findings.is_asked("order"):
                return ASKED_LATER
            short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
            self._findings.bad(f"`{short}` {problem}", row, cell.column)
            return None

    def day(self, cell: Cell, row: int) -> date | None:
        """The day in a cell; None where it is wrong."""
        found = self.value(cell, self._lexicon.field(cell.target), row)
        return None if found is None else date.fromisoformat(str(found))

    def _decide_orders(self) -> dict[int, Order | None]:
        """The order of day and month of each column of days: its own, else that of the other columns."""
        decisions = {
            column.number: (column, order_in(self._sheet.values(column.number)))
            for column, target in self.columns
            if self._lexicon.field(target).type.base == "date"
        }
        shown = {found.order for _, found in decisions.values() if found.other is None} - {None}
        common = next(iter(shown)) if len(shown) == 1 else None
        orders: dict[int, Order | None] = {}
        for number, (column, found) in decisions.items():
            own = None if found.other else found.order  # a column written both ways decides nothing
            order = own or self._mapping.dates or common
            if found.other and found.order:
                row, said = found.other
                self._findings.note(column, f"has days written both ways, such as `{said}`", row)
            if order is None and found.example:
                row, said = found.example
                self._findings.ask(("order",), OrderQuestion(column, said, row))
            orders[number] = order
        return orders
