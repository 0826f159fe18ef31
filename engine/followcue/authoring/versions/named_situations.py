"""The situations that two packs are asked about: in files, of the tests, made up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.situation.situation import Situation
from followcue.language.documents.decode import MAX_SIZE
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document, read_file
from followcue.synthesis.plain_data import plain
from followcue.synthesis.sampling.situations import situations
from followcue.testing.scenario import Scenario
from followcue.testing.suite import read_suite

ENDINGS = (".yaml", ".yml", ".json")
LINES = ".jsonl"
"""The ending of files with a situation on each line."""


@dataclass(frozen=True, slots=True)
class NamedSituation:
    """A situation under a name; `as_of` wins over its own day. `made_up` ones stand in no file."""

    name: str
    document: Document = field(repr=False)
    as_of: date | None = None
    made_up: bool = False

    def read(self, pack: LoadedPack) -> Situation:
        """The situation as this pack reads it; raises `InvalidInput`, also where it has no day."""
        return pack.reader.read(self.document, as_of=self.as_of, today=self._no_day)

    def _no_day(self, zone: str | None) -> date:
        message = "this situation does not say which day it is"
        hint = "write `as_of:` into it, or give --as-of"
        raise InvalidInput([self.document.problem("FC820", message, (), hint=hint)])


def in_folder(folder: str, tests_of: LoadedPack, as_of: date | None = None) -> Iterator[NamedSituation]:
    """The situations in all files of a folder and the folders in it, by name, one file after the other.

    Test files give the situations of their tests. Raises `InvalidInput` where there are none.
    """
    found = False
    for path in _files(folder):
        for asked in _in_file(path, tests_of, as_of):
            found = True
            yield asked
    if not found:
        raise nothing_in(folder)


def nothing_in(folder: str) -> InvalidInput:
    """That a folder has no situations, neither in files of their own nor in tests."""
    hint = "give a folder of situation files with --situations, or let some be made up with --generated"
    return InvalidInput([Diagnostic("FC821", "there are no situations here", place=folder, hint=hint)])


def of_tests(scenarios: Iterable[Scenario], as_of: date | None = None) -> Iterator[NamedSituation]:
    """The situations of tests, under the places of their checks."""
    for scenario in scenarios:
        for check in scenario.checks:
            data = plain(check.situation)
            span = check.where.span
            place = f"{span.file}:{span.line}" if span else scenario.file
            yield NamedSituation(f"{place} on {data['as_of']}", Document.of(data), as_of)


def made_up(old: LoadedPack, new: LoadedPack, count: int, seed: int) -> Iterator[NamedSituation]:
    """So many situations in which the rules of one of the two packs have something to say."""
    # Of one seed two packs that differ in little would mostly make the same.
    sources = (situations(new, seed), situations(old, ~seed))
    for number in range(count):
        (data,) = islice(sources[number % 2], 1)
        yield NamedSituation(f"made up {number + 1} (seed {seed})", Document.of(data), made_up=True)


def distinct(asked: Iterable[NamedSituation]) -> Iterator[NamedSituation]:
    """Each situation once, under its first name; of what was seen only a short mark is kept."""
    seen: set[int] = set()
    for one in asked:
        mark = hash((repr(one.document.data), one.as_of))
        if mark not in seen:
            seen.add(mark)
            yield one


def _files(folder: str) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(where, name)
            # A pipe would be waited for.
            if name.endswith((*ENDINGS, LINES)) and not name.startswith(".") and os.path.isfile(path):
                yield path


def _in_file(path: str, tests_of: LoadedPack, as_of: date | None) -> Iterator[NamedSituation]:
    if path.endswith(LINES):
        yield from _on_lines(path, as_of)
        return
    document = read_file(path)
    data: Any = document.data
    if isinstance(data, Mapping) and "tests" in data:
        yield from of_tests(read_suite([document], tests_of), as_of)
    else:
        yield NamedSituation(path, document, as_of)


def _on_lines(path: str, as_of: date | None) -> Iterator[NamedSituation]:
    try:
        with open(path, "rb") as file:
            number = 0
            while line := file.readline(MAX_SIZE + 1):
                number += 1
                if line.strip():
                    name = f"{path}:{number}"
                    yield NamedSituation(name, read_document(line, name), as_of)
    except OSError as error:
        message = f"this cannot be read: {error.strerror or error}"
        raise InvalidInput([Diagnostic("FC101", message, place=path)]) from None
