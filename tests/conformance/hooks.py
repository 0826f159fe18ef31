"""What schemathesis is told of this service: lines of JSON as a kind of body, and rules by their names."""

from __future__ import annotations

import json
from typing import Any

import schemathesis

PARTS = ("code", "message", "path", "line", "column", "hint")


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines(ctx: Any, value: Any) -> bytes:
    return value.encode(errors="replace") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def answers(ctx: Any, response: Any) -> Any:
    """The first line, which is what the document describes; or a mistake about nothing."""
    line = response.content.partition(b"\n")[0]
    return (
        json.loads(line)
        if line
        else {"line": 1, "diagnostics": [dict.fromkeys(PARTS) | {"code": "", "message": ""}]}
    )
