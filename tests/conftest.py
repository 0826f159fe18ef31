"""Options that all tests share."""

from __future__ import annotations

import os

import pytest

# Workers that share the tests are told the width of the terminal, which must change no answer.
os.environ.pop("COLUMNS", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rebaseline",
        action="store_true",
        help="write what is said now into the .expected files (then read the diff)",
    )
