"""Pages looked at in a real browser, or a reason why they cannot be.

The programs that do it are installed from their registry as `package-lock.json` in `tests/browser/` says,
once for each content of that file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from npm_packages import PATIENCE, cannot, installed

HERE = Path(__file__).parent / "browser"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def looked_at(looks: list[dict[str, Any]], *flags: str) -> list[dict[str, Any]]:
    """What each look found; skips the test where no browser is installed, but never in CI."""
    return _run("look.cjs", {"looks": looks, "flags": flags})


def acted(module: str, address: str, acts: list[dict[str, Any]]) -> list[Any]:
    """What came of each act on a page that is served at an address.

    An act is `{"do": name, "width": …, "scheme": …, …}`: a function of `tests/browser/MODULE.cjs` gets a page
    of that size, which has opened the address, and the act itself; what it gives back is the result.
    """
    return _run("act.cjs", {"module": module, "address": address, "acts": acts})


def busy() -> float:
    """How many times as much there is to do as this machine can do at once, at least 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


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
    """A folder with the programs, kept between runs, and our scripts as they are now."""
    folder = installed("browser")
    for script in HERE.glob("*.cjs"):
        shutil.copy(script, folder)
    return folder
