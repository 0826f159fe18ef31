"""Options that all tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rebaseline",
        action="store_true",
        help="write what is said now into the .expected files (then read the diff)",
    )
