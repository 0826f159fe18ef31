"""The README and the pages of its doors keep their word: what they show is what comes out; and links on every
page lead somewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fenced import Block, anchors, blocks, links, rewrite

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOORS = [README, ROOT / "docs/for-a-person.md", ROOT / "docs/for-an-author.md"]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("benchmarks/*.md")),
]
PROMPT = "$ "

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the README speaks to a POSIX shell")


@pytest.fixture
def folder(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples, the files that the page writes, and `followcue` on the path."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for block in blocks(page):
        language, _, name = block.label.partition(" ")
        if language == "yaml" and name:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(block.text, "utf-8")
    command = tmp_path / "bin" / "followcue"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "cli.py"}" "$@"\n', "utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def as_on_a_terminal(block: Block) -> str:
    """The commands of a block, each followed by what it prints, errors included."""
    shown = []
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            command = ["bash", "-c", line.removeprefix(PROMPT)]
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            shown.append(f"{line}\n{result.stdout.decode()}")
    return "".join(shown)


@pytest.mark.slow
@pytest.mark.parametrize("page", DOORS, ids=lambda page: page.stem)
def test_what_is_shown_comes_out(page: Path, folder: Path, request: pytest.FixtureRequest) -> None:
    found = blocks(page)
    answers = {
        number: as_on_a_terminal(block) for number, block in enumerate(found) if block.label == "console"
    }
    if request.config.getoption("--rebaseline"):
        rewrite(page, answers)
    else:
        assert {n: found[n].text for n in answers} == answers, "pytest tests/test_readme.py --rebaseline"
    assert answers


def test_both_commands_are_there_for_ci_to_run() -> None:
    commands = {block.label: block.text for block in blocks(README)}
    assert "evaluate examples/" in commands["sh evaluate"]
    assert commands["sh tests"].rstrip().endswith("pytest")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{link}: there is no such file"
        assert not anchor or anchor in anchors(file), f"{link}: there is no such heading"
