"""Every example in docs/embedding.md runs, and prints what the page shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fenced import blocks, rewrite, run_python

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "embedding.md"


@pytest.mark.slow
def test_examples_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    found = blocks(PAGE)
    names: dict[str, object] = {"__name__": "embedding"}
    printed = {
        number + 1: run_python(block, PAGE, names)
        for number, block in enumerate(found)
        if block.label == "python"
    }
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, printed)
    assert all(found[number].label == "text" for number in printed)
    assert len(printed) >= 12
    if not request.config.getoption("--rebaseline"):
        assert {number: found[number].text for number in printed} == printed
