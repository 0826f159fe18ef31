"""Every example in docs/tests.md is a test file that does what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fenced import answers, blocks, rewrite, write_files

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tests.md"


def test_what_is_shown_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    write_files(PAGE, "yaml", tmp_path)
    found = blocks(PAGE)
    shown = {number: answers(block) for number, block in enumerate(found) if block.label == "console"}
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, shown)
    else:
        assert {number: found[number].text for number in shown} == shown
    assert len(shown) >= 8


def test_the_page_speaks_of_every_key() -> None:
    schema = json.loads((ROOT / "schemas" / "tests.schema.json").read_text("utf-8"))
    kinds = [schema, *(schema["$defs"][name] for name in ("test", "check", "keys", "window"))]
    keys = {key for kind in kinds for key in kind["properties"]} - {"$schema"}
    page = PAGE.read_text("utf-8")
    assert sorted(key for key in keys if f"`{key}" not in page and f"{key}:" not in page) == []
