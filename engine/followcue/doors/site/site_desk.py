"""The desk of a page: the rules that a site was made with, to be looked at and tried, and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from followcue.authoring.lint.check import messages_beside
from followcue.base import clock
from followcue.base.clock import Clock
from followcue.doors.site.page_engine import SitePlan
from followcue.evaluation.pipeline import load_folders
from followcue.language.folders import RuleFolder, shipped_folder, shipped_layers
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
    beside = messages_beside(plan.rules, plan.packs)
    first, *_ = plan.examples
    # A file of one's own is called after what it holds, not after the example that the page begins with.
    own = f"{loaded.pack.vocabulary.shape.whole}{ENDING}"
    files = [DeskFile(SITUATION, own, "situation", examples[first], may_save=True)]
    files += (file._replace(id=str(number)) for number, file in enumerate(_files(shown), 1))
    settings = DeskSettings(
        mode="site",
        author=True,
        may_edit_rules=True,
        rules=plan.rules,
        packs=plan.packs,
        messages=beside.files,
        drafts=beside.texts,
        examples={name: example_of(name, examples[name]) for name in plan.examples},
        today=today,
    )
    return Desk(files, SITUATION, PackTexts(shipped, packs, shown), settings, loaded=loaded)


def _files(folders: Sequence[RuleFolder]) -> Iterator[DeskFile]:
    """The texts of the rules, and of the tests in folders that were given, with ids to come.

    The many tests of the shipped rules stay out: to read them takes a browser half a minute.
    """
    for folder in folders:
        is_shipped = folder == shipped_folder()
        for name, content in folder.files.items():
            kind: TextKind = "vocabulary" if is_vocabulary(name) else "rules"
            yield _file(folder, name, kind, content, is_shipped)
        tests = Path(folder.origin, TESTS)
        for path in sorted(tests.glob(f"*{ENDING}")) if not is_shipped else ():
            if not path.name.startswith("."):
                yield _file(folder, f"{TESTS}/{path.name}", "tests", path.read_bytes(), is_shipped)


def _file(folder: RuleFolder, name: str, kind: TextKind, content: bytes, is_shipped: bool) -> DeskFile:
    text = content.decode(errors="replace")
    return DeskFile("", folder.origin + name, kind, text, folder.name, may_save=True, shipped=is_shipped)
