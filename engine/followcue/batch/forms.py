"""Forms of output: reports as lines of JSON, or as a Parquet file, a row for each action and caution."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from followcue.base.extras import pyarrow
from followcue.batch.columns import as_table, table_schema
from followcue.batch.lines import as_line
from followcue.batch.work import Answer


def as_lines(answers: Iterable[Answer]) -> bytes:
    """One line of JSON for each report."""
    return b"".join(as_line(answer.report) for answer in answers if answer.report is not None)


def as_rejects(answers: Iterable[Answer]) -> bytes:
    """One line of JSON for each mistake."""
    return b"".join(as_line(reject) for answer in answers for reject in answer.rejects)


def as_parquet(answers: Iterable[Answer], scope_key: str) -> bytes:
    """One row for each action and caution."""
    stream = BytesIO()
    _parquet().write_table(as_table(answers, scope_key), stream, compression="zstd")
    return stream.getvalue()


def join_parquet(parts: Iterable[Path], target: Path) -> None:
    """All parts as one file, a row group each, there as a whole or not at all."""
    library = _parquet()
    beside = target.with_name(target.name + ".joining")
    with library.ParquetWriter(str(beside), table_schema(), compression="zstd") as writer:
        for part in parts:
            writer.write_table(library.read_table(str(part)))
    beside.replace(target)


def _parquet() -> Any:
    pyarrow()
    return import_module("pyarrow.parquet")
