"""Libraries that only extras bring, for what needs them in many places; imported when it runs.

Where a library is needed in one place, that place imports it, and says in its own words what it is for.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


class LibraryMissing(Exception):
    """A library is not installed; the message says how to install it.

    `needs` says the same of something that is named before it.
    """

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(library, extra)  # as another process makes it again
        self.needs = f"needs {library}: pip install 'followcue[{extra}]'"

    def __str__(self) -> str:
        return f"this {self.needs}"


def duckdb() -> Any:
    """The module `duckdb`."""
    return _library("duckdb", "tables")


def pyarrow() -> Any:
    """The module `pyarrow`."""
    return _library("pyarrow", "tables")


@cache  # asked for with every line
def orjson() -> Any:
    """The module `orjson`, or None: it is only quicker."""
    try:
        return import_module("orjson")
    except ImportError:
        return None


def psycopg() -> Any:
    """The module `psycopg`."""
    return _library("psycopg", "postgresql")


def _library(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise LibraryMissing(name, extra) from None
