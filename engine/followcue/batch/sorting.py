"""Sorting: every record of an input beside the others of its situation, in a database on disk.

    records      n, situation, record (JSON text) and problem, in the order of the situations' names. Records
                 without a name stand first, each a situation of its own.
    situations   in the same order, which rows each has, and in which chunk of some hundred it lies

With two situations a chunk:

    input                     records                situations
    1  situation b            0   no name   4        no name   row 0          chunk 0
    2  situation a            1   a         2        a         row 1          chunk 0
    3  situation b            2   b         1        b         rows 2 and 3   chunk 1
    4  no name                3   b         3

Where a state keeps records from night to night, those that are needed again come to the records of the input
before they are sorted; a situation that nothing is to be done for has a name and no rows.

Invariant: all records of a situation lie in one chunk, in the order of the input. So any process can work on
any chunk, and the same input gives the same chunks. Memory stays bounded: the database sorts on disk.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from followcue.base.extras import duckdb
from followcue.base.limits import USUAL
from followcue.batch.source import Source, UnreadableSource, reason_of

SITUATIONS_A_CHUNK = 500

_ORDER = "situation NULLS FIRST, n"
_NAMES_AT_ONCE = 10_000
_READ_AT_ONCE = 16
"""So many chunks are read by one connection: a database keeps what it has read as long as it is open."""


class Record(NamedTuple):
    """One record of the input: its place there, from 1, its JSON text, and how many bytes that has.

    `problem` is the code and the reason for which it cannot be read.
    """

    number: int
    text: str
    size: int
    problem: str | None = None

    @classmethod
    def of(cls, number: int, text: str) -> Record:
        """The record of that text."""
        return cls(number, text, len(text.encode(errors="replace")))


class SituationRecords(NamedTuple):
    """The records of one situation; `name` is None where its only record says none."""

    name: str | None
    records: list[Record]


class RecordsSaid(NamedTuple):
    """What records say: their places in the input, the size of each in bytes, and their texts as one."""

    numbers: list[int]
    sizes: list[int]
    content: bytes | memoryview

    @classmethod
    def of(cls, records: Iterable[Record]) -> RecordsSaid:
        """What these records say."""
        taken = list(records)
        content = "".join([record.text for record in taken]).encode(errors="replace")
        return cls([record.number for record in taken], [record.size for record in taken], content)


class SortedCounts(NamedTuple):
    """How many chunks there are and how many situations in them, and the place of the last record."""

    chunks: int
    situations: int
    last: int


_COUNTS = (
    "SELECT coalesce(max(chunk) + 1, 0), count(*), (SELECT coalesce(max(n), 0) FROM records) FROM situations"
)


class Earlier(Protocol):
    """What is known from earlier inputs, and comes to a delta."""

    def add(self, connection: Any) -> None:
        """Add to the table `given` (n, situation, record, problem), and make the table `names` (situation).

        Every row of `given` is later than those added; `names` are situations of which nothing is needed.
        """


def sort_records(
    source: Source, target: Path, memory: str, limit: int = USUAL.size, earlier: Earlier | None = None
) -> SortedCounts:
    """Write the records of `source`, sorted, into the database `target`; gives how many there are of what.

    A record of text that has more than `limit` bytes is not held. Raises `UnreadableSource` where the input
    cannot be read, also in its middle, and `OSError` where the target cannot be written.
    """
    database, target = duckdb(), target.absolute()
    try:
        connection = database.connect(str(target), config={"memory_limit": memory})
    except database.Error as problem:
        raise OSError(_last_part(problem)) from None
    try:
        query = source.open(connection, limit)
        named = "* REPLACE (nfc_normalize(situation) AS situation)"  # the form in which names are compared
        if earlier is not None:
            connection.execute(f"CREATE TEMP TABLE given AS SELECT {named} FROM ({query})")
            earlier.add(connection)
            query, named = "given", "*"
        else:
            query = f"({query})"
        connection.execute(f"CREATE TABLE records AS SELECT {named} FROM {query} ORDER BY {_ORDER}")
        connection.execute(f"CREATE TABLE situations AS {_situations(still=earlier is not None)}")
        counts = connection.execute(_COUNTS).fetchone()
    except database.OutOfMemoryException:
        said = f"{source.name} cannot be sorted in {memory}: say --memory with more"
        raise UnreadableSource(said) from None
    except database.Error as problem:
        if str(target) in str(problem):
            raise OSError(_last_part(problem)) from None
        raise UnreadableSource(f"cannot read {source.name}: {reason_of(problem)}") from None
    finally:
        connection.close()
    return SortedCounts(*map(int, counts))


def _last_part(problem: Exception) -> str:
    """What the database says at last: the reason that the system gave."""
    return str(problem).partition("\n")[0].rpartition(": ")[2]


def _situations(*, still: bool) -> str:
    """The query of the situations: a table keeps its rows in the order in which they were put there."""
    firsts = (
        "SELECT situation, rowid AS first FROM records WHERE situation IS NULL "
        "UNION ALL SELECT situation, min(rowid) FROM records WHERE situation IS NOT NULL GROUP BY situation"
    )
    rows = (
        "SELECT situation, first, lead(first, 1, (SELECT count(*) FROM records)) OVER (ORDER BY first) "
        f"AS stop FROM ({firsts})"
    )
    if still:
        rows += " UNION ALL SELECT situation, 0, 0 FROM names"
    order = "situation NULLS FIRST, first"
    return (
        f"SELECT *, (row_number() OVER (ORDER BY {order}) - 1) // {SITUATIONS_A_CHUNK} AS chunk "
        f"FROM ({rows}) ORDER BY {order}"
    )


class Chunk:
    """Some hundred situations, with all of their records."""

    def __init__(self, situations: Sequence[tuple[str | None, int, int]], columns: Any) -> None:
        """`situations` are names with their first row and the one after their last; `columns` these rows."""
        self._situations = situations
        self._columns = columns

    def __len__(self) -> int:
        return len(self._situations)

    @property
    def names(self) -> list[str | None]:
        """The names of the situations, in order."""
        return [name for name, _, _ in self._situations]

    def __iter__(self) -> Iterator[SituationRecords]:
        """All situations that have records, in order."""
        rows = self._rows(self._columns)
        for name, first, stop in self._situations:
            if stop > first:
                yield SituationRecords(name, rows[first:stop])

    def groups(self, places: Collection[int]) -> dict[int, SituationRecords]:
        """The situations at these places."""
        if 2 * len(places) > len(self):  # then all rows at once take less than some one by one
            rows = self._rows(self._columns)
            return {
                place: SituationRecords(name, rows[first:stop])
                for place, (name, first, stop) in enumerate(self._situations)
                if place in places
            }
        found = {}
        for place in places:
            name, first, stop = self._situations[place]
            rows = self._rows(self._columns.slice(first, stop - first))
            found[place] = SituationRecords(name, rows)
        return found

    @staticmethod
    def _rows(columns: Any) -> list[Record]:
        rows = zip(*(column.to_pylist() for column in columns.columns), strict=True)
        return [Record(*row) for row in rows]

    def said(self) -> Iterator[RecordsSaid]:
        """What each situation says, without making a text of each record; a hundred times as quick."""
        numbers, sizes = (self._columns[name].to_numpy().tolist() for name in ("n", "size"))
        content, ends = memoryview(b""), [0]
        if numbers:
            texts = self._columns["record"].combine_chunks()
            texts = texts if hasattr(texts, "buffers") else texts.chunk(0)
            begin = _begin(texts)
            content = memoryview(texts.buffers()[2])[begin:]
            ends += accumulate(sizes)
        for _, first, stop in self._situations:
            yield RecordsSaid(numbers[first:stop], sizes[first:stop], content[ends[first] : ends[stop]])


def _begin(texts: Any) -> int:
    """Where the first text begins among the bytes of an Arrow array."""
    width = 8 if str(texts.type) == "large_string" else 4
    return int.from_bytes(memoryview(texts.buffers()[1])[texts.offset * width :][:width], sys.byteorder)


class SortedRecords:
    """The records that `sort_records` wrote, to be read chunk by chunk, by any number of processes."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection = self._connected()
        self._read = 0

    def __enter__(self) -> SortedRecords:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def chunk(self, number: int) -> Chunk:
        """The situations of a chunk, in order."""
        if self._read == _READ_AT_ONCE:
            self._connection.close()
            self._connection, self._read = self._connected(), 0
        self._read += 1
        run = self._connection.execute
        found = run("SELECT situation, first, stop FROM situations WHERE chunk = ?", [number]).fetchall()
        begin = min((first for _, first, stop in found if stop > first), default=0)
        end = max((stop for _, _, stop in found), default=0)
        # By columns, as a row of Python values takes ten times as long.
        result = run(
            "SELECT n, record, strlen(record) AS size, problem FROM records WHERE rowid >= ? AND rowid < ?",
            [begin, max(begin, end)],
        )
        columns = result.to_arrow_table() if hasattr(result, "to_arrow_table") else result.fetch_arrow_table()
        rows = [
            (name, first - begin, stop - begin) if stop > first else (name, 0, 0)
            for name, first, stop in found
        ]
        return Chunk(rows, columns)

    def _connected(self) -> Any:
        return duckdb().connect(str(self._database.absolute()), read_only=True, config={"threads": "1"})

    def names(self) -> Iterator[str]:
        """The names of all situations that have one, in order."""
        self._connection.execute("SELECT situation FROM situations WHERE situation IS NOT NULL")
        while some := self._connection.fetchmany(_NAMES_AT_ONCE):
            yield from (name for (name,) in some)
