"""The libraries that a batch needs, imported when it runs; an error says how to get what is missing."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


class LibraryMissing(Exception):
    """A library is not installed; the message says how to install it."""


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
        raise LibraryMissing(f"this needs {name}: pip install 'followcue[{extra}]'") from None
