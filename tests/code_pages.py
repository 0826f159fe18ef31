"""The pages about codes, with their examples: what each example is a part of, and what comes of it."""

from __future__ import annotations

import os
import re
from contextlib import chdir
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fenced import Block, blocks
from followcue.authoring.lint.check import Checked, check
from followcue.authoring.lint.forms import human
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.pipeline import load_pack
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.language.documents.read import read_document

FOLDER = Path(__file__).parent.parent / "docs" / "codes"
LANGUAGE = Path(__file__).parent.parent / "docs" / "language.md"
PAGES = sorted(FOLDER.glob("FC*.md"))

_FILE = re.compile(r"^# ([a-z/_-]+\.(?:yaml|txt\.j2))$", re.M)


@dataclass(frozen=True)
class Page:
    """One page: its code, and its blocks by label; those without an example that can be run have others."""

    code: str
    blocks: dict[str, tuple[int, Block]]

    @classmethod
    def of(cls, path: Path) -> Page:
        found = {block.label: (number, block) for number, block in enumerate(blocks(path))}
        return cls(path.stem, found)

    def text(self, label: str) -> str | None:
        return self.blocks[label][1].text if label in self.blocks else None


def runs(code: str) -> bool:
    """Whether the examples of a code are rules, words, tests or situations; those of commands are not."""
    return code < "FC520" or "FC600" < code < "FC609" or "FC800" < code < "FC809" or code == "FC614"


def library() -> str:
    """The vocabulary of the language page."""
    return next(block.text for block in blocks(LANGUAGE) if block.label == "yaml vocabulary")


def files_of(text: str) -> dict[str, str]:
    """The files of an example: named by comments, or one the name of which follows from its keys."""
    parts = _FILE.split(text)
    if len(parts) > 1:
        return {name: body.lstrip("\n") for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    try:
        data = read_document(text, "example").data
    except InvalidInput:
        return {"rules.yaml": text}
    keys = set(data) if isinstance(data, dict) else set()
    if keys & {"rules", "tables", "disable"}:
        return {"rules.yaml": text}
    if keys & {"tests"}:
        return {"tests/tests.yaml": text}
    if keys & {"as_of", "loans", "params", "profile", "timezone"}:
        return {"situation.yaml": text}
    return {"vocabulary/mine.yaml": text}


def write(text: str, folder: Path, *, below: str | None = None) -> Path:
    """Write an example as a pack about the library; with `below`, as a layer on one that has these rules."""
    pack = folder / "library"
    pack.mkdir(parents=True)
    (pack / "vocabulary.yaml").write_text(library(), "utf-8")
    own = pack
    if below is not None:
        (pack / "rules.yaml").write_text(below, "utf-8")
        own = folder / "mine"
        own.mkdir()
    for name, content in files_of(text).items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(content, "utf-8")
    return own


def checked(text: str, folder: Path, *, below: str | None = None) -> Checked:
    """What `followcue check` finds in an example."""
    own = write(text, folder, below=below)
    with chdir(folder):
        if below is not None:
            return check(["library", "mine"])
        return check([own.name])


def said(text: str, code: str, folder: Path, *, below: str | None = None) -> str:
    """What is told of that code, and nothing else."""
    found = checked(text, folder, below=below)
    mistakes = tuple(problem for problem in found.mistakes if problem.code == code)
    told = tuple(
        one for one in found.told if one.finding.diagnostic.code == code and _own(one.finding.diagnostic)
    )
    return human(found._replace(mistakes=mistakes, told=told)).rpartition("\n")[0].rpartition("\n")[0] + "\n"


def codes_in(text: str, folder: Path, *, below: str | None = None) -> set[str]:
    """The codes of all that is found in an example, be it of a pack or of a situation."""
    return {problem.code for problem in problems(text, folder, below=below)}


def problems(text: str, folder: Path, *, below: str | None = None) -> list[Diagnostic]:
    files = files_of(text)
    if "situation.yaml" in files:
        return _situation_problems(files["situation.yaml"], folder)
    found = checked(text, folder, below=below)
    lints = (told.finding.diagnostic for told in found.told)
    return [*found.mistakes, *(problem for problem in lints if _own(problem))]


def _own(problem: Diagnostic) -> bool:
    """Whether a problem stands in the example, and not in the vocabulary that it speaks."""
    return problem.span is None or problem.span.file != "library/vocabulary.yaml"


def _situation_problems(text: str, folder: Path) -> list[Diagnostic]:
    pack = write("rules: {}\n", folder)
    reader = SituationReader(load_pack(os.fspath(pack), cache=False).pack.vocabulary)
    try:
        reader.read(read_document(text, "situation.yaml"), today=lambda zone: date(2026, 3, 20))
    except InvalidInput as error:
        return list(error.diagnostics)
    return []
