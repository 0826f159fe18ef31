"""Which folders of rules a file belongs to, and what lies in them now: the one place that reads the disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from followcue.authoring.lint.check import MessagesBeside, folder_of, messages_beside
from followcue.base.diagnostic import InvalidInput
from followcue.base.shipped import data_folder
from followcue.language.documents.read import read_content
from followcue.language.folders import VOCABULARY, read_folder, shipped_folder, shipped_layers
from followcue.language.stacking import stands_alone
from followcue.session.pack_texts import PackTexts
from followcue.session.text_kind import TextKind
from followcue.testing.find import ENDING, TESTS

_FOLDERS_ABOVE = 3
"""How far above a situation or a test its pack is looked for."""


class PackFolders(NamedTuple):
    """The `rules` and `packs` under everything, as `check` takes them; paths are whole ones."""

    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()

    @classmethod
    def of(cls, rules: Sequence[str], packs: Sequence[str]) -> PackFolders:
        """The same of paths as somebody gave them."""
        return cls(tuple(os.path.abspath(folder) for folder in rules), tuple(packs))

    def pack_of(self, path: str, kind: TextKind | None) -> str | None:
        """The folder of the pack that judges a file; None for `rules`, or the shipped one."""
        if kind in ("rules", "vocabulary"):
            return folder_of(path)[0]
        folder = os.path.dirname(path)
        for _ in range(_FOLDERS_ABOVE):
            if _is_pack(folder):
                return folder
            if kind == "tests" and os.path.basename(folder) == TESTS:
                return os.path.dirname(folder)
            folder = os.path.dirname(folder)
        return None

    def around(self, pack: str | None) -> PackFolders:
        """The folders that make a pack, itself the last, and the shipped packs below."""
        if pack is None or pack in self.rules:
            return self._replace(rules=self.rules[: self.rules.index(pack) + 1] if pack else self.rules)
        if stands_alone(read_folder(pack)):
            return PackFolders((pack,))
        return self._replace(rules=(*self.rules, pack))

    def texts(self, pack: str | None) -> PackTexts:
        """What lies in the folders of a pack, over the others; raises `InvalidInput`, `UnknownPack`."""
        found = self.around(pack)
        layers = tuple(shipped_layers(found.packs))
        return PackTexts(shipped_folder(), layers, tuple(map(read_folder, found.rules)))

    def messages(self, pack: str | None) -> MessagesBeside:
        """The messages beside these folders; raises as `texts` does."""
        found = self.around(pack)
        return messages_beside(found.rules, found.packs)

    def tests(self, pack: str | None) -> dict[str, str]:
        """The texts of the tests of a pack, or of the last of the folders over which all lie."""
        folder = pack or next(iter(reversed(self.rules)), None)
        return {path: text_at(path) for path in tests_of(folder)} if folder else {}


def tests_of(folder: str) -> list[str]:
    """The paths of the scenario tests of a pack."""
    inside = os.path.join(folder, TESTS)
    names = sorted(os.listdir(inside)) if os.path.isdir(inside) else []
    found = (name for name in names if name.endswith(ENDING) and not name.startswith("."))
    return [os.path.join(inside, name) for name in found]


def path_of(name: str) -> str:
    """The path of a file that messages call so; shipped rules are called by a part of it."""
    return name if os.path.isabs(name) else os.path.join(os.path.dirname(str(data_folder("rules"))), name)


def text_at(path: str) -> str:
    """The text of a file; empty where there is none that can be read."""
    try:
        return read_content(path).decode(errors="replace")
    except InvalidInput:
        return ""


def _is_pack(folder: str) -> bool:
    vocabulary = os.path.join(folder, VOCABULARY)
    return os.path.isdir(vocabulary) or os.path.isfile(f"{vocabulary}.yaml")
