"""Watching a situation: told again at every change that matters, whatever the change."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from followcue.cli import main
from followcue.cli.asked import Asked
from followcue.cli.commands.watch import SituationWatcher
from followcue.cli.reporting import ReportRequest
from followcue.cli.watching import state_of

SEARCH = """\
applications:
  acme:
    company: Acme
    contacts: {dana: {name: Dana Ruiz, role: recruiter}}
    events:
      - {date: 2026-11-10, event: interview, id: iv1, with: [dana]}
"""
RULES = """\
rules:
  nod:
    title: Nod
    cites: [own default]
    when: [interview: {date: $day}]
    recommend: {action: nod, open: $day}
"""
VOCABULARY = "actions:\n  nod: {title: Nod to Dana}\n"
PATIENCE = 30


class Course:
    """What is done to the files between one look and the next, and the days that come."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.day = date(2026, 11, 12)
        self._steps = steps

    def __iter__(self) -> Iterator[None]:
        for step in self._steps:
            step()
            yield None

    def today(self, zone: str | None) -> date:
        return self.day


def nothing() -> None:
    """A moment at which nothing has changed."""


def watch(path: Path, course: Course, form: str = "table", output: str | None = None, **asked: Any) -> None:
    given = {"as_of": course.day} if "given" not in asked else asked.pop("given")
    request = ReportRequest(Asked(str(path), given=given, **asked), form)
    SituationWatcher(request, output, course.today).watch(course)


def write(path: Path, text: str) -> None:
    """As editors do: another file takes its place."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


@pytest.fixture
def search(tmp_path: Path) -> Path:
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH, encoding="utf-8")
    return path


def test_a_change_is_told_and_a_mere_save_is_not(search: Path, capfd: pytest.CaptureFixture[str]) -> None:
    thanked = SEARCH + "      - {date: 2026-11-11, event: thank_you_sent, to: dana}\n"
    watch(search, Course(nothing, lambda: write(search, SEARCH), lambda: write(search, thanked), nothing))
    first, second = capfd.readouterr().out.split("\n\nThursday 12 November 2026")
    assert "say thank you" in first
    assert "say thank you to" not in second


def test_mistakes_are_told_and_watched_on(search: Path, capfd: pytest.CaptureFixture[str]) -> None:
    watch(search, Course(lambda: write(search, "applications: 3"), lambda: write(search, SEARCH)))
    said = capfd.readouterr()
    assert said.out.count("Thursday 12 November 2026") == 2
    assert f"{search}:1:15: FC" in said.err


def test_a_file_that_is_gone_is_told_and_may_come_back(
    search: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    watch(search, Course(search.unlink, nothing, lambda: write(search, SEARCH)))
    said = capfd.readouterr()
    assert said.out.count("Thursday 12 November 2026") == 2
    assert said.err == f"{search}: FC101: there is no such file\n"


@pytest.mark.slow
def test_a_changed_rule_is_told_and_a_broken_one_too(
    search: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    write(layer / "vocabulary.yaml", VOCABULARY)
    write(layer / "rules.yaml", RULES)
    steps = (
        lambda: write(layer / "vocabulary.yaml", VOCABULARY.replace("Dana", "everybody")),
        lambda: write(layer / "rules.yaml", RULES.replace("action: nod", "action: nodd")),
        lambda: write(layer / "rules.yaml", RULES),
    )
    watch(search, Course(*steps), rules=(str(layer),), cache=False)
    said = capfd.readouterr()
    assert [said.out.count(text) for text in ("Nod to Dana", "Nod to everybody")] == [1, 2]
    assert "there is no action `nodd`" in said.err


def test_a_new_day_is_told(search: Path, capfd: pytest.CaptureFixture[str]) -> None:
    course = Course(nothing, lambda: setattr(course, "day", date(2026, 11, 13)), nothing)
    watch(search, course, given={"today": course.today})
    said = capfd.readouterr().out
    assert [said.count(day) for day in ("Thursday 12 November 2026", "Friday 13 November 2026")] == [1, 1]


def test_the_day_is_that_of_the_file(search: Path) -> None:
    write(search, "timezone: Pacific/Auckland\n" + SEARCH)
    asked: list[str | None] = []
    course = Course(nothing)

    def today(zone: str | None) -> date:
        asked.append(zone)
        return course.day

    request = ReportRequest(Asked(str(search), given={"today": today}))
    SituationWatcher(request, os.devnull).watch(course)
    assert asked == [None, "Pacific/Auckland", "Pacific/Auckland"], "first nothing is known of the file"


@pytest.mark.slow
def test_a_page_is_written_anew_at_every_change(
    search: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    seen: list[str] = []
    steps = (
        lambda: seen.append(page.read_text(encoding="utf-8")),
        lambda: write(search, SEARCH.replace("Dana Ruiz", "Dana Vale")),
        lambda: seen.append(page.read_text(encoding="utf-8")),
    )
    watch(search, Course(*steps), "html", str(page))
    assert ["Dana Ruiz" in seen[0], "Dana Vale" in seen[1]] == [True, True]
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", f"wrote {page}\n" * 2)


def test_a_terminal_is_cleared_before_each_report(
    search: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("followcue.cli.commands.watch.is_terminal", lambda: True)
    monkeypatch.setattr("click.clear", lambda: print("[cleared]", flush=True))
    watch(search, Course(lambda: write(search, SEARCH.replace("Ruiz", "Vale")), nothing))
    out = capfd.readouterr().out
    assert out.startswith("[cleared]\nThursday 12 November 2026")
    assert out.count("[cleared]\nThursday 12 November 2026") == 2


def test_files_look_different_after_every_kind_of_change(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    (folder / "vocabulary").mkdir(parents=True)
    inner = folder / "vocabulary" / "a.yaml"
    states = [state_of(str(folder))]
    for change in (
        lambda: inner.write_text("a", encoding="utf-8"),
        lambda: write(inner, "b"),
        lambda: inner.rename(folder / "c.yaml"),
        (folder / "c.yaml").unlink,
    ):
        change()
        states.append(state_of(str(folder)))
    assert len({*states[1:4], states[0]}) == 4
    assert states[4] == states[0] == ()


def test_what_is_not_there_from_the_beginning_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "search.yaml").write_text(SEARCH, encoding="utf-8")
    for words in (["serch.yaml"], ["search.yaml", "--rules", str(tmp_path / "ruls")]):
        done = CliRunner().invoke(main, ["watch", str(tmp_path / words[0]), *words[1:]])
        assert done.exit_code == 3
        assert "FC101" in done.stderr


@pytest.mark.slow
def test_the_command_sees_a_change_and_ends_quietly(search: Path) -> None:
    """With real noises of a real file system; whatever is waited for is waited for until it comes."""
    code = "import sys; from followcue.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "watch", str(search), "--as-of", "2026-11-12"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert b"Dana Ruiz" in _until(process.stdout.fileno(), b"Dana Ruiz")
        write(search, SEARCH.replace("Dana Ruiz", "Dana Vale"))
        assert b"Dana Vale" in _until(process.stdout.fileno(), b"Dana Vale")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert (process.returncode, err) == (130, b"")


def _until(stream: int, text: bytes) -> bytes:
    """What is written until the text comes, or patience ends."""
    found, end = b"", time.monotonic() + PATIENCE
    while text not in found and time.monotonic() < end:
        ready, _, _ = select.select([stream], [], [], 1)
        found += os.read(stream, 65536) if ready else b""
    return found
