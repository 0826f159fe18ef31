"""A checkpoint: the folder of an unfinished run, from which it goes on after being stopped at any moment.

    OUTPUT.unfinished/
      run.json             what the run was asked; another request does not go on with it
      records.duckdb       the input, sorted
      000000.out           the reports of chunk 0: there as a whole or not at all
      000000.rejects       its rejects, written before its reports

A part is made beside its place and moved there, so that what is there is complete.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from followcue.base.atomic import replace_file


class OtherRun(Exception):
    """Another request left an unfinished run here; the message says what to do."""


class Checkpoint:
    """The folder of one unfinished run."""

    def __init__(self, output: Path) -> None:
        self.folder = output.with_name(output.name + ".unfinished")

    @property
    def records(self) -> Path:
        """The database of sorted records."""
        return self.folder / "records.duckdb"

    def begin(self, request: dict[str, Any], *, restart: bool) -> dict[str, Any]:
        """Begin, or go on with the run of the same request; gives what is known of it.

        Raises `OtherRun` where the run there was asked something else, unless it is to `restart`, or came no
        further than reading its input. Raises `OSError` where there can be no folder.
        """
        if restart:
            self.end()
        known = self._read()
        if known is not None and known["request"] == request:
            return known
        if known is not None and "chunks" in known:
            raise OtherRun(
                f"{self.folder} holds an unfinished run with other options or another input: "
                "repeat that one, or say --restart to begin anew"
            )
        self.end()
        self.folder.mkdir()
        return self.know({"request": request})

    def know(self, known: dict[str, Any]) -> dict[str, Any]:
        """Keep what is known of the run."""
        replace_file(str(self.folder / "run.json"), json.dumps(known).encode())
        return known

    def done(self) -> set[int]:
        """The chunks whose parts are there."""
        return {int(path.stem) for path in self.folder.glob("*.out")}

    def write(self, number: int, reports: bytes, rejects: bytes) -> None:
        """Keep the part that a chunk became."""
        replace_file(str(self._part(number, "rejects")), rejects)
        replace_file(str(self._part(number, "out")), reports)

    def reports(self, chunks: int) -> Iterator[Path]:
        """The files of reports, in order."""
        return (self._part(number, "out") for number in range(chunks))

    def rejects(self, chunks: int) -> Iterator[Path]:
        """The files of rejects, in order."""
        return (self._part(number, "rejects") for number in range(chunks))

    def end(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _part(self, number: int, what: str) -> Path:
        return self.folder / f"{number:06}.{what}"

    def _read(self) -> dict[str, Any] | None:
        try:
            known = json.loads((self.folder / "run.json").read_bytes())
        except (OSError, ValueError):
            return None
        return known if isinstance(known, dict) else None


def join_files(parts: Iterator[Path], target: Path) -> None:
    """All parts as one file, there as a whole or not at all."""
    beside = target.with_name(target.name + ".joining")
    with open(beside, "wb") as joined:
        for part in parts:
            with open(part, "rb") as reading:
                shutil.copyfileobj(reading, joined)
        joined.flush()
        os.fsync(joined.fileno())
    os.replace(beside, target)
