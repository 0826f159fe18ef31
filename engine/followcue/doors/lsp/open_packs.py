"""The files that an editor has open, each with the state of the pack that it belongs to."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.doors.lsp.pack_folders import PackFolders, path_of
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.folders import UnknownPack
from followcue.session.author import offers_in
from followcue.session.completion import Offer
from followcue.session.name_index import NameIndex, NamePlace, index_document
from followcue.session.pack_bench import PackBench
from followcue.session.pack_state import PackState
from followcue.session.text_kind import TextKind, is_situation, may_be_ours, text_kind


class OpenText(NamedTuple):
    """An open file of followcue: its kind, and the pack that it is judged by, None for that of all others."""

    path: str
    text: str
    kind: TextKind
    pack: str | None

    def document(self) -> Document | None:
        """What the text holds; None where it cannot be read."""
        return _read(self.text, self.path)


class OpenPacks:
    """The states of the packs that open files belong to; `open_texts` gives these by path."""

    def __init__(
        self, folders: PackFolders, open_texts: Callable[[], Mapping[str, str]], today: Clock
    ) -> None:
        self._folders = folders
        self._open_texts = open_texts
        self._today = today
        self._states: dict[str | None, PackState] = {}
        self._benches: dict[str | None, PackBench] = {}

    def opened(self, path: str) -> OpenText | None:
        """What a file is; None if it is not open, or none of followcue's."""
        text = self._open_texts().get(path)
        if text is None or not may_be_ours(path):
            return None
        kind = text_kind(path, text)
        pack = self._folders.pack_of(path, kind)
        if kind is None and pack == os.path.dirname(path):
            kind = "rules"  # whatever it says, it stands among them
        if kind is None:
            state = self.state_or_none(pack)
            names = state.names if state else None
            if names is None or not is_situation(path, text, names.vocabulary):
                return None
            kind = "situation"
        return OpenText(path, text, kind, pack)

    def state(self, pack: str | None) -> PackState:
        """The state of a pack with the texts of now; raises `InvalidInput` and `UnknownPack`."""
        texts = self._folders.texts(pack).under(self._open_texts())
        before = self._states.get(pack)
        state = before.with_texts(texts) if before else PackState(texts)
        self._states[pack] = state
        return state

    def state_or_none(self, pack: str | None) -> PackState | None:
        """The same; None where its folders cannot be read, which `problems` tells."""
        try:
            return self.state(pack)
        except (InvalidInput, UnknownPack):
            return None

    # --- mistakes
    def problems(self) -> dict[str, list[Diagnostic]]:
        """Every mistake by the path of its file; an open file without any has an empty list."""
        found: dict[str, list[Diagnostic]] = {}
        opened = [one for path in self._open_texts() if (one := self.opened(path)) is not None]
        for one in opened:
            found[one.path] = []
        packs: defaultdict[str | None, list[OpenText]] = defaultdict(list)
        for one in opened:
            packs[one.pack].append(one)
        for pack, texts in packs.items():
            for path, problem in self._problems_of(pack, texts):
                found.setdefault(path, []).append(problem)
        return {path: list(dict.fromkeys(problems)) for path, problems in found.items()}

    def _problems_of(self, pack: str | None, texts: Iterable[OpenText]) -> Iterator[tuple[str, Diagnostic]]:
        first, *_ = texts
        try:
            state = self.state(pack)
        except InvalidInput as error:
            yield from ((self._told_in(problem, first), problem) for problem in error.diagnostics)
            return
        except UnknownPack as error:
            yield first.path, Diagnostic("FC101", str(error))
            return
        yield from ((self._told_in(problem, first), problem) for problem in state.problems)
        for one in texts:
            found: tuple[Diagnostic, ...] = ()
            if one.kind == "tests":
                found = state.problems_in_tests(one.text, one.path)
            elif one.kind == "situation":
                found = state.problems_in_situation(one.text, one.path, self._today)
            yield from ((self._told_in(problem, one), problem) for problem in found)

    def _told_in(self, problem: Diagnostic, opened: OpenText) -> str:
        """The file of a mistake; the open one where the mistake has no place of its own."""
        place = problem.span.file if problem.span else problem.place or ""
        path = path_of(place)
        return path if os.path.isfile(path) or path in self._open_texts() else opened.path

    # --- what an author asks
    def bench(self, pack: str | None) -> PackBench | None:
        """A pack with its tests and the open situations that it judges; None where it cannot be read."""
        state = self.state_or_none(pack)
        if state is None:
            return None
        tests = self._folders.tests(pack)
        situations: dict[str, str] = {}
        for path in self._open_texts():
            one = self.opened(path)
            if one is not None and one.pack == pack and one.kind in ("tests", "situation"):
                (tests if one.kind == "tests" else situations)[path] = one.text
        before = self._benches.get(pack)
        if before is None:
            bench = PackBench(state, tests, situations, self._folders.messages(pack))
        else:
            bench = before.with_state(state, tests, situations)
        self._benches[pack] = bench
        return bench

    def benches(self) -> tuple[PackBench, ...]:
        """The benches of all packs of which files of rules, vocabularies or tests are open."""
        opened = (one for path in self._open_texts() if (one := self.opened(path)) is not None)
        packs = dict.fromkeys(one.pack for one in opened if one.kind != "situation")
        return tuple(bench for pack in packs if (bench := self.bench(pack)) is not None)

    def offers(self, opened: OpenText, line: int, column: int) -> tuple[Offer, ...]:
        """What may be written at a place (line and column from 1) of an open file."""
        state = self.state_or_none(opened.pack)
        return offers_in(state, opened.kind, opened.text, opened.path, line, column) if state else ()

    # --- names
    def index(self, opened: OpenText, *, everywhere: bool = False) -> NameIndex:
        """The names of an open file and its pack; `everywhere`: of its tests and all open files, too."""
        state = self.state_or_none(opened.pack)
        places: list[NamePlace] = []
        others = {opened.path: opened.text}
        if everywhere:
            others |= self._folders.tests(opened.pack)
            others |= {
                path: text
                for path, text in self._open_texts().items()
                if (one := self.opened(path)) is not None and one.pack == opened.pack
            }
        for path, text in others.items():
            if text_kind(path, text) not in ("rules", "vocabulary") and (document := _read(text, path)):
                places += index_document(document)
        return state.index.with_places(places) if state else NameIndex(places)


def _read(text: str, path: str) -> Document | None:
    try:
        return read_document(text, path)
    except InvalidInput:
        return None
