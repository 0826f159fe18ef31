"""docs/three-weeks.md: a search on two machines, with slips, forgotten days and changes of mind.

A block says on which day and at which machine it is: `console 2026-11-02 desk`. What is typed to answer
questions stands in a comment before it, and a `diff` is what a person changes in an editor.
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from fenced import Block, answers, blocks, rewrite
from followcue.base import clock
from followcue.cli import at_terminal, reporting

PAGE = Path(__file__).parents[1] / "docs" / "three-weeks.md"

TYPED = re.compile(r"<!-- typed: (.*) -->\n```[^\n]*\n\Z")


class Machines:
    """Two computers and a stick: each has a folder of its own, and what followcue keeps for a user."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._root = root
        self._patch = monkeypatch
        for name in ("desk", "laptop", "stick"):
            (root / name).mkdir()

    def play(self, block: Block, day: str, machine: str, typed: str | None) -> str:
        """What a block of commands shows on that day at that machine; `typed` answers what is asked."""
        self._patch.setattr(clock, "today", lambda zone=None: date.fromisoformat(day))
        self._patch.setenv("XDG_CACHE_HOME", str(self._root / machine / ".cache"))
        self._patch.setenv("XDG_STATE_HOME", str(self._root / machine / ".state"))
        self._patch.setattr(at_terminal, "has_terminal", lambda: True)
        self._patch.chdir(self._root / machine)
        said = "" if typed is None else "".join(f"{line.strip()}\n" for line in typed.split("|"))
        return answers(block, typed=said, other=self._copy)

    def _copy(self, command: str) -> None:
        _, source, target = command.replace("/media/stick", str(self._root / "stick")).split()
        shutil.copy(source, target)

    def by_hand(self, block: Block, file: str, machine: str) -> None:
        """Change lines in an editor."""
        path = self._root / machine / file
        gone, new = ([line[1:] for line in block.text.splitlines() if line.startswith(sign)] for sign in "-+")
        (old,), text = gone, path.read_text("utf-8")
        assert text.count(f"{old}\n") == 1, old
        path.write_text(text.replace(f"{old}\n", "".join(f"{line}\n" for line in new)), "utf-8")


@pytest.mark.slow
def test_three_weeks_come_out_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(reporting, "is_terminal", lambda: True)
    machines, content = Machines(tmp_path, monkeypatch), PAGE.read_text("utf-8")
    schema = re.compile(r"(\$schema=)\S+")  # a file of this machine
    shown: dict[int, str] = {}
    for number, block in enumerate(blocks(PAGE)):
        kind, *words = block.label.split()
        typed = TYPED.search(content, 0, block.start)
        if kind == "console":
            shown[number] = schema.sub(r"\1…", machines.play(block, *words, typed and typed[1]))
        elif kind == "diff":
            machines.by_hand(block, *words)
        else:
            name, machine = words
            shown[number] = schema.sub(r"\1…", (tmp_path / machine / name).read_text("utf-8"))
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, shown)
    else:
        assert {number: blocks(PAGE)[number].text for number in shown} == shown
