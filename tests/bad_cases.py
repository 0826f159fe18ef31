"""How the mistakes of an author are found, an area each: what `cases/bad/AREA` is given to.

Needs nothing but the engine, so that any Python may do it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from followcue.base.diagnostic import InvalidInput
from followcue.base.shipped import data_folder
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.documents.schema_check import check_schema
from followcue.language.logic.compile_pack import Layer, compile_pack
from followcue.language.model.read_vocabulary import read_vocabulary
from followcue.language.model.vocabulary import Vocabulary

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
        _shipped_reader().read(document, today=lambda zone: date(2026, 11, 21))


AREAS: Mapping[str, Callable[[Files], None]] = {
    "source": read_source,
    "vocabulary": read_layers_of_vocabulary,
    "rules": compile_rules,
    "situation": read_situations,
}


def _documents(files: Files) -> list[Document]:
    return [read_document(content, name) for name, content in files.items()]


@cache
def _shipped_reader() -> SituationReader:
    return SituationReader(_shipped_vocabulary())


@cache
def _shipped_vocabulary() -> Vocabulary:
    folder = data_folder("rules") / "interview-follow-up" / "vocabulary"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    read, problems = read_vocabulary([[read_document(file.read_bytes(), file.name) for file in files]])
    assert read is not None, "\n".join(map(str, problems))
    return read


def mistakes(area: str, files: Files) -> str:
    """What an author reads; empty where nothing is wrong."""
    try:
        AREAS[area](files)
    except InvalidInput as problem:
        return str(problem)
    return ""


def cases() -> list[str]:
    paths = (path for area in AREAS for path in (FOLDER / area).glob("*"))
    return sorted(path.relative_to(FOLDER).as_posix() for path in paths if path.suffix != ".expected")


def files_of(case: Path) -> Files:
    """The files of a case by the name that messages show."""
    paths = sorted(case.iterdir()) if case.is_dir() else [case]
    return {path.relative_to(case.parent).as_posix(): path.read_bytes() for path in paths}
