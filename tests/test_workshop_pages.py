"""Every example of the pages about verify, diff, steps and other engines comes out as the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fenced import answers, blocks, rewrite, run_python, write_files

ROOT = Path(__file__).parents[1]

SECONDS = re.compile(r"[0-9]+\.[0-9] s$", re.M)
"""What differs from one run to the next."""


@pytest.mark.parametrize(
    ("name", "least"), [("verify", 2), ("diff", 3), ("steps", 4), ("from-other-engines", 3)]
)
def test_what_is_shown_comes_out(
    name: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    page = ROOT / "docs" / f"{name}.md"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    write_files(page, "yaml", tmp_path)
    found = blocks(page)
    shown = {
        number: SECONDS.sub("0.0 s", answers(block))
        for number, block in enumerate(found)
        if block.label == "console"
    }
    names: dict[str, object] = {"__name__": "page"}
    shown |= {
        number + 1: run_python(block, page, names)
        for number, block in enumerate(found)
        if block.label == "python"
    }
    if request.config.getoption("--rebaseline"):
        rewrite(page, shown)
    else:
        assert {number: found[number].text for number in shown} == shown
    assert len(shown) >= least
