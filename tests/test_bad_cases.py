"""Every mistake that an author can make, one a case, with the exact words that the author reads.

A case is a file `cases/bad/AREA/MISTAKE.yaml` (or `.json`), or a folder `cases/bad/AREA/MISTAKE/` with one
file a layer, lowest first. `MISTAKE.expected` beside it holds what is printed. After a change run
`pytest --rebaseline` and read the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from followcue.base.diagnostic import InvalidInput
from followcue.base.shipped import data_folder
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.documents.schema_check import check_schema
from followcue.language.logic.compile_pack import Layer, compile_pack
from followcue.language.model.read_vocabulary import read_vocabulary
from shipped import shipped_vocabulary

FOLDER = Path(__file__).parent / "cases" / "bad"

Files = Mapping[str, bytes]


def read_source(files: Files) -> None:
    _documents(files)


def read_layers_of_vocabulary(files: Files) -> None:
    documents = _documents(files)
    problems = [problem for document in documents for problem in check_schema(document, "vocabulary")]
    if not problems:
        _, problems = read_vocabulary([[document] for document in documents])
    if problems:
        raise InvalidInput(problems)


def compile_rules(files: Files) -> None:
    vocabulary = data_folder("rules") / "interview-follow-up" / "vocabulary"
    shipped = {f"vocabulary/{file.name}": file.read_bytes() for file in vocabulary.iterdir()}
    base, *layers = (Layer(Path(name).stem, {name: content}) for name, content in files.items())
    compile_pack([Layer("base", {**shipped, **base.files}), *layers])


def read_situations(files: Files) -> None:
    for document in _documents(files):
        SituationReader(shipped_vocabulary()).read(document, today=lambda zone: date(2026, 11, 21))


AREAS: Mapping[str, Callable[[Files], None]] = {
    "source": read_source,
    "vocabulary": read_layers_of_vocabulary,
    "rules": compile_rules,
    "situation": read_situations,
}


def _documents(files: Files) -> list[Document]:
    return [read_document(content, name) for name, content in files.items()]


def cases() -> list[str]:
    paths = (path for area in AREAS for path in (FOLDER / area).glob("*"))
    return sorted(path.relative_to(FOLDER).as_posix() for path in paths if path.suffix != ".expected")


def files_of(case: Path) -> Files:
    """The files of a case by the name that messages show."""
    paths = sorted(case.iterdir()) if case.is_dir() else [case]
    return {path.relative_to(case.parent).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("case", cases())
def test_bad_case(case: str, request: pytest.FixtureRequest) -> None:
    path = FOLDER / case
    with pytest.raises(InvalidInput) as raised:
        AREAS[path.parent.name](files_of(path))
    said = f"{raised.value}\n"
    expected = path.with_suffix(".expected")
    if request.config.getoption("--rebaseline"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
    assert raised.value.diagnostics
