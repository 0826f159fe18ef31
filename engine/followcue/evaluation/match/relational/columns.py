"""Rows as Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from followcue.base.extras import pyarrow
from followcue.base.rows import ColumnType, Value


def columns_of(rows: Sequence[Sequence[Value]], types: Sequence[ColumnType]) -> Any:
    """An Arrow table of rows, its columns named `c0`, `c1` and so on; numbers of 64 bits."""
    arrow = pyarrow()
    by_type = {"text": arrow.string(), "bool": arrow.bool_()}
    columns = [
        arrow.array(values, by_type.get(base, arrow.int64()))
        for values, base in zip(zip(*rows, strict=True), types, strict=True)
    ]
    return arrow.table(columns, names=[f"c{place}" for place in range(len(columns))])
