"""Sources: files, tables and streams of records, each as a query that gives numbered JSON texts.

The query gives the columns `n` (the place of the record, from 1), `situation` (a name, or NULL where none is
said), `record` (JSON text) and `problem` (why it cannot be read, as a code and the reason, or NULL). A
timestamp at midnight is taken for its day. Names of files, tables and columns go nowhere as part of an
address, a pattern or a statement: files are opened here, and names are quoted.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from importlib import import_module
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from followcue.base.extras import duckdb, psycopg, pyarrow
from followcue.base.limits import USUAL
from followcue.batch.line_blocks import batch_of, line_batches
from followcue.batch.record_text import name_in
from followcue.batch.text_files import NoRecords, Row, check_columns, csv_records, opened

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
_CHARACTERS_AT_ONCE = 2**23
_NAME_FIRST = r'^\s*\{\s*"situation"\s*:\s*"([ !#-\[\]-~]*)"'
_NOT_UTF_8 = "FC105 a text of this record is not UTF-8"


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

    def open(self, connection: DuckDBPyConnection, limit: int = USUAL.size) -> str:
        """Make the source known to the database, and give the query that reads it.

        `limit` is how many bytes a record of text may have. Raises `UnreadableSource`.
        """
        try:
            if self.form != "postgresql" and not Path(self.file).is_file():
                raise UnreadableSource(f"there is no file {self.name}")
            return _OPENERS[self.form](connection, self, limit)
        except (duckdb().Error, sqlite3.Error, pyarrow().ArrowException, NoRecords, OSError) as problem:
            raise UnreadableSource(f"cannot read {self.name}: {reason_of(problem)}") from None

    @property
    def place(self) -> Path:
        """Where it lies, as a name that nobody takes for an address."""
        return Path(self.file).absolute()


# --- files
def _open_lines(connection: Any, source: Source, limit: int) -> str:
    """Lines of JSON; what is no JSON keeps its text, a mistake to be found on reading.

    A name that stands first in plain letters is seen at once. Else the database looks for it, which it does
    quickly, and asks the reader of records where it finds none.
    """
    arrow, schema = pyarrow(), _row_schema()
    batches = line_batches(opened(source.place, source.name), limit, schema)
    connection.register("handed", arrow.RecordBatchReader.from_batches(schema, batches))
    connection.create_function("name_in", name_in, ["VARCHAR"], "VARCHAR", null_handling="special")
    first = f"nullif(regexp_extract(record, {_text(_NAME_FIRST)}, 1), '')"
    name = f"coalesce(situation, {first}, TRY(record ->> '$.situation'), name_in(record))"
    return f"SELECT n, nullif({name}, '') AS situation, record, problem FROM handed"


def _open_csv(connection: DuckDBPyConnection, source: Source, limit: int) -> str:
    """Every cell as text: the vocabulary knows better what is a number."""
    records = csv_records(opened(source.place, source.name), limit)
    first = list(islice(records, 1))  # a file without columns is none
    return _hand_over(connection, _chain(first, records))


def _open_parquet(connection: DuckDBPyConnection, source: Source, limit: int) -> str:
    """Columns under names of our own, as the database would take `A` and `a` for one."""
    arrow = pyarrow()
    opened_file = arrow.OSFile(os.fsencode(source.place))
    file = import_module("pyarrow.parquet").ParquetFile(opened_file)
    names = file.schema_arrow.names
    check_columns(names)
    columns = [f"c{number}" for number in range(len(names))]
    schema = arrow.schema(
        [arrow.field("n", arrow.int64())]
        + [field.with_name(column) for field, column in zip(file.schema_arrow, columns, strict=True)]
        + [arrow.field("problem", arrow.string())]
    )

    def batches() -> Iterator[Any]:
        before = 0
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            yield _readable(batch, before, schema)
            before += batch.num_rows

    connection.register("handed", arrow.RecordBatchReader.from_batches(schema, batches()))
    json_names = {leaf.path for leaf in map(file.schema.column, range(len(file.schema))) if _is_json(leaf)}
    of_json = frozenset(c for name, c in zip(names, columns, strict=True) if name in json_names)
    return _of_table(connection, "handed", "n", dict(zip(names, columns, strict=True)), "problem", of_json)


def _is_json(column: Any) -> bool:
    """Whether a column of Parquet says that its text is JSON, which Arrow tells from version 21 on alone."""
    return bool(column.logical_type.type == "JSON")


def _readable(batch: Any, before: int, schema: Any) -> Any:
    """Rows with their numbers; of one with bytes that are no UTF-8 nothing but that, and its name."""
    arrow = pyarrow()
    numbers = arrow.array(range(before + 1, before + batch.num_rows + 1), arrow.int64())
    columns, problems = batch.columns, arrow.nulls(batch.num_rows, arrow.string())
    if not _is_valid(batch):
        fine = arrow.array([_is_valid(row) for row in _each(batch)])
        problems = arrow.array([None if good else _NOT_UTF_8 for good in fine.to_pylist()], arrow.string())
        columns = [
            column.filter(mask).take(_places(mask))
            for column, name in zip(batch.columns, batch.schema.names, strict=True)
            for mask in [arrow.array(map(_is_valid, _each(column))) if name == "situation" else fine]
        ]
    return arrow.record_batch([numbers, *columns, problems], schema=schema)


def _is_valid(data: Any) -> bool:
    """Whether all text of Arrow data is UTF-8."""
    try:
        data.validate(full=True)
    except pyarrow().ArrowInvalid:
        return False
    return True


def _each(data: Any) -> Iterator[Any]:
    return (data.slice(place, 1) for place in range(len(data)))


def _places(mask: Any) -> Any:
    """For each row its place among those that the mask lets through, or none."""
    numbers = count()
    return pyarrow().array([next(numbers) if good else None for good in mask.to_pylist()], pyarrow().int64())


# --- databases
def misread_by_duckdb(path: str) -> str | None:
    """What it takes otherwise in the path of a database, if anything; it has no way to escape it.

    After a `?` it looks for what was written last, and is not in the file yet, under another name.
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        return "what is not UTF-8"
    return "a `?`" if "?" in path else None


def _open_duckdb(connection: DuckDBPyConnection, source: Source, limit: int) -> str:
    if (misread := misread_by_duckdb(str(source.place))) is not None:
        raise NoRecords(f"DuckDB misreads {misread} in the name of a file or folder: rename it")
    connection.execute(f"ATTACH {_text(str(source.place))} AS given (TYPE duckdb, READ_ONLY)")
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'given' AND schema_name = 'main' UNION "
        "SELECT view_name FROM duckdb_views() WHERE database_name = 'given' AND schema_name = 'main' "
        "AND NOT internal ORDER BY 1"
    ).fetchall()
    table = f"given.main.{_name(_chosen(source, [name for (name,) in found]))}"
    described = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    names = [name for name, *_ in described]
    check_columns(names)
    return _of_table(connection, table, "row_number() OVER ()", {name: name for name in names})


def _open_sqlite(connection: DuckDBPyConnection, source: Source, limit: int) -> str:
    alone = _is_at_rest(source.place)
    address = f"{source.place.as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    database = sqlite3.connect(address, uri=True, check_same_thread=False)
    database.text_factory = _text_or_bytes
    before = os.stat(source.place).st_mtime_ns
    names = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    table = _chosen(source, [name for (name,) in names])
    cursor = database.execute(f"SELECT * FROM {_name(table)}")

    def rows() -> Iterator[Sequence[Any]]:
        yield from cursor
        if alone and (os.stat(source.place).st_mtime_ns != before or not _is_at_rest(source.place)):
            raise OSError("it was written to while it was read: try again")

    return _of_rows(connection, [column[0] for column in cursor.description], rows())


def _is_at_rest(path: Path) -> bool:
    """Whether a database keeps a log of what is written and has none, so that nobody has it open.

    To read it like any other would leave an empty log beside it.
    """
    with open(path, "rb") as file:
        keeps_a_log = file.read(20)[18:] == b"\x02\x02"
    return keeps_a_log and not path.with_name(f"{path.name}-wal").exists()


def _text_or_bytes(raw: bytes) -> str | bytes:
    """A text; the bytes of one that is no UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _open_postgresql(connection: DuckDBPyConnection, source: Source, limit: int) -> str:
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
        raise UnreadableSource(f"cannot read the database: {reason_of(problem)}") from None
    rows = _to_the_end(database, _chain(first, cursor))
    return _of_rows(connection, [column[0] for column in cursor.description], rows)


def _chain(first: Sequence[Any], rest: Iterable[Any]) -> Iterator[Any]:
    yield from first
    yield from rest


def _to_the_end(database: Any, rows: Iterable[Any]) -> Iterator[Any]:
    """The rows; then the server is left, so that the table is locked no longer than it is read."""
    with closing(database):
        yield from rows


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
def _of_table(
    connection: DuckDBPyConnection,
    table: str,
    number: str,
    columns: Mapping[str, str],
    problem: str = "NULL::VARCHAR",
    of_json: Collection[str] = (),
) -> str:
    """A query over columns with types: each row as one JSON text of the cells that are not empty.

    `columns` says what each name is called in the table; those `of_json` may hold JSON as text.
    """
    described = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    kinds = {name: kind for name, kind, *_ in described}
    # Half the time of `to_json` of the whole row, which writes every empty cell; what is NULL is left out.
    kinds |= {column: "TEXT OF JSON" for column in of_json if kinds[column] == "VARCHAR"}
    cells = {name: _cell(column, kinds[column]) for name, column in columns.items()}
    members = ", ".join(f"{_text(_member(name))} || {cell}" for name, cell in cells.items())
    problems = [problem] + [
        f"CASE WHEN {_name(column)} IS NOT NULL THEN {_text(_of_bytes(name))} END"
        for name, column in columns.items()
        if kinds[column] == "BLOB"
    ]
    return (
        f"SELECT {number} AS n, nullif({cells['situation']} ->> '$', '') AS situation, "
        f"'{{' || concat_ws(',', {members}) || '}}' AS record, coalesce({', '.join(problems)}) AS problem "
        f"FROM {table}"
    )


def _member(name: str) -> str:
    return f"{json.dumps(name, ensure_ascii=False)}:"


def _cell(name: str, kind: str) -> str:
    """A cell as JSON text."""
    column = _name(name)
    if kind == "TEXT OF JSON":
        return f"CASE WHEN json_valid({column}) THEN {column} ELSE to_json({column})::VARCHAR END"
    if kind == "FLOAT":  # of single precision: as JSON it would get digits that it never had
        return f"CASE WHEN isfinite({column}) THEN {column}::VARCHAR ELSE to_json({column})::VARCHAR END"
    if kind.startswith("TIMESTAMP"):
        day = f"strftime({column}, '%Y-%m-%d')"
        is_day = f"{column} = date_trunc('day', {column})"
        column = f"CASE WHEN {is_day} THEN {day} ELSE {column}::VARCHAR END"
    return f"to_json({column})::VARCHAR"


def _of_rows(connection: DuckDBPyConnection, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A query over rows that another library reads."""
    check_columns(columns)
    place = columns.index("situation")

    def records() -> Iterator[Row]:
        for n, row in enumerate(rows, 1):
            problem = None
            for name, value in zip(columns, row, strict=True):
                if isinstance(value, (bytes, bytearray, memoryview)):
                    problem = problem or _of_bytes(name)
            text = json.dumps(dict(zip(columns, row, strict=True)), default=_as_json)
            named = row[place] if type(row[place]) in (str, int) else name_in(text)
            yield Row(n, None if named in (None, "") else str(named), text, problem)

    return _hand_over(connection, records())


def _of_bytes(name: str) -> str:
    return f"FC501 `{name}` holds bytes that are no text in UTF-8"


def _hand_over(connection: DuckDBPyConnection, rows: Iterable[Row]) -> str:
    """A query over records, handed over in batches."""
    schema = _row_schema()

    def batches() -> Iterator[Any]:
        reading = iter(rows)
        while taken := _some(reading):
            yield batch_of(taken, schema)

    connection.register("handed", pyarrow().RecordBatchReader.from_batches(schema, batches()))
    return "SELECT n, situation, record, problem FROM handed"


def _row_schema() -> Any:
    arrow = pyarrow()
    text = arrow.string()
    return arrow.schema([("n", arrow.int64()), ("situation", text), ("record", text), ("problem", text)])


def _some(rows: Iterator[Row]) -> list[Row]:
    """The next rows: many, or few that are long."""
    taken: list[Row] = []
    size = 0
    for row in rows:
        taken.append(row)
        size += len(row.record)
        if len(taken) == _ROWS_AT_ONCE or size > _CHARACTERS_AT_ONCE:
            break
    return taken


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        whole_day = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if whole_day else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode(errors="replace")
    return str(value)


_OPENERS: dict[str, Callable[[Any, Source, int], str]] = {
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


_FROM_ROWS = re.compile(
    r"get_next failed\(\): (?:\w+: |Unknown error: )*(.*?)\. Detail: Python exception", re.S
)
"""What the database makes of a mistake on reading rows that were handed over."""


def reason_of(problem: Exception) -> str:
    """The reason that a library gives, on one line."""
    found = _FROM_ROWS.search(str(problem))
    return (found[1] if found else str(problem)).partition("\n")[0]
