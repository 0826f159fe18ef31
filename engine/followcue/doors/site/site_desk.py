"""The desk of a page: the rules that a site was made with, to be looked at and tried, and examples to judge."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from followcue.assistant.draft.message_files import folders_with_rules, message_files
from followcue.base import clock
from followcue.base.clock import Clock
from followcue.base.shipped import data_folder
from followcue.doors.site.page_engine import SitePlan
from followcue.evaluation.pipeline import load_folders
from followcue.language.documents.read import read_content
from followcue.language.folders import SHIPPED_PACK, RuleFolder, read_folder, shipped_folder, shipped_layers
from followcue.language.logic.compile_pack import is_vocabulary
from followcue.session.desk import Desk, DeskSettings
from followcue.session.desk_files import DeskFile, example_of
from followcue.session.pack_texts import PackTexts
from followcue.session.text_kind import TextKind
from followcue.testing.find import ENDING, TESTS

SITUATION = "situation"
"""The id of the file with the situation."""


def desk_of(plan: SitePlan, today: Clock = clock.today) -> Desk:
    """The desk over the files of a plan, as seen from the folder in which they lie.

    Raises `InvalidInput` with every mistake in the rules, and `UnknownPack`.
    """
    shipped, packs = shipped_folder(), tuple(shipped_layers(plan.packs))
    folders = tuple(read_folder(folder) for folder in folders_with_rules(plan.rules))
    loaded = load_folders(folders, packs=plan.packs)
    # Where no folder was given, the shipped rules themselves are what one may look at and try to change.
    shown = folders or (shipped,)
    examples = {name: example_of(name, _text(path)) for path in plan.examples if (name := _stem(path))}
    first = plan.examples[0]
    files = [DeskFile(SITUATION, os.path.basename(first), "situation", _text(first), may_save=True)]
    files += (file._replace(id=str(number)) for number, file in enumerate(_files(shown), 1))
    settings = DeskSettings(
        mode="site",
        author=True,
        rules=plan.rules,
        packs=plan.packs,
        messages=message_files(plan.rules, plan.packs),
        examples=examples,
        today=today,
    )
    return Desk(files, SITUATION, PackTexts(shipped, packs, shown), settings, loaded=loaded)


def _files(folders: Sequence[RuleFolder]) -> Iterator[DeskFile]:
    """The texts of the rules and of their tests, with ids to come."""
    for folder in folders:
        for name, content in folder.files.items():
            kind: TextKind = "vocabulary" if is_vocabulary(name) else "rules"
            yield DeskFile("", folder.origin + name, kind, content.decode(errors="replace"), folder.name)
        tests = _place_of(folder) / TESTS
        # Not read as tests yet: that takes seconds, and most who look at a page never ask for it.
        for file in sorted(tests.iterdir(), key=lambda file: file.name) if tests.is_dir() else ():
            if file.name.endswith(ENDING) and not file.name.startswith("."):
                text = file.read_bytes().decode(errors="replace")
                yield DeskFile("", f"{folder.origin}{TESTS}/{file.name}", "tests", text, folder.name)


def _place_of(folder: RuleFolder) -> Traversable:
    """Where a folder lies: the shipped one may lie in an archive."""
    return data_folder("rules") / SHIPPED_PACK if folder == shipped_folder() else Path(folder.origin)


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _text(path: str) -> str:
    return read_content(path).decode(errors="replace")
