"""A sheet: heads of columns and rows of cells, whatever file it came from, each cell with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from followcue.base.diagnostic import Diagnostic, Span

Value: TypeAlias = str | int | float | bool | date
"""What a cell holds. A text file holds text alone; empty cells are in no row."""


class CellSpan(Span):
    """A place in a sheet, said as spreadsheets say it: `jobs.csv:D7`. The line is the row."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{self.file}:{letters(self.column)}{self.line}"


class SheetColumn(NamedTuple):
    """A column: its number from 1, and its name: the head, if no other is called so."""

    number: int
    name: str


class SheetRow(NamedTuple):
    """A row: its number as the spreadsheet counts, and its cells by the numbers of their columns."""

    number: int
    cells: Mapping[int, Value]


class Sheet(NamedTuple):
    """A sheet that has been read; `notes` are what its author should know of how it was."""

    name: str
    head_row: int
    columns: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[Diagnostic, ...] = ()

    def values(self, column: int) -> Iterator[tuple[int, Value]]:
        """The cells of a column that are not empty, with the numbers of their rows."""
        return ((row.number, row.cells[column]) for row in self.rows if column in row.cells)

    def problem(
        self, code: str, message: str, row: int, column: int = 1, hint: str | None = None
    ) -> Diagnostic:
        """A diagnostic at a cell."""
        return Diagnostic(code, message, CellSpan(self.name, row, column), hint)


def letters(number: int) -> str:
    """What spreadsheets call a column, from 1 on: A … Z, AA, AB."""
    said = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        said = chr(ord("A") + rest) + said
    return said


def shown(value: Value) -> str:
    """A cell as one would read it: whole numbers without a point, days as ISO writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def columns_of(heads: Mapping[int, str], used: Iterator[int]) -> tuple[SheetColumn, ...]:
    """The columns that have a head or cells, each with a name of its own."""
    said = {number: " ".join(head.split()) for number, head in heads.items() if head.strip()}
    names = list(said.values())
    return tuple(
        SheetColumn(n, said[n] if n in said and names.count(said[n]) == 1 else _by_letter(n, said.get(n)))
        for n in sorted({*said, *used})
    )


def _by_letter(number: int, head: str | None) -> str:
    return f"{head} ({letters(number)})" if head else f"column {letters(number)}"
