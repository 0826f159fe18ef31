"""Slips of authors, each noticed once, where it stands, with the way out.

`cases/slips` has a pack of house plants, and `slips.yaml` what is written in it instead of something. A slip
that calls forth other answers besides its own counts as led astray; so does one that is pointed at outside of
the phrase in which it stands: what commas, brackets, quotes and lines divide.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from followcue.authoring.lint.check import check
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.working_days import calendar_of
from followcue.evaluation.pipeline import Options, load_pack
from followcue.language.documents.read import read_document

FOLDER = Path(__file__).parent / "cases" / "slips"
LAYER = "layer"


class Slip(NamedTuple):
    """What is written instead of what, in which file; the code of the answer, and what it says among else."""

    file: str
    was: str
    written: str
    code: str
    says: str

    @property
    def name(self) -> str:
        return f"{self.file}: {self.written.strip()}"


def slips() -> Iterator[Slip]:
    data: Any = read_document((FOLDER / "slips.yaml").read_bytes(), "slips.yaml").data
    for file, entries in data.items():
        for entry in entries:
            yield Slip(file, *([""] if file == LAYER else []), *entry)


SLIPS = list(slips())

POINTED_AT_BESIDE = (
    "- newest watered {date: $day}",  # the `:` makes a name of all that stands before it
    "value: 1 month",  # as good as the `4 days` beside it, at which it points
    "says: As always.",  # of the profiles as a whole, which begin before it
)
"""What is pointed at on its line, in a phrase beside that of the slip."""


class Answers(NamedTuple):
    """All that is said of a slip, and where it stands: its lines, or its place in the text of a file."""

    found: list[Diagnostic]
    lines: range
    text: str = ""
    changed: range = range(0)

    def points_at(self, one: Diagnostic) -> bool:
        """Whether an answer stands where the slip does."""
        if one.span is None or one.span.line not in self.lines:
            return False
        if not self.text:
            return True
        first, last = self.changed.start, self.changed.stop
        while first > 0 and self.text[first - 1] not in DIVIDES:
            first -= 1
        while last < len(self.text) and self.text[last] not in DIVIDES:
            last += 1
        start = sum(map(len, self.text.splitlines(keepends=True)[: one.span.line - 1])) + one.span.column - 1
        return start <= last + 1 and start + one.span.length >= first - 1


def alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


DIVIDES = ',{}[]\n"'


def answers(slip: Slip, folder: Path) -> Answers:
    """What is said of a slip."""
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    if slip.file == LAYER:
        kind = "rules" if slip.written.startswith(("rules", "disable")) else "vocabulary"
        (folder / "mine").mkdir()
        (folder / "mine" / f"{kind}.yaml").write_text(f"{slip.written}\n", "utf-8")
        with chdir(folder):
            return Answers(_checked("mine", rules=("plants",)), range(1, 2))
    path = folder / slip.file if slip.file == "situation.yaml" else folder / "plants" / slip.file
    text = path.read_text("utf-8")
    before, there, after = text.partition(slip.was)
    assert there, f"{slip.was!r} does not stand in {slip.file}"
    text = before + slip.written + after
    path.write_text(text, "utf-8")
    first = before.count("\n") + 1
    lines = range(first, first + len(slip.written.rstrip("\n").split("\n")))
    same = alike(slip.was, slip.written)
    tail = alike(slip.was[same:][::-1], slip.written[same:][::-1])
    changed = range(len(before) + same, len(before) + len(slip.written) - tail)
    with chdir(folder):
        found = _judged() if slip.file == "situation.yaml" else _checked("plants")
    return Answers(found, lines, text, changed)


def _checked(path: str, **more: Any) -> list[Diagnostic]:
    checked = check([path], **more)
    found = [*checked.mistakes, *(one.finding.diagnostic for one in checked.told)]
    # That no test exercises a rule any more is no wonder after a slip in it.
    return [one for one in found if one.code != "FC361"] or found


def _judged() -> list[Diagnostic]:
    try:
        loaded = load_pack("plants", cache=False)
        document = read_document(Path("situation.yaml").read_bytes(), "situation.yaml")
        calendar_of(loaded.read(document, Options()).parameters)
    except InvalidInput as error:
        return list(error.diagnostics)
    return []


def verdict(slip: Slip, folder: Path) -> str:
    """Nothing where the slip is noticed as it should be; else what is wrong with the answer."""
    found = (said := answers(slip, folder)).found
    if not found:
        return "passes in silence"
    told = "; ".join(f"{d.where} {d.code}: {d.message} [{d.hint}]" for d in found)
    if len(found) > 1:
        return f"calls forth {len(found)}: {told}"
    (one,) = found
    if one.code != slip.code:
        return f"is {one.code}: {told}"
    if not said.points_at(one) and slip.written not in POINTED_AT_BESIDE:
        return f"is told elsewhere: {told}"
    if one.hint is None and "must" not in one.message and "needs" not in one.message and one.code != "FC507":
        return f"shows no way out: {told}"
    return "" if slip.says in f"{one.message} {one.hint}" else f"does not say {slip.says!r}: {told}"


def test_the_pack_has_no_slip(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with chdir(tmp_path):
        assert _checked("plants") == []
        assert _judged() == []


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.name for slip in SLIPS])
def test_slip(slip: Slip, tmp_path: Path) -> None:
    assert verdict(slip, tmp_path) == ""


def test_the_page_says_how_many() -> None:
    page = (Path(__file__).parents[1] / "docs" / "checking.md").read_text("utf-8")
    for file, called in CALLED.items():
        own = [slip for slip in SLIPS if slip.file == file]
        beside = sum(slip.written in POINTED_AT_BESIDE for slip in own)
        assert f"| {called} | {len(own)} | {len(own)} | {len(own) - beside} | {len(own)} |\n" in page
    tried, beside = len(SLIPS), len(POINTED_AT_BESIDE)
    assert f"| **all** | **{tried}** | **{tried}** | **{tried - beside}** | **{tried}** |\n" in page


CALLED = {
    "rules.yaml": "rules",
    "vocabulary.yaml": "a vocabulary",
    "tests/plants.yaml": "tests",
    "situation.yaml": "a situation",
    LAYER: "a layer",
}
"""What the page calls the files."""
