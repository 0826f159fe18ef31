"""The desk of a page: the rules that a site was made with, to be looked at and tried, and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from followcue.assistant.draft.message_files import message_files
from followcue.base import clock
from followcue.base.clock import Clock
from followcue.base.shipped import data_folder
from followcue.doors.site.page_engine import SitePlan
from followcue.evaluation.pipeline import load_folders
from followcue.language.folders import SHIPPED_PACK, RuleFolder, shipped_folder, shipped_layers
from followcue.language.logic.compile_pack import is_vocabulary
from followcue.session.desk import Desk, DeskSettings
from followcue.session.desk_files import DeskFile, example_of
from followcue.session.pack_texts import PackTexts
from followcue.session.text_kind import TextKind
from followcue.testing.find import ENDING, TESTS

SITUATION = "situation"
"""The id of the file with the situation."""


def desk_of(plan: SitePlan, examples: Mapping[str, str], today: Clock = clock.today) -> Desk:
    """The desk over a plan, whose folders are where it says, with the texts of the examples by their names.

    Raises `InvalidInput` with every mistake in the rules, and `UnknownPack`.
    """
    shipped, packs = shipped_folder(), tuple(shipped_layers(plan.packs))
    folders = plan.folders()
    loaded = load_folders(folders, packs=plan.packs)
    # Where no folder was given, the shipped rules themselves are what one may look at and try to change.
    shown = folders or (shipped,)
    first, *_ = plan.examples
    files = [DeskFile(SITUATION, f"{first}.yaml", "situation", examples[first], may_save=True)]
    files += (file._replace(id=str(number)) for number, file in enumerate(_files(shown), 1))
    settings = DeskSettings(
        mode="site",
        author=True,
        may_edit_rules=True,
        rules=plan.rules,
        packs=plan.packs,
        messages=message_files(plan.rules, plan.packs),
        examples={name: example_of(name, examples[name]) for name in plan.examples},
        today=today,
    )
    return Desk(files, SITUATION, PackTexts(shipped, packs, shown), settings, loaded=loaded)


def _files(folders: Sequence[RuleFolder]) -> Iterator[DeskFile]:
    """The texts of the rules and of their tests, with ids to come."""
    for folder in folders:
        for name, content in folder.files.items():
            kind: TextKind = "vocabulary" if is_vocabulary(name) else "rules"
            yield _file(folder, name, kind, content)
        tests = _place_of(folder) / TESTS
        # Not read as tests yet: that takes seconds, and most who look at a page never ask for it.
        for file in sorted(tests.iterdir(), key=lambda file: file.name) if tests.is_dir() else ():
            if file.name.endswith(ENDING) and not file.name.startswith("."):
                yield _file(folder, f"{TESTS}/{file.name}", "tests", file.read_bytes())


def _file(folder: RuleFolder, name: str, kind: TextKind, content: bytes) -> DeskFile:
    text = content.decode(errors="replace")
    return DeskFile("", folder.origin + name, kind, text, folder.name, True, shipped=_is_shipped(folder))


def _is_shipped(folder: RuleFolder) -> bool:
    return folder == shipped_folder()


def _place_of(folder: RuleFolder) -> Traversable:
    """Where a folder lies: the shipped one may lie in an archive."""
    return data_folder("rules") / SHIPPED_PACK if _is_shipped(folder) else Path(folder.origin)
