"""The texts that lie on a desk, each under an id that says nothing of where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic
from followcue.session.text_kind import TextKind

NO_FILE = ""
"""The revision of a file that is not there."""


class DeskFile(NamedTuple):
    """A text: `name` is what messages call it, `pack` the folder of rules that it belongs to.

    `is_new`: there is no file yet, and the first saving makes it. `shipped` texts come with the program; they
    are given when they are asked for.
    """

    id: str
    name: str
    kind: TextKind
    text: str
    pack: str | None = None
    may_save: bool = False
    is_new: bool = False
    shipped: bool = False

    @property
    def revision(self) -> str:
        """What tells the text from any other that the file may hold; empty where there is no file."""
        return NO_FILE if self.is_new else revision_of(self.text)

    def to_dict(self, *, whole: bool = False) -> dict[str, Any]:
        """The file as JSON data; the text of a shipped one only if it is to be `whole`."""
        text = self.text if whole or not self.shipped else None
        return {**self._asdict(), "text": text, "revision": self.revision}


class SituationExample(NamedTuple):
    """A situation to look at: what it shows, in a sentence or two, and its text."""

    name: str
    title: str
    about: str
    text: str


def revision_of(text: str | bytes) -> str:
    """What tells a text from any other that its file may hold."""
    return sha256(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")).hexdigest()


def example_of(name: str, text: str) -> SituationExample:
    """The example in a text, which its first lines tell about."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        said = line.removeprefix("#")
        if said.startswith("   "):  # a command to type, or the end of what is told
            break
        if not said.lstrip().startswith("yaml-language-server:"):
            lines.append(said.strip())
    title = name.replace("-", " ").capitalize()
    return SituationExample(name, title, " ".join(filter(None, lines)), text)


def diagnostic_data(problem: Diagnostic, files: Mapping[str, DeskFile]) -> dict[str, Any]:
    """A mistake as JSON data; its file by the id that it has on the desk, None for a file elsewhere."""
    span = problem.span
    ids = [file.id for file in files.values() if span and file.name == span.file]
    return {
        "code": problem.code,
        "message": problem.message,
        "hint": str(problem.hint) if problem.hint else None,
        "note": "\n".join(f"{where}: {said}" for said, where in problem.related) or None,
        "file": ids[0] if ids else None,
        "where": problem.where,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.line if span else None,
        "end_column": span.column + span.length if span else None,
        "fix": None,
        "severity": "mistake",
    }


def all_data(problems: Sequence[Diagnostic], files: Mapping[str, DeskFile]) -> list[dict[str, Any]]:
    """The same of several."""
    return [diagnostic_data(problem, files) for problem in problems]
