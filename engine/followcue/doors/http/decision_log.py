"""The decision log: one JSON line for every report that was given, from which it can be made again.

A line names the report by its hash and says what it was made of: the rules, the engine, the day, the options
and the hash of the situation. The situation itself, which is about a person, is in it only on request. A
decision that cannot be written down is not given: the caller gets a 503, and `/ready` says why.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from followcue.base.version import __version__
from followcue.evaluation.pipeline import LoadedPack, Options
from followcue.evaluation.report.provenance import data_sha256, decided_sha256

MOST_BYTES: Final = 256 * 2**20
"""A file of this size is set aside as FILE.1, and an older one as FILE.2, up to FILE.9."""

KEPT: Final = 9


class LogUnavailable(Exception):
    """A decision could not be written down; the message says why."""


class LoggedDecision(NamedTuple):
    """A report that was given: its id, and the line of the log, as data."""

    id: str
    line: Mapping[str, Any]


class DecisionLog:
    """Appends decisions to a file, each with one write, so that no two mix; safe between threads."""

    def __init__(
        self,
        path: str,
        *,
        situations: bool = False,
        most_bytes: int = MOST_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """With `situations`, each line holds the situation. Raises `OSError` where it cannot be opened."""
        self._path = path
        self._situations = situations
        self._most_bytes = most_bytes
        self._now = now
        self._lock = threading.Lock()
        self._file = _opened(path)
        self.problem: str | None = None

    def add(
        self, loaded: LoadedPack, report: Mapping[str, Any], situation: object, options: Options, ms: float
    ) -> str:
        """Write a decision down, and give its id; raises `LogUnavailable` where that cannot be done."""
        found = decision(loaded, report, situation, options, self._now(), ms, keep=self._situations)
        line = (
            json.dumps(found.line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            + b"\n"
        )
        with self._lock:
            try:
                self._rotate(len(line))
                self._write(line)
            except OSError as error:
                self.problem = f"{self._path}: {error.strerror or error}"
                raise LogUnavailable(self.problem) from None
            self.problem = None
        return found.id

    def close(self) -> None:
        """Nothing is written any more."""
        os.close(self._file)

    def _write(self, line: bytes) -> None:
        begin = os.fstat(self._file).st_size
        written = os.write(self._file, line)
        if written < len(line):  # the disk is full: half a line would spoil the next one
            with suppress(OSError):
                os.ftruncate(self._file, begin)
            raise OSError(28, "no space left for the decision")

    def _rotate(self, more: int) -> None:
        size = os.fstat(self._file).st_size
        if not size or size + more <= self._most_bytes:
            return
        for number in range(KEPT, 0, -1):
            older = self._path if number == 1 else f"{self._path}.{number - 1}"
            with suppress(FileNotFoundError):
                os.replace(older, f"{self._path}.{number}")
        opened = _opened(self._path)
        os.close(self._file)
        self._file = opened


def decision(
    loaded: LoadedPack,
    report: Mapping[str, Any],
    situation: object,
    options: Options,
    now: datetime,
    ms: float,
    *,
    keep: bool,
) -> LoggedDecision:
    """A decision of that moment, which took so many milliseconds."""
    name, (rules, packs) = str(uuid4()), loaded.sources or ((), ())
    line: dict[str, Any] = {
        "decision": name,
        "time": now.isoformat(timespec="milliseconds"),
        "followcue": __version__,
        "rules_version": loaded.pack.version,
        "rules": list(rules),
        "packs": list(packs),
        "as_of": report["as_of"],
        "profile": options.profile,
        "params": dict(options.parameters or {}),
        "missed": options.missed,
        "situation_sha256": data_sha256(situation),
        "report_sha256": decided_sha256(report),
        "ms": round(ms, 3),
    }
    if keep:
        line["situation"] = situation
    return LoggedDecision(name, line)


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
