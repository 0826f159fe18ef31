"""docs/walkthrough.md plays two months with the commands alone; docs/journal.md says what each does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fenced import answers, blocks, rewrite, run_python
from followcue.base import clock

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clock, "today", lambda zone=None: date(2026, 9, 1))


def compare(page: Path, shown: dict[int, str], rebaseline: bool) -> None:
    if rebaseline:
        rewrite(page, shown)
    else:
        found = blocks(page)
        assert {number: found[number].text for number in shown} == shown


def test_the_course_comes_out_as_shown(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = DOCS / "walkthrough.md"
    shown: dict[int, str] = {}
    for number, block in enumerate(blocks(page)):
        if block.label == "console":
            shown[number] = answers(block)
        elif block.label == "yaml search.yaml":
            text = (tmp_path / "search.yaml").read_text("utf-8")
            shown[number] = text.split("\n", 1)[1]  # the first line names a file of this machine
    compare(page, shown, request.config.getoption("--rebaseline"))
    for command in ("init", "add", "done", "evaluate", "plan", "export", "log"):
        assert any(f"$ followcue {command} " in text for text in shown.values()), command
    assert (tmp_path / "search.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert sum(line.lstrip().startswith("- {date:") for line in (tmp_path / "search.yaml").open()) >= 15


def test_the_page_on_the_journal_is_true(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = DOCS / "journal.md"
    found = blocks(page)
    shown: dict[int, str] = {}
    for number, block in enumerate(found):
        if block.label == "yaml search.yaml":
            (tmp_path / "search.yaml").write_text(block.text, "utf-8")
        elif block.label == "console":
            shown[number] = answers(block)
        elif block.label == "python":
            shown[number + 1] = run_python(block, page, {})
    compare(page, shown, request.config.getoption("--rebaseline"))
    assert len(shown) >= 7


def test_the_page_on_spreadsheets_is_true(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = DOCS / "import.md"
    found = blocks(page)
    shown: dict[int, str] = {}
    for number, block in enumerate(found):
        kind, _, name = block.label.partition(" ")
        if block.label == "yaml search.yaml":
            text = (tmp_path / name).read_text("utf-8")
            shown[number] = text.split("\n", 1)[1]  # the first line names a file of this machine
        elif kind == "csv" or (kind == "yaml" and name.startswith("jobs.csv")):
            (tmp_path / name).write_text(block.text, "utf-8")
        elif block.label == "console":
            shown[number] = answers(block)
    compare(page, shown, request.config.getoption("--rebaseline"))
    assert len(shown) >= 5
    assert "Globex" in (tmp_path / "october.html").read_text("utf-8")
