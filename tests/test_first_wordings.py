"""Three packs as authors of other fields wanted to write them: loans, recall and visas, alerts of devices.

`first.yaml` beside them has what is not taken of that; each is told, at its place, how it is written here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from followcue import cli
from followcue.authoring.lint.check import check
from followcue.language.documents.read import read_document

FOLDER = Path(__file__).parent / "cases" / "first_wordings"
PACKS = ("loans", "recall", "triage")


class Wording(NamedTuple):
    """What was written first instead of what, in which file; the code of the answer, and the way out."""

    file: str
    now: str
    first: str
    code: str
    says: str


def wordings() -> Iterator[Wording]:
    data: Any = read_document((FOLDER / "first.yaml").read_bytes(), "first.yaml").data
    for file, entries in data.items():
        for entry in entries:
            yield Wording(file, *entry)


WORDINGS = list(wordings())


@pytest.mark.parametrize("pack", PACKS)
def test_what_they_wanted_to_write_gives_the_right_answers(pack: str) -> None:
    assert check([str(FOLDER / pack)], cache=False).problems == 0
    done = CliRunner().invoke(cli.main, ["test", str(FOLDER / pack), "--no-cache"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("wording", WORDINGS, ids=[one.first for one in WORDINGS])
def test_what_is_not_taken_is_told_how_it_is_written(wording: Wording, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    path = tmp_path / wording.file
    before, there, after = path.read_text("utf-8").partition(wording.now)
    assert there, wording.now
    path.write_text(before + wording.first + after, "utf-8")
    with chdir(tmp_path):
        checked = check([wording.file.partition("/")[0]], cache=False)
    found = [*checked.mistakes, *(one.finding.diagnostic for one in checked.told)]
    if not wording.code:
        assert found == []
        return
    told = [f"{one.where} {one.code}: {one.message} [{one.hint}]" for one in found]
    first = found[0]
    assert first.code == wording.code, told
    assert first.span is not None
    assert first.span.line == before.count("\n") + 1, told
    assert wording.says in f"{first.message} {first.hint}", told
