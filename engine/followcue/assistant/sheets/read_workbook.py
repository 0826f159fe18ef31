"""A workbook of a spreadsheet program -> a sheet. Takes the extra `sheets`.

A workbook keeps beside each formula the value that it had when the program saved it. It is read twice, once
for the values and once for the formulas, so that a formula without a value is told instead of taken for an
empty cell.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from followcue.assistant.sheets.read_sheet import MOST_COLUMNS, MOST_ROWS, refused, sheet_of
from followcue.assistant.sheets.sheet import CellSpan, Sheet, Value, letters
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import imported

MOST_UNPACKED = 256 * 2**20
"""How many bytes a workbook may unpack to: it is an archive, and a small one may hold very much."""

Cells = dict[int, Value]


def read_workbook(raw: bytes, name: str, page: str | None = None) -> Sheet:
    """The sheet `page` of a workbook, or the only one with anything in it.

    Raises `InvalidInput` (FC540) where there is none, and `Unavailable` without the extra.
    """
    imported("sheets", "openpyxl")
    _refuse_large(raw, name)
    values, formulas = (_opened(raw, name, values=values) for values in (True, False))
    chosen = _page(values, name, page)
    notes: list[Diagnostic] = []
    cells = _cells(values[chosen], formulas[chosen], name, notes)
    _spread_merged(values[chosen], cells, name, notes)
    return sheet_of(name, ((row, cells[row]) for row in sorted(cells) if cells[row]), notes)


def _refuse_large(raw: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        raise refused(
            name, "this is no workbook, whatever its name says", "save it as .xlsx or CSV"
        ) from None
    if size > MOST_UNPACKED:
        raise refused(name, f"this unpacks to more than {MOST_UNPACKED // 2**20} MiB")


def _opened(raw: bytes, name: str, *, values: bool) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that only a spreadsheet program needs
            return load_workbook(io.BytesIO(raw), data_only=values, keep_links=False)
    except Exception as problem:  # a broken file may fail anywhere inside the library
        message = f"this workbook cannot be read ({type(problem).__name__})"
        raise refused(name, message, "open it, and save it anew or as CSV") from None


def _page(book: Any, name: str, wanted: str | None) -> str:
    """The title of the sheet that is meant."""
    known = [page.title for page in book.worksheets]
    if wanted is not None:
        if wanted in known:
            return wanted
        said = ", ".join(f"`{title}`" for title in known)
        raise refused(name, f"there is no sheet `{wanted}` in it", f"there are {said}")
    filled = [page.title for page in book.worksheets if page.max_row > 1 or page.max_column > 1]
    if len(filled) == 1:
        return str(filled[0])
    if not filled:
        raise refused(name, "there is nothing in this workbook")
    said = ", ".join(f"`{title}`" for title in filled)
    raise refused(name, f"which sheet of it? {said}", f'say --sheet "{filled[0]}"')


def _cells(values: Any, formulas: Any, name: str, notes: list[Diagnostic]) -> dict[int, Cells]:
    """The cells that are not empty, by row and column."""
    if values.max_row > MOST_ROWS * 2 or values.max_column > MOST_COLUMNS:
        message = f"this sheet reaches to {letters(values.max_column)}{values.max_row:,}"
        hint = f"at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns are read"
        raise refused(name, message, hint)
    found: dict[int, Cells] = {}
    problems: list[Diagnostic] = []
    computed: list[CellSpan] = []
    for row, (with_values, with_formulas) in enumerate(_pairs(values, formulas), 1):
        for column, (value, formula) in enumerate(zip(with_values, with_formulas, strict=False), 1):
            if formula is None:
                continue
            place = CellSpan(name, row, column)
            if _is_formula(formula):
                if value is None:
                    message = "this formula has no value: no program has computed it"
                    problems.append(Diagnostic("FC540", message, place, "open and save the workbook"))
                    continue
                computed.append(place)
            if isinstance(value, str) and value.startswith("#") and value.rstrip("!?").isupper():
                problems.append(Diagnostic("FC540", f"this formula failed: {value}", place))
            elif (plain := _plain(value)) != "":
                found.setdefault(row, {})[column] = plain
    if problems:
        raise InvalidInput(problems)
    if computed:
        message = f"{_places(computed)}: of formulas the value is taken that the program computed last"
        notes.append(Diagnostic("FC540", message, computed[0]))
    return found


def _pairs(values: Any, formulas: Any) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    return zip(values.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=False)


def _is_formula(value: object) -> bool:
    return (isinstance(value, str) and value.startswith("=") and len(value) > 1) or type(value).__name__ in (
        "ArrayFormula",
        "DataTableFormula",
    )


def _plain(value: object) -> Value:
    """The value of a cell; a day with an hour is that day, empty text is no value."""
    match value:
        case datetime():
            return value.date()
        case str() if not value.strip():
            return ""
        case str() | bool() | int() | float() | date():
            return value
        case time() | timedelta():
            return str(value)
    return "" if value is None else str(value)


def _spread_merged(page: Any, cells: dict[int, Cells], name: str, notes: list[Diagnostic]) -> None:
    """Give cells that are merged downwards the value of the first, and tell so."""
    for area in sorted(page.merged_cells.ranges, key=lambda area: (area.min_row, area.min_col)):
        value = cells.get(area.min_row, {}).get(area.min_col)
        if value is None:
            continue
        if area.max_row - area.min_row > MOST_ROWS:
            raise refused(name, f"{area.coord} is merged over more rows than are read")
        for row in range(area.min_row, area.max_row + 1):
            cells.setdefault(row, {})[area.min_col] = value
        if area.max_row > area.min_row:
            message = f"{area.coord} is merged: `{_short(value)}` is taken for each of its rows"
            notes.append(Diagnostic("FC540", message, CellSpan(name, area.min_row, area.min_col)))


def _short(value: Value) -> str:
    return " ".join(str(value).split())[:40]


def _places(spans: list[CellSpan]) -> str:
    said = ", ".join(f"{letters(span.column)}{span.line}" for span in spans[:3])
    return said if len(spans) <= 3 else f"{said} and {len(spans) - 3} more"
