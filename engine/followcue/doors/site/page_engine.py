"""The engine in a page: what the worker calls, by the Python that runs in the browser.

Its files lie in memory, as those of `followcue open` lie on the disk: the folder `/home/pyodide/site` holds the
rule folders and the examples that the site was made with, and the cache holds their packs, made ready. Nothing
here is read from anywhere else, and nothing is written.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from followcue.session.desk import STREAMS, Desk, DeskRefusal

HOME = "home/"
"""What lies in the archive under this goes to the home of the page's Python."""

SITE = "site"
"""The folder there that holds what the site was made with."""

PLAN = "site.json"
"""The file in it that says what is what."""


class SitePlan(NamedTuple):
    """What a site is made of: folders of rules and packs as commands take them, and files of examples.

    The first example is what the page begins with.
    """

    rules: tuple[str, ...]
    packs: tuple[str, ...]
    examples: tuple[str, ...]


def unpack(archive: str) -> SitePlan:
    """Put the files of the archive where the engine looks for them; says what it was made of."""
    home = os.path.expanduser("~")
    # What others may write, the cache would not believe.
    os.umask(0o077)
    with zipfile.ZipFile(archive) as found:
        for name in found.namelist():
            if name.startswith(HOME):
                path = os.path.join(home, name.removeprefix(HOME))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(found.read(name))
    os.chdir(os.path.join(home, SITE))
    with open(PLAN, encoding="utf-8") as file:
        plan = json.load(file)
    return SitePlan(*(tuple(plan[name]) for name in SitePlan._fields))


class PageEngine:
    """Answers the questions of a page, as JSON text."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def make_ready(self) -> None:
        """Make all that the cache keeps of the rules."""
        self._desk.rules().make_ready()

    def streams(self, method: str) -> bool:
        """Whether a method answers line by line."""
        return method in STREAMS

    def answer(self, method: str, params: str) -> str:
        """What the worker posts back for a question: `answer`, `diagnostics`, or `failed`."""
        return _said(lambda: {"answer": self._desk.answer(method, json.loads(params))})

    def lines(self, method: str, params: str) -> Iterator[str]:
        """The same for one that answers line by line, `line` after `line`, and `done` at the end."""
        lines = self._desk.lines(method, json.loads(params))

        def next_line() -> dict[str, Any]:
            line = next(lines, None)
            return {"done": True} if line is None else {"line": line}

        goes_on = True
        while goes_on:
            said = _said(next_line)
            goes_on = said.startswith('{"line"')
            yield said


def _said(ask: Callable[[], dict[str, Any]]) -> str:
    """What is posted back. Nothing that goes wrong may end the worker: a page that stops answering says nothing."""
    try:
        said = ask()
    except DeskRefusal as refusal:
        said = {"diagnostics": refusal.answer["diagnostics"]}
    except RecursionError:
        said = {"failed": "This is nested too deeply for a browser."}
    except Exception as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        said = {"failed": f"The engine failed over this ({type(problem).__name__}). Nothing of yours is lost."}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def begin(archive: str) -> PageEngine:
    """The engine over what the archive holds."""
    from followcue.doors.site.site_desk import desk_of

    return PageEngine(desk_of(unpack(archive)))
