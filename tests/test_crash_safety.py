"""Commands that write, killed at any moment: the file is the old one or the new one, and never anything else.

A process that has everything loaded forks a child for each kill, so that a thousand take few minutes. Half of
the children are killed after a random time, half at a random step of saving itself.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from followcue import cli, load_pack
from followcue.assistant.journal.versions import NoTurn, Versions
from followcue.base import atomic
from followcue.language.documents.edit.save import backup_of, lock_of
from followcue.language.documents.read import read_document

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

PEOPLE = 12
CONTACTS = "".join(f"      p{n}: {{name: Person {n}, role: interviewer}}\n" for n in range(PEOPLE))
BASE = f"""\
as_of: 2026-11-21
applications:
  acme:
    company: Acme   # a remark that is to stay
    contacts:
{CONTACTS}    events:
      - {{date: 2026-11-20, event: interview, id: first, with: [{", ".join(f"p{n}" for n in range(PEOPLE))}]}}
"""
STEPS = ("open", "fsync", "link", "replace", "unlink")


@pytest.fixture
def search(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    (tmp_path / "search").mkdir()
    load_pack()
    path = tmp_path / "search" / "search.yaml"
    path.write_text(BASE)
    for command in commands(path, 0):
        cli.main(command, standalone_mode=False)  # everything is imported from here on
    path.write_text(BASE)
    return path


def commands(path: Path, number: int) -> list[list[str]]:
    return [
        ["add", str(path), "kept_warm", f"note=n{number}", "--application", "acme"],
        ["done", str(path), "send_thank_you", "--to", f"p{number % PEOPLE}", f"note=n{number}"],
    ]


def start(command: list[str], prepare: Callable[[], None] = lambda: None) -> int:
    """A child that runs a command and ends with its exit code."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        prepare()
        code = cli.main(command, standalone_mode=False) or 0
    finally:
        os._exit(code)


def end(child: int) -> int:
    """The exit code of a child, or the number of the signal that killed it as a negative one."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying_at(step: int, half: bool) -> Callable[[], None]:
    """What makes a child kill itself at that step of saving, or in the middle of what it writes."""

    def prepare() -> None:
        left = iter(range(step))

        def or_die(real: Any) -> Any:
            def call(*arguments: Any, **options: Any) -> Any:
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)

            return call

        class Os:
            def __getattr__(self, name: str) -> Any:
                return or_die(getattr(os, name)) if name in STEPS else getattr(os, name)

        if half:
            real_open = open

            def open_and_die(target: Any, mode: str = "r", **options: Any) -> Any:
                stream = real_open(target, mode, **options)
                if mode == "wb":
                    real_write = stream.write

                    def write_half(content: bytes) -> None:
                        real_write(content[: len(content) // 2])
                        stream.flush()
                        os.kill(os.getpid(), signal.SIGKILL)

                    class Half:
                        def __enter__(self) -> Any:
                            return self

                        def __exit__(self, *_: object) -> None:
                            stream.close()

                        write = staticmethod(write_half)

                    return Half()
                return stream

            atomic.open = open_and_die  # type: ignore[attr-defined]
        atomic.os = Os()  # type: ignore[assignment]

    return prepare


class Watch:
    """Looks at a file after each kill, and counts what was found."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text()
        self.known = {BASE}
        self.seen: Counter[str] = Counter()

    def look(self, notes: dict[str, int]) -> set[str]:
        """The notes that were written, among those of the commands that ran, given with their exit codes."""
        text = self.path.read_text()
        before, after = self.text.splitlines(), text.splitlines()
        new = [line for line in after if line not in before]
        assert [line for line in after if line not in new] == before, "an old line is gone"
        written = {note for note in notes for line in new if f"note: {note}}}" in line}
        assert len(written) == len(new), new
        assert text.endswith("\n")
        assert written >= {note for note, code in notes.items() if code == 0}, "it said that it was written"
        read_document(text, "search.yaml")
        backup = Path(backup_of(str(self.path)))
        if backup.exists():  # of two commands, the first one's text was never seen here
            kept = backup.read_text()
            between = [line for line in after if line in kept.splitlines()]
            seen = kept in self.known or (kept.splitlines() == between and len(after) - len(between) < 2)
            assert seen, "the backup is none of the texts of before"
            self.known.add(kept)
        self.known |= {self.text, text}
        self.seen[f"{len(notes)} at once, {len(written)} written"] += 1
        self.text = text
        return written

    def begin_again(self) -> None:
        self.path.write_text(BASE)
        self.text = BASE


def kills(path: Path, times: int) -> Counter[str]:
    """Kills so many commands that were at work, and counts what each left."""
    dice = random.Random(7)
    watch = Watch(path)
    took = _seconds(path)
    number = 0
    while watch.seen["killed"] < times:
        number += 1
        if number % PEOPLE == 1:
            watch.begin_again()
        command = dice.choice(commands(path, number))
        at_a_step = dice.random() < 0.5
        if at_a_step:
            child = start(command, dying_at(dice.randrange(10), dice.random() < 0.2))
        else:
            child = start(command)
            time.sleep(dice.random() * took)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        notes = {f"n{number}": child}
        if dice.random() < 0.2:  # somebody else has been waiting for the lock
            notes[f"m{number}"] = start(["add", str(path), "kept_warm", f"note=m{number}"])
        codes = {note: end(pid) for note, pid in notes.items()}
        assert codes.get(f"m{number}", 0) == 0, "a killed one stands in the way of another"
        found = watch.look(codes)
        killed = codes[f"n{number}"] == -signal.SIGKILL
        watch.seen["killed" if killed else "ended before"] += 1
        if killed:
            when = "at a step of saving" if at_a_step else "after a random time"
            there = "the new file" if f"n{number}" in found else "the old file"
            watch.seen[f"killed {when}, {there} is there"] += 1
        if not at_a_step:  # most are to be killed while they are at work, however busy the machine is
            took *= 1.02 if killed else 0.9
    assert end(start(commands(path, number + 1)[0])) == 0
    left = {name.name for name in path.parent.iterdir()}
    assert left <= {path.name, f"{path.name}~", Path(lock_of(str(path))).name}, "something was left behind"
    return watch.seen


def _seconds(path: Path) -> float:
    """How long a command takes that nobody kills."""
    begun = time.perf_counter()
    for command in commands(path, PEOPLE - 1):
        assert end(start(command)) == 0
    return (time.perf_counter() - begun) / 2


@pytest.mark.slow
@pytest.mark.parametrize("times", [12, pytest.param(1000, marks=pytest.mark.large)])
def test_killed_at_any_moment_no_file_is_lost_or_broken(search: Path, times: int) -> None:
    seen = kills(search, times)
    print(dict(seen))
    least = times / 10 if times > 100 else 0  # what a few kills meet is chance
    assert seen["killed at a step of saving, the old file is there"] > least, seen
    assert seen["killed after a random time, the old file is there"] > least, seen


# --- the way back
class Past:
    """The texts of a file as `undo` and `--redo` are to give them back; `at` is the one in the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts = [BASE]
        self.at = 0

    def begin_again(self) -> None:
        shutil.rmtree(Versions(str(self.path)).folder or "", ignore_errors=True)
        self.path.write_text(BASE)
        self.texts, self.at = [BASE], 0

    def after(self, command: list[str]) -> str:
        """The text that a command is to leave."""
        if command[0] == "undo":
            return self.texts[self.at + (1 if "--redo" in command else -1)]
        other = self.path.parent.parent / "expected.yaml"
        assert end(start([*command, "-o", str(other)])) == 0
        return other.read_text()

    def look(self, command: list[str], expected: str) -> bool:
        """Whether a command has made its change; in any case nothing of the past is gone."""
        text = self.path.read_text()
        assert text in (self.texts[self.at], expected), "the file is neither the old one nor the new one"
        made = text == expected
        if made and command[0] == "undo":
            self.at += 1 if "--redo" in command else -1
        elif made:
            self.texts = [*self.texts[: self.at + 1], expected]
            self.at += 1
        versions, now = Versions(str(self.path)), text.encode()
        if self.at:
            assert versions.back(now).text.decode() == self.texts[self.at - 1]
        else:
            with pytest.raises(NoTurn):
                versions.back(now)
        with suppress(NoTurn):
            ahead = versions.forth(now).text.decode()
            if command[0] != "undo" and not made and ahead == expected:  # it was all but made
                self.texts = [*self.texts[: self.at + 1], expected]
            assert ahead == self.texts[self.at + 1]
            return made
        assert self.at + 1 == len(self.texts), "what was undone can no longer be made again"
        return made


def changing(path: Path, number: int, past: Past) -> list[list[str]]:
    """Commands that change something, the way back and forth among them as far as there is one."""
    search = str(path)
    return [
        ["edit", search, "interview", f"note=n{number}"],
        ["skip", search, "send_paper_note", "--because", f"n{number}"],
        *([["undo", search]] if past.at else []),
        *([["undo", search, "--redo"]] if past.at + 1 < len(past.texts) else []),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("times", [16, pytest.param(500, marks=pytest.mark.large)])
def test_killed_at_any_moment_the_way_back_stays(
    search: Path, times: int, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    dice, past, seen = random.Random(11), Past(search), Counter[str]()
    past.begin_again()
    for command in changing(search, 0, past):
        cli.main(command, standalone_mode=False)  # everything is imported from here on
    cli.main(["undo", str(search)], standalone_mode=False)
    past.begin_again()
    took, number = _seconds(search), 0
    past.begin_again()
    while seen["killed"] < times:
        number += 1
        if number % 15 == 0:
            past.begin_again()
        command = dice.choice(changing(search, number, past))
        expected = past.after(command)
        at_a_step = dice.random() < 0.6
        steps = 18 if command[0] == "undo" else 30
        child = start(command, dying_at(dice.randrange(steps), dice.random() < 0.1) if at_a_step else bool)
        if not at_a_step:
            time.sleep(dice.random() * took)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        code = end(child)
        assert code in (0, -signal.SIGKILL), "it ended by itself, and not well"
        made = past.look(command, expected)
        assert made or code != 0, "it said that it was done"
        seen["killed" if code == -signal.SIGKILL else "ended before"] += 1
        seen[f"{command[0]}, {'the new file' if made else 'the old file'} is there, {code}"] += 1
        if not at_a_step:
            took *= 1.02 if code < 0 else 0.9
    print(dict(seen))
    if times > 100:  # what a few kills meet is chance
        for word in ("edit", "skip", "undo"):
            assert seen[f"{word}, the old file is there, {-signal.SIGKILL}"], seen
            assert seen[f"{word}, the new file is there, {-signal.SIGKILL}"], seen
    last = changing(search, 0, past)[1]  # what a kill left beside the file goes with the next change of it
    expected = past.after(last)
    assert end(start(last)) == 0
    assert past.look(last, expected)
    while past.at:
        assert end(start(["undo", str(search)])) == 0
        past.at -= 1
        assert search.read_text() == past.texts[past.at]
    left = {name.name for name in search.parent.iterdir()}
    assert left <= {search.name, f"{search.name}~", Path(lock_of(str(search))).name}


# --- a disk that is full
@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_full_disk_loses_nothing(tiny_disk: Path, search: Path) -> None:
    path = tiny_disk / "search.yaml"
    path.write_text(BASE)
    add = commands(path, 1)[0]
    with suppress(OSError), open(tiny_disk / "ballast", "wb") as ballast:
        while True:
            ballast.write(b"x" * 4096)
            ballast.flush()
    before = sorted(p.name for p in tiny_disk.iterdir())
    result = CliRunner().invoke(cli.main, add)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "FC612: this file cannot be written, and is as it was: No space left on device" in result.stderr
    assert path.read_text() == BASE
    assert sorted(p.name for p in tiny_disk.iterdir() if not p.name.endswith(".lock")) == before
    (tiny_disk / "ballast").unlink()
    assert CliRunner().invoke(cli.main, add).exit_code == 0
    assert "note: n1" in path.read_text()
