"""Where the shipped rules and schemas lie: in the installed package, or in the checkout beside `engine`."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

CHECKOUT = Path(__file__).parents[2]


def code_pages() -> Traversable:
    """The folder of the pages about codes, one a file."""
    packaged = files("followcue") / "codes"
    return packaged if packaged.is_dir() else CHECKOUT / "docs" / "codes"


def data_folder(kind: Literal["rules", "schemas"]) -> Traversable:
    """The folder of shipped `rules` or `schemas`, which may lie in a zip file."""
    packaged = files("followcue") / kind
    return packaged if packaged.is_dir() else CHECKOUT / kind
