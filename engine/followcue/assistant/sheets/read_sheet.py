"""A file -> a sheet: text with commas, semicolons, tabs or bars between its cells, or a workbook."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from followcue.assistant.sheets.sheet import CellSpan, Sheet, SheetRow, Value, columns_of, shown
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.plain import UNPRINTABLE
from followcue.language.documents.read import read_content

MOST_ROWS = 20_000
"""As many rows are read: a situation has no more entries either."""

MOST_COLUMNS = 200
LONGEST_CELL = 10_000
"""More characters than this are no cell but a slip of the quotes."""

HEAD_WITHIN = 10
"""The head is among so many rows that are not empty; what stands above it is a title."""

SEPARATORS = (",", ";", "\t", "|")

WORKBOOKS = (".xlsx", ".xlsm")


def is_workbook(path: str) -> bool:
    """Whether the file is a workbook, which takes the extra `sheets`."""
    return path.lower().endswith(WORKBOOKS)


def read_sheet(path: str, page: str | None = None) -> Sheet:
    """The sheet in a file, of a workbook its `page`; raises `InvalidInput` (FC540), and `Unavailable`."""
    raw = read_content(path)
    if is_workbook(path):
        from followcue.assistant.sheets.read_workbook import read_workbook

        return read_workbook(raw, path, page)
    if raw[:4] == b"PK\x03\x04" or raw[:4] == b"\xd0\xcf\x11\xe0":
        hint = "save it as .xlsx, or as CSV" if raw[:1] == b"\xd0" else "call it .xlsx if it is one"
        raise refused(path, "this is a workbook or an archive, and no text", hint)
    if page is not None:
        raise refused(path, "only a workbook has several sheets", "leave out --sheet")
    text, notes = decoded(raw, path)
    return sheet_of(path, _records(text, path), notes)


def refused(name: str, message: str, hint: str | None = None, row: int | None = None) -> InvalidInput:
    """The mistake that a file cannot be read as a sheet."""
    span = None if row is None else CellSpan(name, row, 1)
    return InvalidInput([Diagnostic("FC540", message, span, hint, place=name)])


def decoded(raw: bytes, name: str) -> tuple[str, list[Diagnostic]]:
    """The text of a file: UTF-8, UTF-16, or, as old Windows programs write, Windows-1252, which is told."""
    from followcue.language.documents.decode import MAX_SIZE, too_large

    if len(raw) > MAX_SIZE:
        raise refused(name, too_large(MAX_SIZE))
    encoding = _encoding(raw)
    try:
        return raw.decode(encoding).removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise refused(name, "this begins like UTF-16 and is none", "save it as UTF-8") from None
        at = error.start
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        byte = f"0x{raw[at]:02X}"
        message = f"the byte {byte} is neither UTF-8 nor Windows-1252"
        raise refused(name, message, "save it as UTF-8", raw[:at].count(b"\n") + 1) from None
    found = text[at - len(raw) :]
    message = f"this is no UTF-8 and was read as Windows-1252, so that `{found[:1]}` stands in this row"
    span = CellSpan(name, raw[:at].count(b"\n") + 1, 1)
    return text, [Diagnostic("FC540", message, span, "save it as UTF-8 if that is another letter")]


def _encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if raw[1:2] == b"\0" and raw[:1] != b"\0":
        return "utf-16-le"
    return "utf-16-be" if raw[:1] == b"\0" and raw[1:2] not in (b"", b"\0") else "utf-8"


def _records(text: str, name: str) -> Iterator[tuple[int, Mapping[int, Value]]]:
    """The rows of a text with their numbers; empty rows are counted and left out."""
    found = UNPRINTABLE.search(text)
    if found:
        message = f"the unprintable character U+{ord(found[0]):04X} stands here"
        raise refused(name, message, "remove it", text[: found.start()].count("\n") + 1)
    first, _, rest = text.partition("\n")
    lines_above, separator = 0, _separator(text)
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        text, separator, lines_above = rest, first.strip()[4], 1  # a line that Excel reads for itself
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = lines_above
    while True:
        number += 1
        try:
            record = next(reader, None)
        except csv.Error as problem:
            message = f"the quotes in this row do not fit: {problem}"
            raise refused(name, message, "a quote inside quotes is written twice", number) from None
        if record is None:
            return
        if len(record) > MOST_COLUMNS:
            raise refused(name, f"this row has more than {MOST_COLUMNS} columns", row=number)
        cells: dict[int, Value] = {n: cell for n, cell in enumerate(record, 1) if cell.strip()}
        if cells:
            yield number, cells


def _separator(text: str) -> str:
    """What parts the cells: what gives the head, the first row with several, the most of them."""
    sample = text[:20_000]

    def found(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        counts = [len(row) for row in islice((row for row in rows if row), HEAD_WITHIN)]
        head = next((place for place, count in enumerate(counts) if count > 1), None)
        return (0, 0) if head is None else (counts[head], -head)

    return max(SEPARATORS, key=found)


def sheet_of(
    name: str, records: Iterable[tuple[int, Mapping[int, Value]]], notes: Iterable[Diagnostic] = ()
) -> Sheet:
    """The sheet of these rows: the first with two cells or more is the head, what stands above it a title."""
    above: list[tuple[int, Mapping[int, Value]]] = []
    head: tuple[int, Mapping[int, Value]] | None = None
    rows: list[SheetRow] = []
    for number, cells in records:
        if head is None and len(cells) < 2 and len(above) < HEAD_WITHIN:
            above.append((number, cells))
        elif head is None:
            head = (number, cells)
        elif len(rows) == MOST_ROWS:
            raise refused(name, f"this sheet has more than {MOST_ROWS:,} rows", "bring it in parts", number)
        else:
            rows.append(SheetRow(number, _checked(name, number, cells)))
    if head is None and above:  # a sheet of one column: its first cell is the head
        head, *more = above
        rows, above = [SheetRow(number, cells) for number, cells in more], []
    if head is None or not rows:
        raise refused(name, "this sheet has no rows below a head", "its first row names the columns")
    told = [*notes, *(_title(name, number, cells) for number, cells in above)]
    used = (column for row in rows for column in row.cells)
    columns = columns_of({n: shown(value) for n, value in head[1].items()}, used)
    return Sheet(name, head[0], columns, tuple(rows), tuple(told))


def _checked(name: str, number: int, cells: Mapping[int, Value]) -> Mapping[int, Value]:
    for column, value in cells.items():
        if isinstance(value, str) and len(value) > LONGEST_CELL:
            message = f"this cell has more than {LONGEST_CELL:,} characters"
            hint = "is a quote never closed?"
            raise InvalidInput([Diagnostic("FC540", message, CellSpan(name, number, column), hint)])
    return cells


def _title(name: str, number: int, cells: Mapping[int, Value]) -> Diagnostic:
    column, value = next(iter(cells.items()))
    said = " ".join(shown(value).split())[:60]
    return Diagnostic(
        "FC540", f"`{said}` stands above the head and is left out", CellSpan(name, number, column)
    )
