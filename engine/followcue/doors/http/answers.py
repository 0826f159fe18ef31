"""Answers as they are sent: plain data as JSON, and mistakes as a list of diagnostics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from starlette.responses import Response

from followcue.base.diagnostic import Diagnostic
from followcue.batch.json_lines import as_line
from followcue.doors.request import as_data


def encoded(data: object) -> bytes:
    """Plain data as JSON in one line."""
    return as_line(data)[:-1]


def answer(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Plain data as a response. What is said of a person is nothing for caches on the way."""
    return Response(
        encoded(data), status, {"cache-control": "no-store", **(headers or {})}, "application/json"
    )


def refused(
    status: int, problems: Iterable[Diagnostic], headers: Mapping[str, str] | None = None
) -> Response:
    """Mistakes as a response: each with its code, message, path, line, column and hint."""
    return answer({"diagnostics": [as_data(problem) for problem in problems]}, status, headers)


def refusal(status: int, code: str, message: str) -> Response:
    """One mistake that has no place."""
    return refused(status, [Diagnostic(code, message)], _TOLD.get(status))


_TOLD: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"www-authenticate": "Bearer"},
    408: {"connection": "close"},  # what is still to come of the body is nothing for the next request
    413: {"connection": "close"},
    429: {"retry-after": "1"},
    503: {"retry-after": "5"},
}


def too_large(most: int) -> str:
    """That a body or a line has more bytes than it may."""
    return f"this may have at most {most:,} bytes"
