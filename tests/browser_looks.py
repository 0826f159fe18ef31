"""Pages looked at in a real browser, or a reason why they cannot be.

The programs that do it are installed from their registry as `package-lock.json` in `tests/browser/` says,
once for each content of that file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "browser"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
IN_CI = "FOLLOWCUE_CI"
PATIENCE = 180


def looked_at(looks: list[dict[str, Any]], *flags: str) -> list[dict[str, Any]]:
    """What each look found; skips the test where no browser is installed, but never in CI."""
    return _run("look.cjs", {"looks": looks, "flags": flags})


def acted(module: str, address: str, acts: list[dict[str, Any]]) -> list[Any]:
    """What came of each act on a page that is served at an address.

    An act is `{"do": name, "width": …, "scheme": …, …}`: a function of `tests/browser/MODULE.cjs` gets a page
    of that size, which has opened the address, and the act itself; what it gives back is the result.
    """
    return _run("act.cjs", {"module": module, "address": address, "acts": acts})


def _run(script: str, asked: dict[str, Any]) -> list[Any]:
    """What a script of `tests/browser/` answers; skips the test where no browser is installed."""
    run = subprocess.run(
        ["node", script],
        cwd=_installed(),
        input=json.dumps({"browser": _browser(), **asked}, default=os.fspath),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 0, run.stderr
    results: list[Any] = json.loads(run.stdout)
    return results


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or cannot("there is no Chromium on this machine")


def _installed() -> Path:
    """A folder with the programs, kept between runs."""
    if not (shutil.which("node") and shutil.which("npm")):
        cannot("there is no Node.js with npm on this machine")
    lock = (HERE / "package-lock.json").read_bytes()
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "followcue-tests"
    folder = kept / f"browser-{sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules" / "playwright-core").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
        if run.returncode:
            cannot(f"the browser's programs cannot be installed: {run.stderr[-300:]}")
    for script in HERE.glob("*.cjs"):
        shutil.copy(script, folder)
    return folder


def cannot(reason: str) -> Any:
    """Leave the tests out, but never where all of them are to run."""
    if os.environ.get(IN_CI):
        pytest.fail(reason)
    pytest.skip(reason)
