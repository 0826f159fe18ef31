"""Lines of JSON, a block of bytes at a time: what is plain never becomes a Python text.

A block ends with a line. It is plain if all of it is UTF-8 and no line is too long; only then is it cut by
Arrow. Any other block is read record by record as `text_files` does it, so both ways give the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from followcue.base.extras import pyarrow
from followcue.batch.text_files import ByteLines, Row, json_lines

_AT_ONCE = 2**20
_MARK = b"\xef\xbb\xbf"
_BLANK = " \t\r\n"


def line_batches(stream: ByteLines, limit: int, schema: Any) -> Iterator[Any]:
    """Arrow batches of `Row`s, those of `json_lines` in the same order; `schema` has its fields."""
    number = 0
    while block := stream.read(_AT_ONCE):
        if not block.endswith(b"\n"):
            block += _rest_of_line(stream, limit)
        lines = _plain(block, limit)
        if lines is None:
            rows = list(json_lines(io.BytesIO(block), limit, number))
            if rows:
                yield batch_of(rows, schema)
            number += block.count(b"\n")  # whatever follows the last of them is the end of the file
        else:
            yield _batch(lines, number, schema)
            number += len(lines)


def batch_of(rows: list[Row], schema: Any) -> Any:
    """Rows as one batch."""
    return pyarrow().record_batch([list(column) for column in zip(*rows, strict=True)], schema=schema)


def _rest_of_line(stream: ByteLines, limit: int) -> bytes:
    """What the last line of a block still has; of one that is too long only so much that this is seen."""
    rest = more = stream.readline(limit + 2)
    while more and not more.endswith(b"\n"):
        more = stream.readline(_AT_ONCE)
    return rest if rest.endswith(b"\n") or not more else rest + b"\n"


def _plain(block: bytes, limit: int) -> Any:
    """The lines of a block as an Arrow array, without blanks around them; None where one is out of order."""
    if block.startswith(_MARK):
        return None
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return None
    arrow, compute = pyarrow(), _compute()
    lines = compute.list_flatten(compute.split_pattern(arrow.array([text]), pattern="\n"))
    if block.endswith(b"\n"):
        lines = lines.slice(0, len(lines) - 1)
    if compute.max(compute.binary_length(lines)).as_py() > limit:
        return None
    return compute.ascii_trim(lines, characters=_BLANK)


def _batch(lines: Any, before: int, schema: Any) -> Any:
    arrow, compute = pyarrow(), _compute()
    numbers = arrow.array(range(before + 1, before + 1 + len(lines)), arrow.int64())
    nothing = arrow.nulls(len(lines), arrow.string())
    batch = arrow.record_batch([numbers, nothing, lines, nothing], schema=schema)
    return batch.filter(compute.not_equal(compute.binary_length(lines), 0))


def _compute() -> Any:
    from importlib import import_module

    return import_module("pyarrow.compute")
