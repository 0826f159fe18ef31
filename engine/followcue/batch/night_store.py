"""The state of nights: the reports of the last one, in one file of SQLite.

    DIR/reports.sqlite            what is kept
    DIR/reports.sqlite-journal    while it is written, or after that was cut off

Idea: a night is one transaction. It is begun before anything is read, so that a second night finds the state
taken; other processes of the night read what was kept by the last one; and all that is new is written at the
end. Killed at any moment, the state is that of the last night or that of this one.

Nothing that is found is believed because it is there: the file says whose it is, of which format, and what
its reports depend on; each report has a checksum.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

from followcue.batch.checkpoint import OtherRun
from followcue.batch.nightly_report import KeptReport

FORMAT = 1
"""One more whenever this module or the kept report is written otherwise."""

_OURS = 0x66637374
"""What tells the file from databases of other programs."""

_NAME = "reports.sqlite"
_FILES = frozenset({_NAME, f"{_NAME}-journal"})
_COLUMNS = ("situation", *KeptReport._fields, "checksum")
_MAKE = (
    "CREATE TABLE night (token TEXT NOT NULL, depends TEXT NOT NULL, input TEXT NOT NULL, day INT NOT NULL)",
    f"CREATE TABLE reports ({', '.join(_COLUMNS)}, PRIMARY KEY (situation))",
    f"PRAGMA application_id = {_OURS}",
    f"PRAGMA user_version = {FORMAT}",
)

Noted = Callable[[str], None]
"""Called with what the user is to know."""


Kept: TypeAlias = tuple[str, KeptReport | None]
"""A situation, and the report on it that is to be kept, None where there is none."""


class Damaged(Exception):
    """Something of the state cannot be read, or is not what was written."""


class LastNight(NamedTuple):
    """The night that wrote the state: its token, all that its reports depend on, its input and its day."""

    token: str
    depends: str
    input: str
    day: int


class NightStore:
    """The state, for the one process that leads a night; nobody else can begin one meanwhile."""

    def __init__(self, folder: Path, noted: Noted) -> None:
        """Raises `OtherRun` where the folder is somebody else's or in use, `OSError` where it cannot be."""
        self.path = folder / _NAME
        self._noted = noted
        _require_own(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            self._begin()
        except (Damaged, sqlite3.DatabaseError) as problem:
            self._renew(problem)

    def __enter__(self) -> NightStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def _begin(self) -> None:
        """Take the state; what cannot be used is emptied, within the transaction of this night."""
        self._connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            run = self._connection.execute
            run("PRAGMA page_size = 16384")
            run("BEGIN IMMEDIATE")
            (owner,), (version,) = (
                run("PRAGMA application_id").fetchone(),
                run("PRAGMA user_version").fetchone(),
            )
            tables = [name for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if tables and owner != _OURS:
                raise OtherRun(
                    f"{self.path} is a database of another program: name another folder with --state"
                )
            if tables and version != FORMAT:
                self._noted(f"{self.path} was written by another release: everything is judged")
                for name in tables:
                    run(f'DROP TABLE "{name}"')
                tables = []
            if not tables:
                for statement in _MAKE:
                    run(statement)
            found = run("SELECT token, depends, input, day FROM night").fetchall()
            run(f"SELECT {', '.join(_COLUMNS)} FROM reports LIMIT 1").fetchall()
            self.last = LastNight(*found[0]) if found else None
            if self.last is not None and type(self.last.day) is not int:
                raise Damaged("the day of the last night is none")
        except BaseException:
            self._connection.close()
            raise

    def _renew(self, problem: Damaged | sqlite3.DatabaseError) -> None:
        """Begin with an empty file in the place of one that is damaged."""
        if isinstance(problem, sqlite3.DatabaseError):
            code = problem.sqlite_errorcode & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise OtherRun(f"{self.path} is in use: another night is at work with this state") from None
            if code not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):
                raise OSError(f"{self.path}: {problem}") from None
        self._noted(f"{self.path} is damaged ({problem}): it is made anew, and everything is judged")
        self._connection.close()
        for name in _FILES:
            self.path.with_name(name).unlink(missing_ok=True)
        self._begin()

    def end(
        self, night: LastNight, keep: bool, present: Iterable[str], new: Callable[[], Iterator[Kept]]
    ) -> int:
        """Write the night, as a whole or not at all; gives how many situations have gone.

        With `keep`, what is there stays for situations that are `present`. `new` gives the reports that were
        judged; None where there is none any more. Raises `OSError`.
        """
        try:
            return self._end(night, keep, present, new)
        except sqlite3.DatabaseError as problem:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            self._connection.close()
            self._renew(problem)
            return self._end(night, False, (), new)

    def _end(
        self, night: LastNight, keep: bool, present: Iterable[str], new: Callable[[], Iterator[Kept]]
    ) -> int:
        run, many = self._connection.execute, self._connection.executemany
        gone = 0
        if keep:
            run("CREATE TEMP TABLE present (situation TEXT PRIMARY KEY) WITHOUT ROWID")
            many("INSERT INTO present VALUES (?)", ((name,) for name in present))
            gone = run("DELETE FROM reports WHERE situation NOT IN present").rowcount
        else:
            run("DELETE FROM reports")
        many("DELETE FROM reports WHERE situation = ?", ((name,) for name, report in new() if report is None))
        many(
            f"INSERT OR REPLACE INTO reports VALUES ({', '.join('?' * len(_COLUMNS))})",
            ((name, *report, report.checksum(name)) for name, report in new() if report is not None),
        )
        run("DELETE FROM night")
        run("INSERT INTO night VALUES (?, ?, ?, ?)", night)
        run("COMMIT")
        return gone


class KeptReports:
    """The reports of the last night, to be read by any number of processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def between(self, first: str, last: str) -> dict[str, KeptReport]:
        """Those of the situations from one name to another; raises `Damaged`."""
        columns = ", ".join(_COLUMNS)
        query = f"SELECT {columns} FROM reports WHERE situation BETWEEN ? AND ?"
        try:
            with closing(
                sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
            ) as connection:
                rows = connection.execute(query, (first, last)).fetchall()
        except sqlite3.Error as problem:
            raise Damaged(str(problem)) from None
        found = {}
        for name, digest, lines, day, own_day, until, at_any_time, warns, head, body, check in rows:
            try:
                report = KeptReport(
                    digest, lines, day, bool(own_day), until, at_any_time, bool(warns), head, body
                )
                whole = report.checksum(name) == check
            except TypeError:  # a value of another kind
                whole = False
            if not whole:
                raise Damaged(f"the report on `{name}` is not what was written")
            found[name] = report
        return found


def _require_own(folder: Path) -> None:
    """Raises `OtherRun` where the folder holds what no night has written."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise OtherRun(f"{folder} is no folder, and cannot hold the state")
    strange = sorted(set(os.listdir(folder)) - _FILES)
    if strange:
        raise OtherRun(
            f"{folder} holds `{strange[0]}`, which is no part of a state: name another folder with --state"
        )
