"""docs/architecture.md and CONTRIBUTING.md follow the tree: its rooms, their charters, every file named."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine/followcue"
PAGE = ROOT / "docs/architecture.md"
ROOMS = sorted(path.parent.name for path in ENGINE.glob("*/__init__.py"))
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def sections() -> dict[str, str]:
    """The section of each room, by the room."""
    parts = re.split(r"^### `(\w+)/`\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {room: text.split("\n## ")[0] for room, text in zip(parts[1::2], parts[2::2], strict=True)}


def charter(room: str) -> str:
    said = ast.get_docstring(ast.parse((ENGINE / room / "__init__.py").read_text("utf-8")))
    assert said is not None
    return said.splitlines()[0]


def named(text: str) -> Iterator[str]:
    """The files and folders of the engine that a text names between backticks."""
    for name in re.findall(r"`([\w./-]+)`", text):
        if name.endswith((".py", ".lark", "/")) and "*" not in name:
            yield name


def test_there_is_a_section_a_room_from_the_lowest_to_the_highest() -> None:
    layers = [re.findall(r"\w+", layer) for layer in CONTRACTS[0]["layers"]]
    order = [room for layer in reversed(layers) for room in layer if room in ROOMS]
    assert sorted(sections()) == ROOMS
    assert sorted(order) == ROOMS
    height = {room: place for place, layer in enumerate(reversed(layers)) for room in layer}
    heights = [height[room] for room in sections()]
    assert heights == sorted(heights)


def test_the_picture_is_the_contract() -> None:
    block = PAGE.read_text("utf-8").split("```text\n")[1].split("```")[0]
    rooms_to_come = ("(session)", "(doors)")
    assert [line.strip() for line in block.splitlines()] == [
        layer for layer in CONTRACTS[0]["layers"] if layer not in rooms_to_come
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_section_begins_with_the_charter_and_names_files_that_are_there(room: str) -> None:
    section = sections()[room]
    assert section.strip().startswith(charter(room).removesuffix("."))
    folders = [ENGINE / room, *(path for path in (ENGINE / room).rglob("*") if path.is_dir())]
    for name in named(section):
        assert any((folder / name).exists() for folder in (*folders, ENGINE, ROOT)), name


@pytest.mark.parametrize("page", [PAGE, ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    known = {path.name for path in ENGINE.rglob("*")}
    for name in named(page.read_text("utf-8")):
        if "/" not in name.rstrip("/"):
            assert name.rstrip("/") in known | {path.name for path in ROOT.iterdir()}, name
        else:
            found = [
                folder for folder in (ROOT, ENGINE, *map(ENGINE.joinpath, ROOMS)) if (folder / name).exists()
            ]
            assert found, name


def test_every_module_that_the_engine_speaks_of_is_there() -> None:
    known = {path.name for path in ENGINE.rglob("*.py")}
    spoken = {
        (path.relative_to(ENGINE), name)
        for path in ENGINE.rglob("*.py")
        for name in re.findall(r"\b(\w+\.py)\b", path.read_text("utf-8"))
    }
    assert not {(path, name) for path, name in spoken if name not in known}


ROLES = {"__init__", "forms", "matcher", "clause", "planner"}
"""Modules that have the same role in each of their folders; and a command is named like what it calls."""


def test_a_name_means_one_thing() -> None:
    modules: dict[str, list[str]] = {}
    classes: dict[str, list[str]] = {}
    for path in sorted(ENGINE.rglob("*.py")):
        if path.is_relative_to(ENGINE / "template"):
            continue
        if path.parent != ENGINE / "cli/commands":
            modules.setdefault(path.stem, []).append(str(path.relative_to(ENGINE)))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(str(path.relative_to(ENGINE)))
    assert {name: places for name, places in classes.items() if len(places) > 1} == {}
    assert {name: places for name, places in modules.items() if len(places) > 1 and name not in ROLES} == {}
