"""A checkpoint: the folder of an unfinished run, from which it goes on after being stopped at any moment.

    OUTPUT.unfinished/
      run.json             what the run was asked; another request does not go on with it
      records.duckdb       the input, sorted
      000000.out           the reports of chunk 0: there as a whole or not at all
      000000.rejects       its rejects, written before its reports
      000000.kept          what the state is to keep of it, where there is one; written before its reports
      joined               the output, until it is whole

A part is made beside its place and moved there, so that what is there is complete. A folder of that name that
holds anything else is somebody else's, and is left alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from followcue.base.atomic import replace_file

_OURS = re.compile(r"run\.json|joined|records\.duckdb.*|\d{6,}\.(out|rejects|kept)|\.followcue-.*")
"""What the folder of a run may hold."""


class OtherRun(Exception):
    """Another request left an unfinished run here, or something else is in the way; the message says what."""


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
        further than reading its input; and where what is there is no run. Raises `OSError` where there can be
        no folder, and leaves none behind.
        """
        self._require_ours()
        known = self._read()
        if not restart and known is not None:
            if known.get("request") == request:
                return known
            if "chunks" in known:
                raise OtherRun(
                    f"{self.folder} holds an unfinished run with other options or another input: "
                    "repeat that one, or say --restart to begin anew"
                )
        if self.folder.is_dir():
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        try:
            return self.know({"request": request})
        except OSError:
            self.end()
            raise

    def _require_ours(self) -> None:
        """Raises `OtherRun` where the place of the folder is taken by what no run has made."""
        if not os.path.lexists(self.folder):
            return
        if self.folder.is_symlink() or not self.folder.is_dir():
            found = "is no folder"
        else:
            strange = (name for name in os.listdir(self.folder) if not _OURS.fullmatch(name))
            other = next(strange, None)
            if other is None:
                return
            found = f"holds `{other}`, which is no part of a run"
        raise OtherRun(f"{self.folder} is in the way: it {found}. Move it, or write to another place")

    def know(self, known: dict[str, Any]) -> dict[str, Any]:
        """Keep what is known of the run."""
        replace_file(str(self.folder / "run.json"), json.dumps(known).encode())
        return known

    def clear_records(self) -> None:
        """Take away what an earlier run left of the records, and what the database keeps beside them."""
        for name in os.listdir(self.folder):
            path = self.folder / name
            if name.startswith(self.records.name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    @property
    def joined(self) -> Path:
        """The output while it is being made."""
        return self.folder / "joined"

    def done(self) -> set[int]:
        """The chunks whose parts are there."""
        return {int(name.removesuffix(".out")) for name in os.listdir(self.folder) if name.endswith(".out")}

    def write(self, number: int, reports: bytes, rejects: bytes, kept: bytes | None = None) -> None:
        """Keep the part that a chunk became."""
        if kept is not None:
            replace_file(str(self._part(number, "kept")), kept)
        replace_file(str(self._part(number, "rejects")), rejects)
        replace_file(str(self._part(number, "out")), reports)

    def reports(self, chunks: int) -> Iterator[Path]:
        """The files of reports, in order."""
        return (self._part(number, "out") for number in range(chunks))

    def rejects(self, chunks: int) -> Iterator[Path]:
        """The files of rejects, in order."""
        return (self._part(number, "rejects") for number in range(chunks))

    def kept(self, chunks: int) -> Iterator[Path]:
        """The files of what the state is to keep, in order."""
        return (self._part(number, "kept") for number in range(chunks))

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


def join_files(parts: Iterator[Path], target: Path, beside: Path) -> None:
    """All parts as one file, made at `beside`, and there as a whole or not at all."""
    with open(beside, "wb") as joined:
        for part in parts:
            with open(part, "rb") as reading:
                shutil.copyfileobj(reading, joined)
        joined.flush()
        os.fsync(joined.fileno())
    os.replace(beside, target)
