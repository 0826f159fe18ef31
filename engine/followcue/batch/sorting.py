"""Sorting: every record of an input beside the others of its situation, in a database on disk.

    records   n, situation, and the record: its JSON text, or a column for each of its fields; in the order of
              the situations' names. Records without a name stand first, each a situation of its own.
    fields    which column is which field; none where records are texts
    chunks    where each chunk of some hundred situations begins and ends, and how many these are

Memory stays bounded: the database sorts on disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from followcue.batch.libraries import duckdb
from followcue.batch.source import Source, UnreadableSource

SITUATIONS_A_CHUNK = 500

_ORDER = "situation NULLS FIRST, n"


class Record(NamedTuple):
    """One record of the input: its place there, from 1, its JSON text or what that would say, its bytes."""

    number: int
    said: str | dict[str, Any]
    size: int

    @classmethod
    def of(cls, number: int, text: str) -> Record:
        """A record that is there as JSON text."""
        return cls(number, text, len(text.encode(errors="replace")))

    @property
    def text(self) -> str:
        """The record as JSON text."""
        return self.said if isinstance(self.said, str) else json.dumps(self.said, ensure_ascii=False)


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
        opened = source.open(connection)
        connection.execute(f"CREATE TABLE records AS SELECT * FROM ({opened.query}) ORDER BY {_ORDER}")
        connection.execute("CREATE TABLE fields (name VARCHAR, is_json BOOLEAN)")
        if opened.fields:
            connection.executemany("INSERT INTO fields VALUES (?, ?)", opened.fields)
        connection.execute(f"CREATE TABLE chunks AS {_chunks()}")
        (count,) = connection.execute("SELECT count(*) FROM chunks").fetchone()
    except database.Error as problem:
        raise UnreadableSource(f"cannot read {source.name}: {str(problem).partition(chr(10))[0]}") from None
    finally:
        connection.close()
    return int(count)


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
        self._connection = duckdb().connect(str(database), read_only=True, config={"threads": "1"})
        self._fields = self._connection.execute("SELECT name, is_json FROM fields ORDER BY rowid").fetchall()
        self._size = _size(self._connection)

    def __enter__(self) -> SortedRecords:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def chunk(self, number: int) -> Iterator[Group]:
        """The situations of a chunk, in order."""
        between = self._connection.execute("SELECT first, stop FROM chunks WHERE chunk = ?", [number])
        # By columns, as a row of Python values takes ten times as long.
        columns = self._connection.execute(
            f"SELECT {self._size} AS size, * FROM records WHERE rowid >= ? AND rowid < ?", between.fetchone()
        ).fetchnumpy()
        sizes, numbers, names = (columns.pop(name).tolist() for name in ("size", "n", "situation"))
        said = self._records(names, columns) if self._fields else columns["record"].tolist()
        rows = zip(names, numbers, said, sizes, strict=True)
        for (name, _), found in groupby(rows, key=lambda row: (row[0], row[1] if row[0] is None else None)):
            yield Group(name, [Record(*record) for _, *record in found])

    def _records(self, names: list[str | None], columns: dict[str, Any]) -> list[dict[str, Any]]:
        """The records with the fields that they have."""
        records: list[dict[str, Any]] = [{"situation": name} for name in names]
        for (name, is_json), column in zip(self._fields, columns.values(), strict=True):
            places, values = _cells(column)
            for place, value in zip(places, values, strict=True):
                records[place][name] = json.loads(value) if is_json else value
        return records

    def situations(self) -> int:
        """How many situations there are."""
        (count,) = self._connection.execute("SELECT coalesce(sum(situations), 0) FROM chunks").fetchone()
        return int(count)


def _size(connection: Any) -> str:
    """The bytes of a record as SQL: those of its texts, as anything else is short."""
    described = connection.execute("DESCRIBE records").fetchall()
    texts = [name for name, kind, *_ in described if kind == "VARCHAR" and name != "situation"]
    return f"strlen(concat({', '.join(texts)}))" if texts else "0"


def _cells(column: Any) -> tuple[Sequence[int], list[Any]]:
    """The values that are there in a column, and where."""
    absent = getattr(column, "mask", None)
    if absent is None or not absent.any():
        return range(len(column)), column.tolist()
    there = ~absent
    return there.nonzero()[0].tolist(), column.data[there].tolist()
