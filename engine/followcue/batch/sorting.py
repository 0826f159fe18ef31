"""Sorting: every record of an input beside the others of its situation, in a database on disk.

The table `records` holds `chunk`, `situation`, `n` and `record`, in the order of the situations' names;
records without a name stand first, each a situation of its own. Memory stays bounded: the database sorts on
disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from followcue.batch.libraries import duckdb
from followcue.batch.source import Source, UnreadableSource

SITUATIONS_A_CHUNK = 500


class Record(NamedTuple):
    """One record of the input: its place there, from 1, and its JSON text."""

    number: int
    text: str


class Group(NamedTuple):
    """The records of one situation; `name` is None where its only record says none."""

    name: str | None
    records: list[Record]


def sort_records(source: Source, target: Path, memory: str) -> int:
    """Write the records of `source`, sorted, into the database `target`; gives how many chunks they make.

    Raises `UnreadableSource` where the input cannot be read, also in its middle.
    """
    database = duckdb()
    connection = database.connect(str(target), config={"memory_limit": memory})
    try:
        query = source.open(connection)
        connection.execute(f"CREATE TABLE unsorted AS {query}")
        # Ranks are found without the records themselves, which may not fit into memory.
        ranks = (
            "SELECT n AS place, dense_rank() OVER "
            "(ORDER BY situation NULLS FIRST, CASE WHEN situation IS NULL THEN n END) - 1 AS rank "
            "FROM unsorted"
        )
        connection.execute(
            f"CREATE TABLE records AS SELECT rank // {SITUATIONS_A_CHUNK} AS chunk, situation, n, record "
            f"FROM unsorted JOIN ({ranks}) ON n = place ORDER BY rank, n"
        )
        connection.execute("DROP TABLE unsorted")
        (last,) = connection.execute("SELECT max(chunk) FROM records").fetchone()
    except database.Error as problem:
        raise UnreadableSource(f"cannot read {source.name}: {str(problem).partition(chr(10))[0]}") from None
    finally:
        connection.close()
    return 0 if last is None else int(last) + 1


class SortedRecords:
    """The records that `sort_records` wrote, to be read chunk by chunk, by any number of processes."""

    def __init__(self, database: Path) -> None:
        self._connection = duckdb().connect(str(database), read_only=True, config={"threads": "1"})

    def __enter__(self) -> SortedRecords:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def chunk(self, number: int) -> Iterator[Group]:
        """The situations of a chunk, in order."""
        rows = self._connection.execute(
            "SELECT situation, n, record FROM records WHERE chunk = ? ORDER BY situation NULLS FIRST, n",
            [number],
        ).fetchall()
        for (name, _), found in groupby(rows, key=lambda row: (row[0], row[1] if row[0] is None else None)):
            yield Group(name, [Record(n, record) for _, n, record in found])

    def situations(self) -> int:
        """How many situations there are."""
        (named, nameless) = self._connection.execute(
            "SELECT count(DISTINCT situation), count(*) FILTER (situation IS NULL) FROM records"
        ).fetchone()
        return int(named) + int(nameless)
