"""Sources: files, tables and streams of records, each as a query that gives numbered JSON texts.

The query gives the columns `n` (the place of the record, from 1), `situation` (a name, or NULL where none is
said) and `record` (JSON text). A timestamp at midnight is taken for its day.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from followcue.base.extras import duckdb, psycopg, pyarrow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMS = ("jsonl", "csv", "parquet", "duckdb", "sqlite", "postgresql")
_BY_SUFFIX = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
_ROWS_AT_ONCE = 10_000


class UnreadableSource(Exception):
    """The input cannot be read; the message says why and what to do."""


class Source(NamedTuple):
    """An input: its name as the user gave it, its form, and the table that is meant inside a database.

    `path` is where it lies, if not under that name.
    """

    name: str
    form: str
    table: str | None = None
    path: str | None = None

    @property
    def file(self) -> str:
        """Where it lies."""
        return self.path or self.name

    @classmethod
    def of(cls, name: str, form: str | None = None, table: str | None = None) -> Source:
        """The source of that name; its form is that of its ending unless it is given."""
        if form is None:
            if name.startswith(("postgresql://", "postgres://")):
                form = "postgresql"
            else:
                form = _BY_SUFFIX.get(Path(name.removesuffix(".gz")).suffix.lower())
        if form is None:
            raise UnreadableSource(
                f"`{name}` does not tell its form by its ending: say --from with one of {', '.join(FORMS)}"
            )
        return cls(name, form, table)

    def open(self, connection: DuckDBPyConnection) -> str:
        """Make the source known to the database, and give the query that reads it."""
        try:
            return _OPENERS[self.form](connection, self)
        except (duckdb().Error, sqlite3.Error, OSError) as problem:
            raise UnreadableSource(f"cannot read {self.name}: {_first_line(problem)}") from None


# --- files
def _open_lines(connection: DuckDBPyConnection, source: Source) -> str:
    """Lines of JSON; what is no JSON keeps its text, a mistake to be found on reading."""
    _must_be_there(source)
    lines = (
        f"read_csv({_text(source.file)}, columns = {{'record': 'VARCHAR'}}, header = false, "
        "auto_detect = false, delim = '\\x1e', quote = '', escape = '', strict_mode = false, "
        "max_line_size = 16777216)"
    )
    return (
        "SELECT n, TRY(record ->> '$.situation') AS situation, record "
        f"FROM (SELECT row_number() OVER () AS n, record FROM {lines}) WHERE trim(record) <> ''"
    )


def _open_csv(connection: DuckDBPyConnection, source: Source) -> str:
    """Every cell as text: the vocabulary knows better what is a number."""
    _must_be_there(source)
    return _of_table(connection, f"read_csv({_text(source.file)}, all_varchar = true, header = true)")


def _open_parquet(connection: DuckDBPyConnection, source: Source) -> str:
    _must_be_there(source)
    return _of_table(connection, f"read_parquet({_text(source.file)})")


def _must_be_there(source: Source) -> None:
    if not any(character in source.file for character in "*?[") and not Path(source.file).is_file():
        raise UnreadableSource(f"there is no file {source.name}")


# --- databases
def _open_duckdb(connection: DuckDBPyConnection, source: Source) -> str:
    _must_be_there(source)
    connection.execute(f"ATTACH {_text(source.name)} AS given (READ_ONLY)")
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'given' "
        "UNION SELECT view_name FROM duckdb_views() WHERE database_name = 'given' AND NOT internal ORDER BY 1"
    ).fetchall()
    table = _chosen(source, [name for (name,) in found])
    return _of_table(connection, f"given.{_name(table)}")


def _open_sqlite(connection: DuckDBPyConnection, source: Source) -> str:
    _must_be_there(source)
    database = sqlite3.connect(
        f"file:{Path(source.name).resolve()}?mode=ro", uri=True, check_same_thread=False
    )
    names = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    table = _chosen(source, [name for (name,) in names])
    cursor = database.execute(f"SELECT * FROM {_name(table)}")
    return _of_rows(connection, [column[0] for column in cursor.description], cursor)


def _open_postgresql(connection: DuckDBPyConnection, source: Source) -> str:
    library = psycopg()
    try:
        database = library.connect(source.name)
        with closing(database.cursor()) as asking:
            asking.execute(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = ANY (current_schemas(false)) ORDER BY 1"
            )
            table = _chosen(source, [name for (name,) in asking.fetchall()])
        cursor = database.cursor(name="followcue")  # read by and by, and not all at once
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(f"SELECT * FROM {_name(table)}")
        first = cursor.fetchmany(1)
    except library.Error as problem:
        raise UnreadableSource(f"cannot read the database: {_first_line(problem)}") from None
    return _of_rows(connection, [column[0] for column in cursor.description], _chain(first, cursor))


def _chain(first: Sequence[Any], rest: Iterable[Any]) -> Iterator[Any]:
    yield from first
    yield from rest


def _chosen(source: Source, tables: Sequence[str]) -> str:
    """The table that was asked for, or the only one."""
    if source.table is not None:
        if source.table not in tables:
            raise UnreadableSource(
                f"there is no table `{source.table}`; there are {', '.join(tables) or 'none'}"
            )
        return source.table
    if len(tables) == 1:
        return tables[0]
    if "events" in tables:
        return "events"
    raise UnreadableSource(f"say with --table which one is meant: {', '.join(tables) or 'there is none'}")


# --- both
def _of_table(connection: DuckDBPyConnection, table: str) -> str:
    """A query over columns with types: each row as one JSON text of the cells that are not empty."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    columns = {name: kind for name, kind, *_ in described}
    if "situation" not in columns:
        raise UnreadableSource(f"there is no column `situation`; there are {', '.join(columns)}")
    # Half the time of `to_json` of the whole row, which writes every empty cell; what is NULL is left out.
    members = ", ".join(f"{_text(_member(name))} || {_cell(name, kind)}" for name, kind in columns.items())
    return (
        "SELECT row_number() OVER () AS n, situation::VARCHAR AS situation, "
        f"'{{' || concat_ws(',', {members}) || '}}' AS record FROM {table}"
    )


def _member(name: str) -> str:
    return f"{json.dumps(name, ensure_ascii=False)}:"


def _cell(name: str, kind: str) -> str:
    """A cell as JSON text."""
    column = _name(name)
    if kind.startswith("TIMESTAMP"):
        day = f"strftime({column}, '%Y-%m-%d')"
        is_day = f"{column} = date_trunc('day', {column})"
        column = f"CASE WHEN {is_day} THEN {day} ELSE {column}::VARCHAR END"
    return f"to_json({column})::VARCHAR"


def _of_rows(connection: DuckDBPyConnection, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A query over rows that another library reads, handed over in batches."""
    if "situation" not in columns:
        raise UnreadableSource(f"there is no column `situation`; there are {', '.join(columns)}")
    arrow = pyarrow()
    schema = arrow.schema([("n", arrow.int64()), ("situation", arrow.string()), ("record", arrow.string())])
    numbers, place = count(1), columns.index("situation")

    def batches() -> Iterator[Any]:
        reading = iter(rows)
        while taken := list(islice(reading, _ROWS_AT_ONCE)):
            named = [None if row[place] is None else str(row[place]) for row in taken]
            texts = [json.dumps(dict(zip(columns, row, strict=True)), default=_as_json) for row in taken]
            yield arrow.record_batch([list(islice(numbers, len(taken))), named, texts], schema=schema)

    connection.register("handed", arrow.RecordBatchReader.from_batches(schema, batches()))
    return "SELECT n, situation, record FROM handed"


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        whole_day = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if whole_day else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


_OPENERS: dict[str, Callable[[Any, Source], str]] = {
    "jsonl": _open_lines,
    "csv": _open_csv,
    "parquet": _open_parquet,
    "duckdb": _open_duckdb,
    "sqlite": _open_sqlite,
    "postgresql": _open_postgresql,
}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0]
