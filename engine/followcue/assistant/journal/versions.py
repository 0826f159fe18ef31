"""Versions: the texts that a journal had, kept for its author, and the way back through them.

Idea: a log of changes, each from one text to the next, and a position in it: what lies before the position is
done, what lies behind it was undone. Texts are kept by their digest, each once.

    add, done, skip, then undo      A -add-> B -done-> C -skip-> D      position 2: C is in the file
    undo again                                                          position 1: B
    edit                            A -add-> B -edit-> E                position 2: what was undone is gone

Invariant: texts and log are on the disk before the file changes. So a program that is killed leaves a file
with the text of the position, or with that of the one before it (`was`), and the next one can tell. A file
with any other text was changed by hand, and is not written over.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from followcue.base.atomic import keep_for_good
from followcue.base.cache import state_folder

MOST = 20
"""How many changes of a file are kept."""

DAYS_AFTER = 90
"""How many days after the last change what is kept of a file goes that is no longer there."""

_LOG = "changes.json"


class Change(NamedTuple):
    """One change: the command that made it, and the digests of the texts before and after it."""

    command: str
    before: str
    after: str


class Turn(NamedTuple):
    """A change that is taken back, or made again: the text that is to be in the file then.

    `left` is how many more can be.
    """

    command: str
    text: bytes
    left: int
    position: int


class NoTurn(Exception):
    """There is no change to take back, or none to make again; the text says why."""


class ChangedByHand(NoTurn):
    """The file is no longer what the last command left, which is `text`; `turn` is what would be undone."""

    def __init__(self, said: str, text: bytes, turn: Turn | None) -> None:
        super().__init__(said)
        self.text = text
        self.turn = turn


class Versions:
    """The versions of one file. Only who holds the lock of that file may change them."""

    def __init__(self, path: str) -> None:
        """What is kept of the file at `path`, by where it really lies; nothing if it cannot be read."""
        self._path = os.path.realpath(path)
        state = state_folder()
        name = sha256(os.fsencode(self._path)).hexdigest()[:32]
        self.folder = os.path.join(state, "versions", name) if state else None
        self._changes: list[Change] = []
        self._position = self._was = 0
        if self.folder is not None:
            with suppress(OSError, ValueError, LookupError, TypeError):
                self._read(self.folder)

    def record(self, command: str, before: bytes, after: bytes) -> None:
        """Keep a change that is about to be made to the file; raises `OSError` where it cannot be kept."""
        was = self._found(_digest(before))
        done = self._changes[: self._position if was is None else was]
        change = Change(command, self._keep(before), self._keep(after))
        changes = [*done, change][-MOST:]
        self._write(changes, len(changes), len(changes) - 1)
        self._forget()

    def back(self, now: bytes) -> Turn:
        """What takes the last change back; raises `NoTurn`."""
        at = self._require(now)
        if at == 0:
            raise NoTurn("there is nothing to undo: no command has changed this file, as far as is kept")
        change = self._changes[at - 1]
        if change.after != _digest(now):
            raise NoTurn("there is nothing to undo: before that, the file was changed by hand")
        return self._turn(change.command, change.before, at - 1, at - 1)

    def forth(self, now: bytes) -> Turn:
        """What makes the change that was taken back last again; raises `NoTurn`."""
        at = self._require(now)
        if at == len(self._changes):
            raise NoTurn("there is nothing to redo: nothing was undone since the last change")
        change = self._changes[at]
        if change.before != _digest(now):
            raise NoTurn("there is nothing to redo: the file was changed since it was undone")
        return self._turn(change.command, change.after, len(self._changes) - at - 1, at + 1)

    def turn(self, turn: Turn, now: bytes) -> None:
        """Keep that the file is about to get the text of `turn`; raises `OSError` where it cannot be kept."""
        self._write(self._changes, turn.position, self._require(now))

    # --- within
    def _turn(self, command: str, digest: str, left: int, position: int) -> Turn:
        text = self._text(digest)
        if text is None:
            raise NoTurn(f"the text that this would give back is no longer kept in {self.folder}")
        return Turn(command, text, left, position)

    def _require(self, now: bytes) -> int:
        """How many changes are done, by what is in the file; raises `ChangedByHand`."""
        at = self._found(_digest(now))
        if at is not None or not self._changes:
            return at or 0
        last = self._changes[self._position - 1].after if self._position else self._changes[0].before
        turn = None
        if self._position:
            change = self._changes[self._position - 1]
            with suppress(NoTurn):
                turn = self._turn(change.command, change.before, 0, self._position - 1)
        said = "the file was changed since the last command here, by hand or elsewhere"
        raise ChangedByHand(said, self._text(last) or now, turn)

    def _found(self, digest: str) -> int | None:
        """The position at which the file has that text: the one of the log, or the one before it."""
        for at in (self._position, self._was):
            ended = 0 < at <= len(self._changes) and self._changes[at - 1].after == digest
            begun = at < len(self._changes) and self._changes[at].before == digest
            if ended or begun:
                return at
        return None

    # --- on the disk
    def _read(self, folder: str) -> None:
        with open(os.path.join(folder, _LOG), "rb") as file:
            log = json.load(file)
        if log["file"] == self._path:
            self._changes = [Change(*map(str, change)) for change in log["changes"]]
            self._position, self._was = int(log["position"]), int(log["was"])

    def _write(self, changes: list[Change], position: int, was: int) -> None:
        self._changes, self._position, self._was = changes, position, was
        log = {"file": self._path, "position": position, "was": was, "changes": changes}
        keep_for_good(os.path.join(self._made(), _LOG), json.dumps(log, indent=1).encode())

    def _made(self) -> str:
        """The folder, which only the user may look into."""
        if self.folder is None:
            raise OSError("there is no folder for what is kept between runs")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        return self.folder

    def _keep(self, text: bytes) -> str:
        digest = _digest(text)
        if self._text(digest) is None:
            keep_for_good(os.path.join(self._made(), digest), text)
        return digest

    def _text(self, digest: str) -> bytes | None:
        """The text of a digest; None where it is gone, or is no longer whole."""
        with suppress(OSError), open(os.path.join(self.folder or "", digest), "rb") as file:
            text = file.read()
            return text if _digest(text) == digest else None
        return None

    def _forget(self) -> None:
        """Let go of the texts that no change speaks of."""
        kept = {_LOG, *(digest for change in self._changes for digest in (change.before, change.after))}
        folder = self._made()
        with suppress(OSError):
            for name in os.listdir(folder):
                if name not in kept:
                    os.unlink(os.path.join(folder, name))
        _forget_the_gone(os.path.dirname(folder))


def _forget_the_gone(folder: str) -> None:
    """Let go of all that is kept of files that have long not been there: it is personal."""
    last = time.time() - DAYS_AFTER * 24 * 60 * 60
    with suppress(OSError):
        for name in os.listdir(folder):
            log = os.path.join(folder, name, _LOG)
            with suppress(OSError, ValueError, LookupError, TypeError):
                if os.stat(log).st_mtime < last:
                    with open(log, "rb") as file:
                        is_there = os.path.lexists(json.load(file)["file"])
                    if not is_there:
                        shutil.rmtree(os.path.join(folder, name))


def _digest(text: bytes) -> str:
    return sha256(text).hexdigest()
