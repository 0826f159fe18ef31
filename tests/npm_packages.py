"""Packages of npm that tests use, as the `package-lock.json` of a folder here says, installed once each."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

IN_CI = "FOLLOWCUE_CI"
PATIENCE = 180


def installed(name: str) -> Path:
    """The folder with the packages of `tests/NAME`; skips the test where there is no npm, but never in CI."""
    here = Path(__file__).parent / name
    lock = (here / "package-lock.json").read_bytes()
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "followcue-tests"
    folder = kept / f"{name}-{sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules").is_dir():
        if not (shutil.which("node") and shutil.which("npm")):
            _cannot("there is no Node.js with npm on this machine")
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(here / file, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
        if ended.returncode:
            _cannot(f"the packages cannot be installed: {ended.stderr[-300:]}")
    return folder


def _cannot(reason: str) -> None:
    if os.environ.get(IN_CI):
        pytest.fail(reason)
    pytest.skip(reason)
