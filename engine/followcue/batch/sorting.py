"""Sorting: every record of an input beside the others of its situation, in a database on disk.

    records   n, situation, record (JSON text) and problem, in the order of the situations' names. Records
              without a name stand first, each a situation of its own.
    chunks    where each chunk of some hundred situations begins and ends, and how many these are

With two situations a chunk:

    input                     records                chunks
    1  situation b            0   no name   4        0   rows 0 and 1, two situations
    2  situation a            1   a         2        1   rows 2 and 3, one situation
    3  situation b            2   b         1
    4  no name                3   b         3

Invariant: all records of a situation lie in one chunk, in the order of the input. So any process can work on
any chunk, and the same input gives the same chunks. Memory stays bounded: the database sorts on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

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


def sort_records(source: Source, target: Path, memory: str, limit: int = USUAL.size) -> int:
    """Write the records of `source`, sorted, into the database `target`; gives how many chunks they make.

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
        connection.execute(f"CREATE TABLE records AS SELECT {named} FROM ({query}) ORDER BY {_ORDER}")
        connection.execute(f"CREATE TABLE chunks AS {_chunks()}")
        (count,) = connection.execute("SELECT count(*) FROM chunks").fetchone()
    except database.OutOfMemoryException:
        said = f"{source.name} cannot be sorted in {memory}: say --memory with more"
        raise UnreadableSource(said) from None
    except database.Error as problem:
        if str(target) in str(problem):
            raise OSError(_last_part(problem)) from None
        raise UnreadableSource(f"cannot read {source.name}: {reason_of(problem)}") from None
    finally:
        connection.close()
    return int(count)


def _last_part(problem: Exception) -> str:
    """What the database says at last: the reason that the system gave."""
    return str(problem).partition("\n")[0].rpartition(": ")[2]


def _chunks() -> str:
    """The query of the chunks: a table keeps its rows in the order in which they were put there."""
    firsts = (
        "SELECT rowid AS first FROM records WHERE situation IS NULL "
        "UNION ALL SELECT min(rowid) FROM records WHERE situation IS NOT NULL GROUP BY situation"
    )
    return (
        "SELECT chunk, min(first) AS first, lead(min(first), 1, (SELECT count(*) FROM records)) "
        "OVER (ORDER BY chunk) AS stop, count(*) AS situations "
        f"FROM (SELECT first, (row_number() OVER (ORDER BY first) - 1) // {SITUATIONS_A_CHUNK} AS chunk "
        f"FROM ({firsts})) GROUP BY chunk"
    )


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

    def chunk(self, number: int) -> Iterator[SituationRecords]:
        """The situations of a chunk, in order."""
        if self._read == _READ_AT_ONCE:
            self._connection.close()
            self._connection, self._read = self._connected(), 0
        self._read += 1
        between = self._connection.execute("SELECT first, stop FROM chunks WHERE chunk = ?", [number])
        # By columns, as a row of Python values takes ten times as long.
        columns = self._connection.execute(
            "SELECT situation, n, record, strlen(record) AS size, problem FROM records "
            "WHERE rowid >= ? AND rowid < ?",
            between.fetchone(),
        ).fetchnumpy()
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        for (name, _), found in groupby(rows, key=lambda row: (row[0], row[1] if row[0] is None else None)):
            yield SituationRecords(name, [Record(*record) for _, *record in found])

    def _connected(self) -> Any:
        return duckdb().connect(str(self._database.absolute()), read_only=True, config={"threads": "1"})

    def situations(self) -> int:
        """How many situations there are."""
        (count,) = self._connection.execute("SELECT coalesce(sum(situations), 0) FROM chunks").fetchone()
        return int(count)

    def names(self) -> Iterator[str]:
        """The names of all situations that have one, in order."""
        self._connection.execute(
            "SELECT situation FROM records WHERE situation IS NOT NULL GROUP BY situation ORDER BY situation"
        )
        while some := self._connection.fetchmany(_NAMES_AT_ONCE):
            yield from (name for (name,) in some)
