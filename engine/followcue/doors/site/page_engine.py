"""The engine in a page: what the worker calls, by the Python that runs in the browser.

Its files lie in memory, as those of `followcue open` lie on the disk: the folder `/home/pyodide/site` holds
the rule folders and the examples that the site was made with, and the cache holds their packs, made ready.
Nothing is read from anywhere else, and nothing is written.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from followcue.assistant.draft.message_files import folders_with_rules
from followcue.base.cache import entries, write_entry
from followcue.doors.example_files import EXAMPLES
from followcue.evaluation.pipeline import key_of_pack
from followcue.language.documents.checked import checked_document
from followcue.language.folders import RuleFolder, read_folder
from followcue.session.author_desk import STREAMED
from followcue.session.desk import Desk, DeskRefusal
from followcue.session.pack_texts import files_in

SITE = "site/"
"""What lies in the archive under this is what the site was made with."""

KEPT = "kept/"
"""What lies in the archive under this goes to the cache, under the key of the pack and what the name adds."""

PLAN = "site.json"
"""The file in it that says what is what."""


class SitePlan(NamedTuple):
    """What a site is made of: folders of rules and packs as commands take them, and the names of examples.

    The first example is what the page begins with.
    """

    rules: tuple[str, ...]
    packs: tuple[str, ...]
    examples: tuple[str, ...]

    def folders(self) -> tuple[RuleFolder, ...]:
        """The rules in the folders; raises `InvalidInput` where there are none."""
        return tuple(read_folder(folder) for folder in folders_with_rules(self.rules))

    def key(self) -> bytes:
        """What the cache keeps the pack under."""
        return key_of_pack(self.folders(), packs=self.packs)


def unpack(archive: str) -> SitePlan:
    """Put the files of the archive where the engine looks for them; says what it was made of."""
    home = os.path.expanduser("~")
    with zipfile.ZipFile(archive) as found:
        for name in found.namelist():
            if name.startswith(SITE):
                path = os.path.join(home, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(found.read(name))
        os.chdir(os.path.join(home, SITE))
        with open(PLAN, encoding="utf-8") as file:
            plan = json.load(file)
        made_of = SitePlan(*(tuple(plan[name]) for name in SitePlan._fields))
        key = made_of.key()
        for name in found.namelist():
            if name.startswith(KEPT):
                write_entry(key + name.removeprefix(KEPT).encode(), found.read(name))
    return made_of


class PageEngine:
    """Answers the questions of a page, as JSON text."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def kept(self) -> dict[str, bytes]:
        """All that the cache keeps of the rules, by what its keys add to the pack's."""
        rules = self._desk.rules()
        rules.make_ready()
        key = rules.cache_key or b""
        return {
            found.removeprefix(key).decode(): payload for found, payload in entries() if found.startswith(key)
        }

    def rehearse(self) -> None:
        """Ask what people usually ask, so that all that it needs has been imported."""
        desk = self._desk
        for name in desk.settings.examples:
            texts = {"texts": {desk.situation.id: desk.settings.examples[name].text}}
            cards = desk.answer("advice", texts)["cards"]
            for method in ("start", "days", "wanted", "happened"):
                desk.answer(method, texts)
            for card in cards[:1]:
                for method in ("why", "draft", "skip"):
                    with suppress(DeskRefusal):  # not every step has a message
                        desk.answer(method, {**texts, "id": card["id"]})
        rules = [file for file in desk.files.values() if file.kind == "rules"]
        for file in rules[:1]:
            edited = {"texts": {file.id: f"{file.text}\n"}, "file": file.id, "line": 5, "column": 5}
            for method in ("advice", "check", "complete", "hover", "rule_at", "rules"):
                with suppress(DeskRefusal):  # nothing needs to stand at that place
                    desk.answer(method, edited)

    def ahead(self) -> Iterator[None]:
        """Do what the first edit of a rule needs, a piece at a time, for a worker that nobody asks anything.

        The rules came made ready, so that none of their files has been read in this page yet.
        """
        for name, content, kind in files_in(self._desk.texts.layers()):
            checked_document(content, name, kind)
            yield
        self.answer("check", "{}")

    def streams(self, method: str) -> bool:
        """Whether a method answers line by line."""
        return method in STREAMED

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
    """What is posted back. Nothing that goes wrong may end the worker: who asks is to hear of it."""
    try:
        said = ask()
    except DeskRefusal as refusal:
        said = {"diagnostics": refusal.answer["diagnostics"]}
    except RecursionError:
        said = {"failed": "This is nested too deeply for a browser."}
    except Exception as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        said = {
            "failed": f"The engine failed over this ({type(problem).__name__}). Nothing of yours is lost."
        }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def begin(archive: str) -> PageEngine:
    """The engine over what the archive holds."""
    from followcue.doors.site.site_desk import desk_of

    plan = unpack(archive)
    examples = {}
    for name in plan.examples:
        with open(f"{EXAMPLES}/{name}.yaml", encoding="utf-8") as file:
            examples[name] = file.read()
    return PageEngine(desk_of(plan, examples))
