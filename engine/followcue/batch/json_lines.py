"""Lines of JSON."""

from __future__ import annotations

import json
from typing import Any

from followcue.base.extras import orjson


def as_line(data: Any) -> bytes:
    """JSON data as a line: the same bytes with either library, as reports have no fractions."""
    quick = orjson()
    if quick is not None:
        try:
            return bytes(quick.dumps(data, option=quick.OPT_APPEND_NEWLINE))
        except TypeError:
            pass  # a number of more than 64 bits, or half a character
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
    return text.encode(errors="backslashreplace")


def plain_line(line: bytes) -> Any:
    """What a line that `as_line` wrote says, if it has no number of more than 64 bits."""
    quick = orjson()
    if quick is not None:
        try:
            return quick.loads(line)
        except ValueError:
            pass  # half a character
    return json.loads(line)
