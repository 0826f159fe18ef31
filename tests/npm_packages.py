"""Packages of npm that tests use, as the `package-lock.json` of a folder here says, installed once each."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

IN_CI = "FOLLOWCUE_CI"
PATIENCE = 180


def installed(name: str, patience: int = PATIENCE) -> Path:
    """The folder with the packages of `tests/NAME`; skips the test where there is no npm, but never in CI.

    `patience` are the seconds that the first time may take.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        cannot("there is no Node.js with npm on this machine")
    here = Path(__file__).parent / name
    lock = (here / "package-lock.json").read_bytes()
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "followcue-tests"
    folder = kept / f"{name}-{sha256(lock).hexdigest()[:16]}"
    whole = folder / "complete"  # what was broken off is begun again
    if not whole.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(here / file, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=patience)
        if ended.returncode:
            cannot(f"the packages cannot be installed: {ended.stderr[-300:]}")
        whole.touch()
    return folder


def cannot(reason: str) -> NoReturn:
    """Leave the tests out, but never where all of them are to run."""
    if os.environ.get(IN_CI):
        pytest.fail(reason)
    pytest.skip(reason)
