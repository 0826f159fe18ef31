"""The files of a desk as they lie on the disk: read anew when they change, and saved never over a change.

Files are named by numbers from a list that is made here: no question can name a path. Saved are the
situation, and with `edit` the files of the last folder of rules; never a shipped one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, NamedTuple

from followcue.assistant.draft.message_files import message_files
from followcue.assistant.journal.init import blank, create, schema_of
from followcue.assistant.journal.versions import Versions
from followcue.authoring.lint.check import MessagesBeside, messages_beside
from followcue.base import clock
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.doors.example_files import example_files
from followcue.evaluation.pipeline import LoadedPack, load_folders
from followcue.language.documents.edit.save import locked, save
from followcue.language.documents.read import read_content
from followcue.language.folders import (
    RuleFolder,
    has_other_ending,
    read_folder,
    shipped_folder,
    shipped_layers,
)
from followcue.language.logic.compile_pack import is_vocabulary
from followcue.session.author_desk import new_file
from followcue.session.desk import Desk, DeskSettings
from followcue.session.desk_files import NO_FILE, DeskFile, SituationExample, example_of, revision_of
from followcue.session.desk_rules import RulesKeeper
from followcue.session.pack_bench import GiveUp
from followcue.session.pack_texts import PackTexts
from followcue.session.params import Params
from followcue.testing.find import ENDING, TESTS

SITUATION = "0"
"""The id of the situation."""

COMMAND = "open"
"""What `followcue undo` calls a change that was saved here."""


class ChangedOnDisk(Exception):
    """A file is no longer the one that was edited; `text` and `revision` are those of now."""

    def __init__(self, text: str, revision: str) -> None:
        super().__init__("the file has changed on disk")
        self.text = text
        self.revision = revision


class MayNotSave(Exception):
    """A file that is not to be written to."""


class OpenedFolders(NamedTuple):
    """What a page was opened with; `edit`: files of the last of the folders `rules` may be saved."""

    situation: str | None = None
    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    edit: bool = False
    read_only: bool = False


class _OnDisk(NamedTuple):
    """One file of the desk, and where it lies; no path for what comes with the program."""

    file: DeskFile
    path: str | None


class DeskFolder:
    """The desk over files; safe to ask from several threads at once."""

    def __init__(self, opened: OpenedFolders, today: clock.Clock = clock.today) -> None:
        """Raises `InvalidInput` and `UnknownPack` for what cannot be read; wrong rules are told later."""
        self._opened = opened
        self._today = today
        self._lock = Lock()
        self._ids: dict[str, str] = {}
        texts = self._texts()
        loaded = _loaded(texts, opened.packs)
        self._keeper = RulesKeeper(texts, loaded)
        self.name = (
            opened.situation or f"{loaded.pack.vocabulary.shape.whole if loaded else 'situation'}.yaml"
        )
        self._blank = self._begun(loaded)
        self._signature: object = None
        self._on_disk: dict[str, _OnDisk] = {}
        self._desk = self._made(texts)

    @property
    def desk(self) -> Desk:
        """The desk with what lies on the disk now; raises `InvalidInput` where that cannot be read."""
        with self._lock:
            return self._fresh()

    def warm(self) -> None:
        """Make ready what the first explanation would make, which takes a second."""
        with suppress(InvalidInput):
            self.desk.rules().program  # noqa: B018  # made when it is first asked for

    # --- saving
    def save(self, id: str, text: str, revision: str) -> dict[str, str]:
        """Write a text to its file, the one of before kept for `followcue undo`; gives its new revision.

        Raises `ChangedOnDisk`, nothing written, unless the file has that `revision`; `MayNotSave`; and
        `InvalidInput` where it cannot be written.
        """
        with self._lock:
            self._fresh()
            found = self._on_disk.get(id)
            if found is None or found.path is None or not found.file.may_save:
                raise MayNotSave("this file may not be saved here")
            if revision == NO_FILE:
                written = self._create(found.path, text)
            else:
                written = self._replace(found.path, text, revision)
            self._fresh()
            return {"revision": revision_of(written)}

    def changed(self, revisions: Mapping[str, str]) -> dict[str, Any]:
        """The files that are other than those revisions, with their texts."""
        files = self.desk.files
        others = [
            {"file": id, "text": files[id].text, "revision": files[id].revision}
            for id, revision in revisions.items()
            if id in files and files[id].revision != revision
        ]
        return {
            "changed": others,
            "new": [file.to_dict() for id, file in files.items() if id not in revisions],
        }

    def new_file(self, asked: Params, give_up: GiveUp) -> dict[str, Any]:
        """Make a file of rules or tests in the folder that may be edited, and give it as the desk has it.

        Raises `MayNotSave`, and `InvalidInput` for a name that no file can have here or that one has.
        """
        with self._lock:
            desk = self._fresh()
            if not desk.settings.may_edit_rules:
                raise MayNotSave("no file may be made here")
            made = new_file(desk.author(asked, give_up), asked)
            folder, shown = self._opened.rules[-1], made["file"]
            path = os.path.join(folder, shown.removeprefix(os.path.join(folder, "")))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            create(path, made["text"])
            files = self._fresh().files.values()
            return next(file for file in files if file.name == shown).to_dict(whole=True)

    def _create(self, path: str, text: str) -> bytes:
        try:
            create(path, text)
        except InvalidInput:
            if not os.path.lexists(path):
                raise
            raw = read_content(path)
            raise ChangedOnDisk(_text(raw), revision_of(raw)) from None
        return text.encode()

    def _replace(self, path: str, text: str, revision: str) -> bytes:
        with locked(path):
            before = read_content(path)
            if revision_of(before) != revision:
                raise ChangedOnDisk(_text(before), revision_of(before))
            after = _like(before, text)
            if after != before:
                with suppress(OSError):  # `followcue undo` will not know of it, which the page shows
                    Versions(path).record(COMMAND, before, after)
                save(path, before, after)
            return after

    # --- reading
    def _fresh(self) -> Desk:
        if self._signature != self._now():
            self._desk = self._made(self._texts())
        return self._desk

    def _made(self, texts: PackTexts) -> Desk:
        """The desk of what lies on the disk; `texts` are its rules."""
        self._signature = self._now()
        found = list(self._files(texts))
        self._on_disk = {one.file.id: one for one in found}
        opened = self._opened
        beside = _messages(opened)
        settings = DeskSettings(
            author=bool(opened.rules),
            may_edit_rules=opened.edit and not opened.read_only,
            rules=opened.rules,
            packs=opened.packs,
            messages=beside.files,
            drafts=beside.texts,
            examples=_examples(opened),
            today=self._today,
        )
        files = [one.file for one in found]
        return Desk(files, SITUATION, texts, settings, keeper=self._keeper)

    def _texts(self) -> PackTexts:
        opened = self._opened
        folders = tuple(read_folder(folder) for folder in opened.rules)
        return PackTexts(shipped_folder(), tuple(shipped_layers(opened.packs)), folders)

    def _files(self, texts: PackTexts) -> Iterator[_OnDisk]:
        yield self._situation()
        if not self._opened.rules:
            return
        for path, folder in zip(self._opened.rules, texts.folders, strict=True):
            may_save = self._may_edit(path)
            yield from self._of_rules(folder, os.path.join(path, ""), may_save=may_save)
            for name, test in _tests(path):
                yield self._file(
                    folder.origin + name, "tests", _text(test), folder.name, path, name, may_save
                )
        for folder in (texts.shipped, *texts.packs):
            yield from self._of_rules(folder, None, may_save=False)

    def _situation(self) -> _OnDisk:
        path, may_save = self.name, not self._opened.read_only
        try:
            raw = read_content(path)
        except InvalidInput:
            if os.path.lexists(path):
                raise
            file = DeskFile(SITUATION, path, "situation", self._blank, may_save=may_save, is_new=True)
            return _OnDisk(file, path)
        is_text = _is_text(raw)
        file = DeskFile(SITUATION, path, "situation", _text(raw), may_save=may_save and is_text)
        return _OnDisk(file, path)

    def _of_rules(self, folder: RuleFolder, path: str | None, *, may_save: bool) -> Iterator[_OnDisk]:
        for name, content in folder.files.items():
            kind = "vocabulary" if is_vocabulary(name) else "rules"
            yield self._file(folder.origin + name, kind, _text(content), folder.name, path, name, may_save)

    def _file(
        self, shown: str, kind: Any, text: str, pack: str, path: str | None, name: str, may_save: bool
    ) -> _OnDisk:
        file = DeskFile(self._id(shown), shown, kind, text, pack, may_save, shipped=path is None)
        return _OnDisk(file, None if path is None else os.path.join(path, name))

    def _id(self, name: str) -> str:
        return self._ids.setdefault(name, str(len(self._ids) + 1))

    def _may_edit(self, path: str) -> bool:
        opened = self._opened
        return opened.edit and not opened.read_only and path == opened.rules[-1]

    def _begun(self, loaded: LoadedPack | None) -> str:
        """The text that a new situation begins with."""
        if loaded is None:
            return ""
        schema = None if self._opened.rules or self._opened.packs else schema_of()
        return blank(loaded.pack.vocabulary, self.name, schema).text

    def _now(self) -> object:
        """What is another as soon as a file is."""
        paths = [self.name]
        for folder in self._opened.rules:
            for inside in (folder, os.path.join(folder, "vocabulary"), os.path.join(folder, TESTS)):
                with suppress(OSError):
                    paths += [os.path.join(inside, name) for name in sorted(os.listdir(inside))]
        return [(path, _stat(path)) for path in paths]


def _stat(path: str) -> tuple[int, int, int] | None:
    with suppress(OSError):
        found = os.stat(path)
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None


def _loaded(texts: PackTexts, packs: Sequence[str]) -> LoadedPack | None:
    """The rules, from the cache if they are there; None where they have mistakes, which the desk tells."""
    try:
        return load_folders(texts.folders, packs=packs)
    except InvalidInput:
        return None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _like(before: bytes, text: str) -> bytes:
    """The text with the ends of lines that the file has: an editor on a page knows only one kind."""
    if b"\r\n" in before and b"\n" not in before.replace(b"\r\n", b"") and "\r\n" not in text:
        text = text.replace("\n", "\r\n")
    return text.encode()


def _tests(folder: str) -> Iterator[tuple[str, bytes]]:
    inside = os.path.join(folder, TESTS)
    if os.path.isdir(inside):
        for name in sorted(os.listdir(inside)):
            if name.endswith(ENDING) and not name.startswith(".") and not has_other_ending(name):
                yield f"{TESTS}/{name}", read_content(os.path.join(inside, name))


def _messages(opened: OpenedFolders) -> MessagesBeside:
    if opened.rules:
        return messages_beside(opened.rules, opened.packs)
    return MessagesBeside(message_files(opened.rules, opened.packs), ())


def _examples(opened: OpenedFolders) -> dict[str, SituationExample]:
    """The situations beside the rules that are open; the shipped ones, where only the shipped pack judges."""
    found = ((name, content.decode(errors="replace")) for name, _, content in example_files(opened.rules))
    return {name: example_of(name, text) for name, text in found}


def not_saved(problem: MayNotSave) -> Diagnostic:
    """What is told of a file that is not to be written to."""
    return Diagnostic(
        "FC923", str(problem), place="question", hint="begin with --edit, and without --read-only"
    )
