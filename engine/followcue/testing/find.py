"""Which test files there are: in given folders, in packs, or beside the shipped rules."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.shipped import data_folder
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_content, read_document, read_file
from followcue.language.folders import SHIPPED_PACK, VOCABULARY, has_other_ending, read_folder
from followcue.language.stacking import stacked, stands_alone

TESTS = "tests"
"""The folder of a pack that holds its tests."""

ENDING = ".yaml"

_RULES = re.compile(rb"^(?:(?:rules|tables) *:(?!\s*[-\[])|disable *:)", re.MULTILINE)
"""What stands at the top of a file of rules, also of one that cannot be read; a list is another program's."""


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
    """The folders of rules that tests at `paths` are run on: `rules`, and the packs that the tests are of.

    Layers among these lie on `rules`; of a pack that needs no others, as `rules` are one, only the tests are
    meant. Raises `InvalidInput` where a vocabulary cannot be read.
    """
    of_paths = [pack for path in paths if (pack := pack_of(path)) is not None]
    if rules and stands_alone(read_folder(rules[0])):
        own = stacked((), rules)
        of_paths = [path for path in of_paths if path in own or not stands_alone(read_folder(path))]
    return stacked(of_paths, rules)


def pack_of(path: str) -> str | None:
    """The folder of rules that the tests at a path are of: that folder, or the one around its folder `tests`.

    None where these are no rules, as tests may stand anywhere.
    """
    if os.path.isdir(path) and _is_pack(path):
        return path
    folder = path if os.path.isdir(path) else os.path.dirname(path) or os.curdir
    around = os.path.normpath(os.path.join(folder, os.pardir))
    return around if os.path.basename(os.path.abspath(folder)) == TESTS and _has_rules(around) else None


def _is_pack(folder: str) -> bool:
    """Whether a folder is a pack or a layer, and no folder of tests itself."""
    return os.path.isdir(os.path.join(folder, TESTS)) or _has_rules(folder)


def _has_rules(folder: str) -> bool:
    """Whether words or rules stand in a folder."""
    return os.path.isdir(os.path.join(folder, VOCABULARY)) or any(
        name == VOCABULARY + ENDING or _RULES.search(read_content(os.path.join(folder, name)))
        for name in sorted(os.listdir(folder))
        if name.endswith(ENDING) and not name.startswith(".") and os.path.isfile(os.path.join(folder, name))
    )


def _at(path: str) -> Iterator[Document]:
    if not os.path.isdir(path):
        yield read_file(path)
        return
    yield from _inside(os.path.join(path, TESTS) if _is_pack(path) else path)


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
