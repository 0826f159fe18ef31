"""The state of nights: the reports of the last one, in one file of SQLite.

    DIR/reports.sqlite            what is kept
    DIR/reports.sqlite-journal    while it is written, or after that was cut off

    night     the last one: on what its reports depend, its day, how far its input goes
    terms     for each situation which records its report is on, and how long it holds
    reports   the reports themselves: a hundred times as long, and not read where they hold and none is wanted
    records   the records of each situation, where the next input may be a delta

Idea: a night is one transaction. It is begun before anything is read, so that a second night finds the state
taken; other processes of the night read what was kept by the last one; and all that is new is written at the
end. Killed at any moment, the state is that of the last night or that of this one.

Nothing that is found is believed because it is there: the file says whose it is, of which format, and what
its reports depend on; each report has a checksum, and so have the records.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from followcue.batch.checkpoint import OtherRun
from followcue.batch.json_lines import as_line, plain_line
from followcue.batch.nightly_report import KeptReport, KeptTerms
from followcue.batch.sorting import Record

FORMAT = 2
"""One more whenever this module or the kept report is written otherwise."""

_OURS = 0x66637374
"""What tells the file from databases of other programs."""

_NAME = "reports.sqlite"
_FILES = frozenset({_NAME, f"{_NAME}-journal"})
_TERMS = ("situation", *KeptTerms._fields, "checksum")
_REPORTS = ("situation", "head", "body", "checksum")
_RECORDS = ("situation", "said", "checksum")
_SOME = 5_000
"""So many names are asked for at once."""

_CACHE = 64 * 1024
"""So many KiB of pages are held while the night is written."""


Noted = Callable[[str], None]
"""Called with what the user is to know."""


class KeptSituation(NamedTuple):
    """What is to be kept of a situation.

    What was `judged` without a `report` has none; otherwise the one that is there stays. `records` are those
    that take the place of the ones that are there, an empty list being a situation that has gone.
    """

    name: str
    report: KeptReport | None
    records: Sequence[Record] | None = None
    judged: bool = True


class Damaged(Exception):
    """Something of the state cannot be read, or is not what was written."""


class LastNight(NamedTuple):
    """The night that wrote the state: its token, all that its reports depend on, its input and its day.

    `keeps`: records are kept, and the next input may be a delta. `places` is the last place of a record in
    all inputs since the whole one, and `taken` a hash of the last delta.
    """

    token: str
    depends: str
    input: str
    day: int
    keeps: bool = False
    places: int = 0
    taken: str = ""


def _table(name: str, columns: Sequence[str], more: str = "") -> str:
    return f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY (situation)){more}"


_MAKE = (
    f"CREATE TABLE night ({', '.join(LastNight._fields)})",
    _table("terms", _TERMS, " WITHOUT ROWID"),
    _table("reports", _REPORTS),
    _table("records", _RECORDS),
    f"PRAGMA application_id = {_OURS}",
    f"PRAGMA user_version = {FORMAT}",
)


class NightStore:
    """The state, for the one process that leads a night; nobody else can begin one meanwhile."""

    def __init__(self, folder: Path, noted: Noted, *, delta: bool = False) -> None:
        """Raises `OtherRun` where the folder is somebody else's or in use, `OSError` where it cannot be.

        With `delta`, what it keeps is needed, and a state that is not good for that is refused, too.
        """
        self.path = folder / _NAME
        self._noted = noted
        self._delta = delta
        _require_own(folder)
        if delta and not self.path.exists():
            raise OtherRun(_nothing_to_add_to(self.path, "is not there"))
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
            run(f"PRAGMA cache_size = {-_CACHE}")
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
                self._require_whole("was written by another release")
                self._noted(f"{self.path} was written by another release: everything is judged")
                for name in tables:
                    run(f'DROP TABLE "{name}"')
                tables = []
            if not tables:
                for statement in _MAKE:
                    run(statement)
            for table, columns in (("terms", _TERMS), ("reports", _REPORTS), ("records", _RECORDS)):
                run(f"SELECT {', '.join(columns)} FROM {table} LIMIT 1").fetchall()
            found = run(f"SELECT {', '.join(LastNight._fields)} FROM night").fetchall()
            self.last = LastNight(*found[0]) if found else None
            if self.last is not None and not {int} == {type(self.last.day), type(self.last.places)}:
                raise Damaged("the day of the last night is none")
            if self.last is None or not self.last.keeps:
                self._require_whole("keeps no records")
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
        self._require_whole(f"is damaged ({problem})")
        self._noted(f"{self.path} is damaged ({problem}): it is made anew, and everything is judged")
        self._connection.close()
        for name in _FILES:
            self.path.with_name(name).unlink(missing_ok=True)
        self._begin()

    def _require_whole(self, found: str) -> None:
        """Raises `OtherRun` where the input is a delta, and there is nothing that it could be added to."""
        if self._delta:
            self._connection.close()
            raise OtherRun(_nothing_to_add_to(self.path, found))

    def end(
        self,
        night: LastNight,
        keep: bool,
        present: Iterable[str] | None,
        new: Callable[[], Iterator[KeptSituation]],
    ) -> int:
        """Write the night, as a whole or not at all; gives how many situations have gone.

        With `keep`, what is there stays for situations that are `present`, in the order of their names, None
        being all. `new` gives what came of the others. Raises `OSError`.
        """
        try:
            return self._end(night, keep, present, new)
        except sqlite3.DatabaseError as problem:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            self._connection.close()
            self._renew(problem)
            return self._end(night, False, None, new)

    def _end(
        self,
        night: LastNight,
        keep: bool,
        present: Iterable[str] | None,
        new: Callable[[], Iterator[KeptSituation]],
    ) -> int:
        run, many = self._connection.execute, self._connection.executemany
        gone = 0
        for table in () if keep else ("terms", "reports"):
            run(f"DELETE FROM {table}")
        if not night.keeps or not (keep or self._delta):
            run("DELETE FROM records")
        if keep and present is not None:
            # By names, which indexes have: a search in the tables would read every report.
            names = run("SELECT situation FROM terms UNION SELECT situation FROM records ORDER BY 1")
            absent = [(name,) for name in _missing((name for (name,) in names), present)]
            for table in ("reports", "records", "terms") if absent else ():
                gone = many(f"DELETE FROM {table} WHERE situation = ?", absent).rowcount
        for kept in new():
            gone += self._write(run, kept)
        run("DELETE FROM night")
        run(f"INSERT INTO night VALUES ({_marks(LastNight._fields)})", night)
        run("COMMIT")
        return gone

    def _write(self, run: Callable[..., Any], kept: KeptSituation) -> bool:
        """Write what is to be kept of a situation; gives whether it has gone from a state that knew it."""
        name, report, records, judged = kept
        if report is not None:
            terms = report.terms
            run(_put("terms", _TERMS), (name, *terms, terms.checksum(name)))
            run(_put("reports", _REPORTS), (name, report.head, report.body, report.checksum(name)))
        elif judged:
            for table in ("terms", "reports"):
                run(f"DELETE FROM {table} WHERE situation = ?", (name,))
        if records is not None:
            if records:
                said = as_line([[each.number, each.text, each.problem] for each in records]).decode()
                run(_put("records", _RECORDS), (name, said, crc32(f"{name}\0{said}".encode())))
            else:
                return bool(run("DELETE FROM records WHERE situation = ?", (name,)).rowcount)
        return False

    def waiting(self, usable: bool, day: int, *, same_input: bool) -> Iterator[str]:
        """The situations that are to be judged whatever the input says; their records are there."""
        if not usable:
            found = self._connection.execute("SELECT situation FROM records")
        else:
            found = self._connection.execute(
                "SELECT situation FROM records LEFT JOIN terms USING (situation) WHERE day IS NULL "
                "OR (NOT own_day AND (day > ? OR until <= ?)) OR (warns AND NOT ?)",
                (day, day, same_input),
            )
        return (name for (name,) in found)

    def names(self) -> Iterator[str]:
        """The situations whose records are kept."""
        return (name for (name,) in self._connection.execute("SELECT situation FROM records"))


def _missing(known: Iterable[str], present: Iterable[str]) -> Iterator[str]:
    """Those of `known` that are not `present`; both are sorted."""
    rest = iter(present)
    here = next(rest, None)
    for name in known:
        while here is not None and here < name:
            here = next(rest, None)
        if here != name:
            yield name


def _nothing_to_add_to(path: Path, found: str) -> str:
    return (
        f"{path} {found}: there is nothing that a delta could be added to. Give the whole input once, with "
        "--keep-records and without --delta"
    )


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("?" * len(columns))


def _put(table: str, columns: Sequence[str]) -> str:
    """Writes a row; one that is there stays in its place."""
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    return f"INSERT INTO {table} VALUES ({_marks(columns)}) ON CONFLICT (situation) DO UPDATE SET {changes}"


class KeptReports:
    """What the last night kept, to be read by any number of processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def terms(self, names: Iterable[str]) -> dict[str, KeptTerms]:
        """The terms of the reports on these situations; raises `Damaged`."""
        found = {}
        for name, digest, lines, day, own_day, until, at_any_time, warns, check in self._rows(
            "terms", _TERMS, names
        ):
            terms = KeptTerms(digest, lines, day, bool(own_day), until, at_any_time, bool(warns))
            if terms.checksum(name) != check:
                raise Damaged(f"the report on `{name}` is not what was written")
            found[name] = terms
        return found

    def reports(self, of: dict[str, KeptTerms]) -> dict[str, KeptReport]:
        """The reports with these terms; raises `Damaged`."""
        found = {}
        for name, head, body, check in self._rows("reports", _REPORTS, of):
            report = KeptReport(of[name], head, body)
            try:
                whole = report.checksum(name) == check
            except TypeError:  # a value of another kind
                whole = False
            if not whole:
                raise Damaged(f"the report on `{name}` is not what was written")
            found[name] = report
        if len(found) < len(of):
            raise Damaged(f"the report on `{min(of.keys() - found.keys())}` is not there")
        return found

    def records(self, names: Iterable[str]) -> dict[str, list[Record]]:
        """The records of these situations; raises `Damaged`."""
        found = {}
        for name, said, check in self._rows("records", _RECORDS, names):
            try:
                whole = crc32(f"{name}\0{said}".encode()) == check
                found[name] = [
                    Record.of(number, text)._replace(problem=problem)
                    for number, text, problem in plain_line(said.encode() if whole else b"")
                ]
            except (ValueError, TypeError):
                raise Damaged(f"the records of `{name}` are not what was written") from None
        return found

    def _rows(self, table: str, columns: Sequence[str], names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        query = (
            f"SELECT {', '.join(f'{table}.{column}' for column in columns)} FROM json_each(?) AS asked "
            f"CROSS JOIN {table} ON {table}.situation = asked.value"
        )
        asked = iter(names)
        try:
            with closing(
                sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
            ) as connection:
                while some := list(islice(asked, _SOME)):
                    yield from connection.execute(query, (json.dumps(some),))
        except sqlite3.Error as problem:
            raise Damaged(str(problem)) from None


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
