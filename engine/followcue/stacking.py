"""Which layers make up a pack: folders that only add to a pack are laid over one that stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.folders import RuleFolder
from followcue.logic.compile_pack import Layer, is_vocabulary
from followcue.source.read import read_document

BASE_SECTION = "situation"
"""The section of the vocabulary that says what a situation looks like; only a pack of its own has it."""


def layers_of(
    shipped: RuleFolder, folders: Sequence[RuleFolder], packs: Sequence[RuleFolder] = ()
) -> list[Layer]:
    """The layers in their order: the shipped pack, or a first folder that stands alone; packs; folders."""
    stands_alone = bool(folders) and _is_base(folders[0])
    stack = [folders[0], *packs, *folders[1:]] if stands_alone else [shipped, *packs, *folders]
    return [Layer(folder.name, folder.files, folder.origin) for folder in stack]


def _is_base(folder: RuleFolder) -> bool:
    """Raises `InvalidInput` where a file of the vocabulary cannot be read."""
    return any(
        _has_base_section(content, folder.origin + name)
        for name, content in folder.files.items()
        if is_vocabulary(name) and BASE_SECTION.encode() in content
    )


def _has_base_section(content: bytes, name: str) -> bool:
    data = read_document(content, name).data
    return isinstance(data, dict) and BASE_SECTION in data
