"""Where shipped rules, schemas and examples lie: in the installed package, or in the checkout by `engine`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

CHECKOUT = Path(__file__).parents[3]


def code_pages() -> Traversable:
    """The folder of the pages about codes, one a file."""
    packaged = files("followcue") / "codes"
    return packaged if packaged.is_dir() else CHECKOUT / "docs" / "codes"


def data_folder(kind: Literal["rules", "schemas", "examples"]) -> Traversable:
    """The folder of shipped `rules`, `schemas` or `examples`, which may lie in a zip file."""
    packaged = files("followcue") / kind
    return packaged if packaged.is_dir() else CHECKOUT / kind


_CODE = re.compile(r"FC[0-9]{3}")
_NUMBER = re.compile(r"[0-9]{1,3}")


@cache
def codes() -> tuple[str, ...]:
    """All codes that have a page, in order."""
    names = (page.name.removesuffix(".md") for page in code_pages().iterdir())
    return tuple(sorted(name for name in names if _CODE.fullmatch(name)))


def page_of(code: str) -> str | None:
    """The page about a code, as Markdown; None if there is none."""
    if code not in codes():
        return None
    return (code_pages() / f"{code}.md").read_text(encoding="utf-8")


@cache
def title_of(code: str) -> str:
    """What a code is about, in a few words; the code itself where nothing is said."""
    page = page_of(code) or ""
    first = page.partition("\n")[0].removeprefix(f"# {code}: ")
    return first or code


def as_code(text: str) -> str:
    """A code as it is written: `FC430` also for `fc430` and `430`."""
    word = text.strip().upper()
    return f"FC{word:0>3}" if _NUMBER.fullmatch(word) else word


def near(code: str) -> list[str]:
    """The codes whose numbers are nearest to that of one that does not exist."""
    found = _NUMBER.search(code)
    if found is None:
        return []
    number = int(found.group())
    return sorted(codes(), key=lambda other: (abs(int(other[2:]) - number), other))[:3]
