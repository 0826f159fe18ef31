"""Slips of authors, each noticed once, where it stands, with the way out.

`cases/slips` has a pack of house plants, and `slips.yaml` what is written in it instead of something. A slip
that calls forth other answers besides its own counts as led astray.
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


def answers(slip: Slip, folder: Path) -> tuple[list[Diagnostic], range]:
    """All that is said of a slip, and the lines on which it stands."""
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    if slip.file == LAYER:
        kind = "rules" if slip.written.startswith(("rules", "disable")) else "vocabulary"
        (folder / "mine").mkdir()
        (folder / "mine" / f"{kind}.yaml").write_text(f"{slip.written}\n", "utf-8")
        with chdir(folder):
            return _checked("mine", rules=("plants",)), range(1, 2)
    path = folder / slip.file if slip.file == "situation.yaml" else folder / "plants" / slip.file
    text = path.read_text("utf-8")
    before, there, after = text.partition(slip.was)
    assert there, f"{slip.was!r} does not stand in {slip.file}"
    path.write_text(before + slip.written + after, "utf-8")
    first = before.count("\n") + 1
    lines = range(first, first + len(slip.written.rstrip("\n").split("\n")))
    with chdir(folder):
        return (_judged() if slip.file == "situation.yaml" else _checked("plants")), lines


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
    found, lines = answers(slip, folder)
    if not found:
        return "passes in silence"
    told = "; ".join(f"{d.where} {d.code}: {d.message} [{d.hint}]" for d in found)
    if len(found) > 1:
        return f"calls forth {len(found)}: {told}"
    (one,) = found
    if one.code != slip.code:
        return f"is {one.code}: {told}"
    if one.span is None or one.span.line not in lines:
        return f"is told elsewhere: {told}"
    return "" if slip.says in f"{one.message} {one.hint}" else f"does not say {slip.says!r}: {told}"


def test_the_pack_has_no_slip(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with chdir(tmp_path):
        assert _checked("plants") == []
        assert _judged() == []


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.name for slip in SLIPS])
def test_slip(slip: Slip, tmp_path: Path) -> None:
    assert verdict(slip, tmp_path) == ""
