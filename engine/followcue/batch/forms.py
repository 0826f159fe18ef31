"""Forms of output: reports as lines of JSON, or as a Parquet file, a row for each action and caution."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from followcue.base.extras import pyarrow
from followcue.batch.columns import as_table, table_schema
from followcue.batch.json_lines import as_line
from followcue.batch.work import Answer


def as_lines(answers: Iterable[Answer]) -> bytes:
    """One line of JSON for each report."""
    return b"".join(
        as_line(answer.report) if answer.line is None else answer.line
        for answer in answers
        if answer.report is not None or answer.line is not None
    )


def as_rejects(answers: Iterable[Answer]) -> bytes:
    """One line of JSON for each mistake."""
    return b"".join(as_line(reject) for answer in answers for reject in answer.rejects)


def as_parquet(answers: Iterable[Answer], scope_key: str) -> bytes:
    """One row for each action and caution."""
    stream = BytesIO()
    _parquet().write_table(as_table(answers, scope_key), stream, compression="zstd")
    return stream.getvalue()


def join_parquet(parts: Iterable[Path], target: Path, beside: Path) -> None:
    """All parts as one file, a row group each, made at `beside`, and there as a whole or not at all."""
    library = _parquet()
    # Files are opened here, as the library takes names for addresses, and folders `a=b` for columns.
    with open(beside, "wb") as joined:
        with library.ParquetWriter(joined, table_schema(), compression="zstd") as writer:
            for part in parts:
                with open(part, "rb") as reading:
                    writer.write_table(library.ParquetFile(reading).read())
        joined.flush()
        os.fsync(joined.fileno())
    os.replace(beside, target)


def _parquet() -> Any:
    pyarrow()
    return import_module("pyarrow.parquet")
