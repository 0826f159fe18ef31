"""The texts that a pack is made of at this moment: folders as they lie on the disk, under what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from followcue.language.folders import RuleFolder
from followcue.language.logic.compile_pack import Layer, is_vocabulary
from followcue.language.stacking import layers_of


class PackTexts(NamedTuple):
    """Folders of rules in the order in which they lie on each other; see `load_pack`."""

    shipped: RuleFolder
    packs: tuple[RuleFolder, ...] = ()
    folders: tuple[RuleFolder, ...] = ()

    def under(self, texts: Mapping[str, str]) -> PackTexts:
        """The same with `texts`, by the name that messages show, in the place of what lies in the folders.

        A text that lies in none of them yet is added where its name says.
        """
        return self._replace(folders=tuple(_under(folder, texts) for folder in self.folders))

    def layers(self) -> list[Layer]:
        """The layers, lowest first; raises `InvalidInput` where one lies on what is not there."""
        return layers_of(self.shipped, self.folders, self.packs)


def _under(folder: RuleFolder, texts: Mapping[str, str]) -> RuleFolder:
    names = {name.removeprefix(folder.origin): text for name, text in texts.items() if _is_in(folder, name)}
    if not names:
        return folder
    files = {**folder.files, **{name: text.encode(errors="surrogatepass") for name, text in names.items()}}
    return folder._replace(files=dict(sorted(files.items())))


def _is_in(folder: RuleFolder, name: str) -> bool:
    """Whether a file of that name belongs to the rules in a folder."""
    if not name.startswith(folder.origin) or not name.endswith(".yaml"):
        return False
    inside = name.removeprefix(folder.origin)
    return not inside.startswith(".") and (
        "/" not in inside or (inside.count("/") == 1 and is_vocabulary(inside))
    )


def files_in(layers: list[Layer]) -> Iterator[tuple[str, bytes, str]]:
    """The name that messages show, the content and the kind of each file."""
    for layer in layers:
        for name in sorted(layer.files):
            yield layer.origin + name, layer.files[name], "vocabulary" if is_vocabulary(name) else "rules"
