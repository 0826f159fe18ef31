"""The archives of a page, made by the Python that will read them: Pyodide, which Node.js runs here once."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import NamedTuple

from followcue.base.extras import Unavailable

VERSION = "314.0.7"
"""The version of Pyodide that pages are made and tested with."""

RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json")
"""The files of Pyodide that a page loads, besides Python's own library."""

LIBRARY = "python_stdlib.zip"
ENGINE = "engine.zip"

HOW_TO_GET_IT = f"""\
npm install --ignore-scripts pyodide@{VERSION}
followcue site -o site --pyodide node_modules/pyodide"""

_PATIENCE = 600
"""How long making the archives may take, in seconds."""


class FrozenEngine(NamedTuple):
    """The archive of the engine, and that of Python's own library, both as compiled modules."""

    engine: bytes
    library: bytes


class NotFrozen(Exception):
    """The archives could not be made; the message says what went wrong."""


def check_runtime(folder: str) -> None:
    """Raises `Unavailable` unless the folder holds Pyodide, and Node.js is there to run it."""
    missing = [name for name in (*RUNTIME, LIBRARY) if not os.path.isfile(os.path.join(folder, name))]
    if missing:
        raise Unavailable(
            f"{folder} does not hold Pyodide: `{missing[0]}` is missing; these two commands get and use it:\n"
            f"{HOW_TO_GET_IT}"
        )
    if which("node") is None:
        raise Unavailable(
            "a site needs Node.js to be made (https://nodejs.org); none of it goes into the site"
        )


def freeze(sources: Mapping[str, bytes], runtime: str) -> FrozenEngine:
    """What Pyodide makes of the files of an engine; raises `NotFrozen`."""
    here = files("followcue.doors.site")
    with TemporaryDirectory() as work:
        folder = Path(work)
        (folder / ENGINE).write_bytes(_archive(sources))
        for name in ("freeze.py", "freeze.mjs"):
            (folder / name).write_bytes((here / name).read_bytes())
        command = ["node", str(folder / "freeze.mjs"), runtime, work]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            raise NotFrozen(f"Pyodide took more than {_PATIENCE} seconds") from None
        if ran.returncode:
            raise NotFrozen(f"Pyodide failed over the engine:\n{ran.stderr.strip()[-2000:]}")
        return FrozenEngine((folder / ENGINE).read_bytes(), (folder / LIBRARY).read_bytes())


def _archive(content: Mapping[str, bytes]) -> bytes:
    """An archive that is read once and thrown away."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(content):
            archive.writestr(zipfile.ZipInfo(name), content[name])
    return made.getvalue()
