"""The libraries that the matcher needs, imported when it runs; an error says how to get what is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from followcue.match.protocol import MatcherUnavailable


def duckdb() -> Any:
    """The module `duckdb`."""
    return _library("duckdb")


def pyarrow() -> Any:
    """The module `pyarrow`."""
    return _library("pyarrow")


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MatcherUnavailable(
            f"the relational matcher needs {name}: pip install 'followcue[tables]'"
        ) from None
