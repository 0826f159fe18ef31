"""Files of text: lines of JSON and CSV, record by record, whatever one of them holds.

Idea: bytes are cut into lines before anything else is looked at, so that what is wrong with one record ends
with it. A record that cannot be read comes with what is wrong, as its code and the reason.

A quote of CSV that is never closed would take all that follows into its cell. So where a record of several
lines is broken, its first line alone is set aside, and reading goes on with the second:

    situation,event,id          "a           broken: the quote ends before `b`
    a,"application,acme         -> line 2    set aside
    b,"application",birch       -> line 3    a record
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from followcue.batch.record_text import name_in
from followcue.language.documents.decode import not_utf_8, too_large

_DELIMITERS = (",", ";", "\t", "|")
_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8, as `surrogateescape` leaves it."""
_AT_ONCE = 2**20
_KEPT = 1_000
"""How many characters are kept of a record that is too large."""


class Row(NamedTuple):
    """A record: its place from 1, the name of its situation if it says one, its JSON text, what is wrong."""

    n: int
    situation: str | None
    record: str
    problem: str | None = None


class NoRecords(Exception):
    """The text as a whole cannot be read as records; the message says why."""


class ByteLines(Protocol):
    """Bytes that are read line by line."""

    def readline(self, size: int, /) -> bytes:
        """The next line, or its next `size` bytes."""

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes, or fewer."""


def opened(path: Path, name: str) -> ByteLines:
    """The bytes of a file; those of one whose name ends in `.gz` are unpacked."""
    return gzip.open(path, "rb") if name.endswith(".gz") else open(path, "rb")


def json_lines(stream: ByteLines, limit: int, before: int = 0) -> Iterator[Row]:
    """Lines of JSON of at most `limit` bytes each; the place of a record is its line. Empty lines are none.

    The name is left out where the text is whole: it stands in it. `before` is how many lines came earlier.
    """
    for n, (raw, whole) in enumerate(_lines(stream, limit), before + 1):
        if not whole:
            text = _replaced(raw)[:_KEPT]
            yield Row(n, name_in(text), text, f"FC106 {too_large(limit)}")
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            text = _replaced(raw).strip()
            yield Row(n, name_in(text), text, f"FC105 {not_utf_8(raw[error.start])}")
            continue
        if n == 1:
            text = text.removeprefix("\ufeff")
        if text := text.strip(" \t\r\n"):
            yield Row(n, None, text)


def csv_records(stream: ByteLines, limit: int) -> Iterator[Row]:
    """Records of CSV (RFC 4180) of at most `limit` bytes each, every cell as text.

    The first line names the columns; one of `,` `;` tab `|` parts them, whichever leaves a column
    `situation`. Raises `NoRecords` where none does, or a column is there twice. The place of a record is 1
    for the first below the names.
    """
    csv.field_size_limit(max(csv.field_size_limit(), limit))
    lines = _CsvLines(stream, limit)
    columns, delimiter = _header(next(lines, "").removeprefix("\ufeff"))
    place = columns.index("situation")
    n = 0
    while (found := lines.record(delimiter, columns)) is not None:
        cells, problem = found
        if not cells:
            continue  # an empty line
        n += 1
        if problem is None:
            problem = _bytes_among(cells)
        if problem is None:
            said = dict(zip(columns, cells, strict=True))
            if said.pop("", "") == "":
                yield Row(n, cells[place] or None, json.dumps({k: v for k, v in said.items() if v}))
                continue
            problem = "FC501 a cell stands in a column without a name"
        shown = [_replaced(cell.encode(errors="surrogateescape")) for cell in cells]
        named = shown[place] if place < len(shown) else ""
        yield Row(n, named or None, json.dumps(dict(zip(columns, shown, strict=False))), problem)


def _header(line: str) -> tuple[list[str], str]:
    """The columns that a first line names, and what parts them."""
    for delimiter in _DELIMITERS:
        try:
            columns = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if "situation" in columns:
            if problem := _bytes_among(columns):
                raise NoRecords(f"the first line cannot be read: {problem.partition(' ')[2]}")
            check_columns(columns)
            return columns, delimiter
    said = line.encode(errors="replace").decode().strip()[:_KEPT]
    raise NoRecords(f"there is no column `situation` in the first line, `{said}`")


def check_columns(columns: Sequence[str]) -> None:
    """Raises `NoRecords` unless there is a column `situation`, and every name but the empty one once."""
    if "situation" not in columns:
        raise NoRecords(f"there is no column `situation`; there are {', '.join(columns)}")
    for name in filter(None, columns):
        if columns.count(name) > 1:
            raise NoRecords(f"the column `{name}` is there twice")


class _TooLargeError(Exception):
    """A record has more bytes than allowed."""


class _CsvLines:
    """The lines of CSV, of which those of a broken record are read again."""

    def __init__(self, stream: ByteLines, limit: int) -> None:
        self._lines = _lines(stream, limit)
        self._again: deque[tuple[bytes, bool]] = deque()
        self._taken: list[tuple[bytes, bool]] = []
        self._size = 0
        self._limit = limit

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        taken = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(taken)
        raw, whole = taken
        self._size += len(raw)
        if not whole or self._size > self._limit:
            raise _TooLargeError
        return raw.decode(errors="surrogateescape")

    def record(self, delimiter: str, columns: Sequence[str]) -> tuple[list[str], str | None] | None:
        """The cells of the next record and what is wrong with it; None at the end."""
        self._taken, self._size = [], 0
        try:
            cells = next(csv.reader(self, delimiter=delimiter, strict=True), None)
        except csv.Error as error:
            problem = f"FC102 this is no record of CSV: {error}"
        except _TooLargeError:
            problem = f"FC106 {too_large(self._limit)}"
        else:
            if cells is None or len(cells) in (0, len(columns)):
                return None if cells is None else (cells, None)
            problem = f"FC501 this record has {len(cells)} cells, and the first line names {len(columns)}"
        self._again.extendleft(reversed(self._taken[1:]))
        # An end of a line that is not one of ours would end the record.
        first = self._taken[0][0].decode(errors="surrogateescape").replace("\r", " ")
        if not self._taken[0][1]:
            first = first[:_KEPT]
        return next(csv.reader([first], delimiter=delimiter)) or [first], problem


def _bytes_among(cells: Sequence[str]) -> str | None:
    """What is wrong where a byte that is no UTF-8 came into a cell."""
    found = _BYTE.search("".join(cells))
    return f"FC105 {not_utf_8(ord(found[0]) - 0xDC00)}" if found else None


def _replaced(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _lines(stream: ByteLines, limit: int) -> Iterator[tuple[bytes, bool]]:
    """The lines of a file, and whether each is there as a whole: of a longer one its beginning."""
    while raw := stream.readline(limit + 2):
        whole = len(raw) <= limit + 1 or raw.endswith(b"\n")
        yield raw, whole
        rest = raw
        while not whole and rest and not rest.endswith(b"\n"):
            rest = stream.readline(_AT_ONCE)
