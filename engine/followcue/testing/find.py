"""Which test files there are: in given folders, in packs, or beside the shipped rules."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from followcue.base.shipped import data_folder
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document, read_file
from followcue.language.folders import SHIPPED_PACK

TESTS = "tests"
"""The folder of a pack that holds its tests."""

ENDING = ".yaml"


def find_tests(
    paths: Sequence[str], folders: Sequence[str] = (), packs: Sequence[str] = ()
) -> list[Document]:
    """The test files at `paths`; without any those of the packs and rule folders, or of the shipped pack.

    A path is a test file, or a folder of them, or a pack with such a folder. Raises `InvalidInput` for a file
    that cannot be read.
    """
    if paths:
        return [document for path in paths for document in _at(path)]
    if folders or packs:
        shipped = [document for pack in packs for document in _shipped(pack)]
        return shipped + [document for folder in folders for document in _inside(os.path.join(folder, TESTS))]
    return list(_shipped(SHIPPED_PACK))


def packs_among(paths: Sequence[str]) -> list[str]:
    """Those of the paths that are rule folders with tests of their own: it is their rules that are tested."""
    return [path for path in paths if os.path.isdir(os.path.join(path, TESTS))]


def _at(path: str) -> Iterator[Document]:
    if not os.path.isdir(path):
        yield read_file(path)
        return
    inside = os.path.join(path, TESTS)
    yield from _inside(inside if os.path.isdir(inside) else path)


def _inside(folder: str) -> Iterator[Document]:
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.endswith(ENDING) and not name.startswith("."):
            yield read_file(os.path.join(folder, name))


def _shipped(pack: str) -> Iterator[Document]:
    folder = data_folder("rules") / pack / TESTS
    files = [file for file in folder.iterdir() if file.name.endswith(ENDING)] if folder.is_dir() else []
    for file in sorted(files, key=lambda file: file.name):
        yield read_document(file.read_bytes(), f"rules/{pack}/{TESTS}/{file.name}")
