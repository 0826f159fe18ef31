"""Packages that only extras bring: what each is for, whether it is there, and what to say where it is not.

Who needs one says so before anything else is done, with `require`; imports then stand where they are used.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from followcue.base.named_tuple import NamedTuple


class Unavailable(Exception):
    """What was asked for cannot be done on this machine; the message says why, and what to install."""


class Extra(NamedTuple):
    """What takes an extra, and the module of each package that it brings; `below`: for which Pythons."""

    what: str
    modules: Mapping[str, str]
    below: tuple[int, int] | None = None


EXTRAS: Mapping[str, Extra] = {
    "drafts": Extra("a draft", {"jinja2": "jinja2"}),
    "html": Extra("HTML", {"jinja2": "jinja2"}),
    "holidays": Extra("the parameter `holidays`", {"holidays": "holidays"}),
    "edit": Extra("changing a file", {"filelock": "filelock", "ruamel.yaml": "ruamel.yaml"}),
    "watch": Extra("watching files", {"watchfiles": "watchfiles"}),
    "ics": Extra("a calendar file", {"icalendar": "icalendar"}),
    "tables": Extra("this", {"duckdb": "duckdb", "pyarrow": "pyarrow", "numpy": "numpy"}),
    "sheets": Extra("a workbook", {"openpyxl": "openpyxl"}),
    "postgresql": Extra("a PostgreSQL table", {"psycopg": "psycopg"}),
    "serve": Extra(
        "a service",
        {"starlette": "starlette", "uvicorn": "uvicorn", "prometheus-client": "prometheus_client"},
    ),
    "lsp": Extra("the language server", {"pygls": "pygls"}),
    "mcp": Extra("tools for an assistant", {"mcp": "mcp"}),
    "spark": Extra("`followcue.spark`", {"pyspark": "pyspark", "pyarrow": "pyarrow"}),
    "durable": Extra("the matcher `durable`", {"durable-rules": "durable_rules_engine"}, below=(3, 13)),
}
"""The extras by name, with what cannot be done without them."""


def require(extra: str, error: type[Unavailable] = Unavailable, *, what: str | None = None) -> None:
    """Raises `error` unless every package of the extra is there; none is imported.

    `what` is what needs them this time.
    """
    for package, module in EXTRAS[extra].modules.items():
        if not is_there(module):
            raise error(_missing(extra, package, what))


def is_there(module: str) -> bool:
    """Whether a module can be found; it is not imported."""
    from importlib.util import find_spec  # late: most starts need no extra

    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False


def imported(extra: str, package: str, error: type[Unavailable] = Unavailable) -> Any:
    """The module of a package that an extra brings; raises `error` where it cannot be imported."""
    try:
        return import_module(EXTRAS[extra].modules[package])
    except ImportError as problem:
        raise error(_missing(extra, package)) from problem


def duckdb() -> Any:
    """The module `duckdb`; raises `Unavailable`."""
    return imported("tables", "duckdb")


def pyarrow() -> Any:
    """The module `pyarrow`; raises `Unavailable`."""
    return imported("tables", "pyarrow")


@cache  # asked for with every line
def orjson() -> Any:
    """The module `orjson`, or None: it is only quicker."""
    try:
        return import_module("orjson")
    except ImportError:
        return None


def psycopg() -> Any:
    """The module `psycopg`; raises `Unavailable`."""
    return imported("postgresql", "psycopg")


def _missing(extra: str, package: str, what: str | None = None) -> str:
    """That something needs a package, and how to come by it."""
    usual, _, below = EXTRAS[extra]
    needs = f"{what or usual} needs the package `{package}`"
    if below and sys.version_info >= below:
        return f"{needs}, which works only below Python {'.'.join(map(str, below))}"
    if sys.platform == "emscripten":
        return f"{needs}, which a page in a browser does not have: it works with followcue on a computer"
    return f"{needs}: install it with `pip install 'followcue[{extra}]'`"
