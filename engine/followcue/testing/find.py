"""Which test files there are: in given folders, in packs, or beside the shipped rules."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.shipped import data_folder
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document, read_file
from followcue.language.folders import SHIPPED_PACK, has_other_ending, read_folder
from followcue.language.stacking import stands_alone

TESTS = "tests"
"""The folder of a pack that holds its tests."""

ENDING = ".yaml"


def find_tests(
    paths: Sequence[str], folders: Sequence[str] = (), packs: Sequence[str] = ()
) -> list[Document]:
    """The test files at `paths`; without any those of the packs and rule folders, or of the shipped pack.

    A path is a test file, or a folder of them, or a pack with such a folder. Raises `InvalidInput` for a file
    that cannot be read, and for tests that nobody would run: in a folder within, or of another ending.
    """
    if paths:
        return [document for path in paths for document in _at(path)]
    if folders or packs:
        shipped = [document for pack in packs for document in _shipped(pack)]
        return shipped + [document for folder in folders for document in _inside(os.path.join(folder, TESTS))]
    return list(_shipped(SHIPPED_PACK))


def rules_to_test(paths: Sequence[str], rules: Sequence[str]) -> list[str]:
    """The folders of rules that tests at `paths` are run on: `rules`, and those of the paths that have tests.

    A layer among the paths lies on `rules`; of a pack among them only the tests are meant then, as its rules
    need no others. Raises `InvalidInput` where a vocabulary cannot be read.
    """
    with_tests = [path for path in paths if os.path.isdir(os.path.join(path, TESTS))]
    if not rules:
        return with_tests
    there = {os.path.realpath(folder) for folder in rules}
    others = [path for path in with_tests if os.path.realpath(path) not in there]
    return [*rules, *(path for path in others if not stands_alone(read_folder(path)))]


def _at(path: str) -> Iterator[Document]:
    if not os.path.isdir(path):
        yield read_file(path)
        return
    inside = os.path.join(path, TESTS)
    yield from _inside(inside if os.path.isdir(inside) else path)


def _inside(folder: str) -> Iterator[Document]:
    passed_over = list(_passed_over(folder))
    if passed_over:
        raise InvalidInput(passed_over)
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.endswith(ENDING) and not name.startswith("."):
            yield read_file(os.path.join(folder, name))


def _passed_over(folder: str) -> Iterator[Diagnostic]:
    """One mistake for each file of tests that would not be run; situations may stand anywhere."""
    for within, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(within, name)
            if has_other_ending(name) and _holds_tests(path):
                yield Diagnostic("FC101", f"the names of test files end in `{ENDING}`", place=path)
            elif within != folder and name.endswith(ENDING) and _holds_tests(path):
                message = f"tests stand right inside the folder `{TESTS}`, not in folders within it"
                yield Diagnostic("FC101", message, place=path)


def _holds_tests(path: str) -> bool:
    """Whether a file is one of tests, as far as it can be read."""
    try:
        data = read_file(path).data
    except InvalidInput:
        return True
    return isinstance(data, dict) and "tests" in data


def _shipped(pack: str) -> Iterator[Document]:
    folder = data_folder("rules") / pack / TESTS
    files = [file for file in folder.iterdir() if file.name.endswith(ENDING)] if folder.is_dir() else []
    for file in sorted(files, key=lambda file: file.name):
        yield read_document(file.read_bytes(), f"rules/{pack}/{TESTS}/{file.name}")
