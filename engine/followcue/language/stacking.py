"""Which layers make up a pack: folders that only add to a pack are laid over one that stands alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.folders import RuleFolder, read_folder
from followcue.language.logic.compile_pack import Layer, is_vocabulary

BASE_SECTION = "situation"
"""The section of the vocabulary that says what a situation looks like; only a pack of its own has it."""

PACK = "pack"
"""The section in which a pack or a layer speaks of itself."""

LIES_ON = "lies on"
"""The key in it that names the pack that a layer was written for."""


def layers_of(
    shipped: RuleFolder, folders: Sequence[RuleFolder], packs: Sequence[RuleFolder] = ()
) -> list[Layer]:
    """The layers in their order: the shipped pack, or a first folder that stands alone; packs; folders.

    A folder that is given twice counts once. Raises `InvalidInput` where one of them lies on a pack that it
    was not written for, or is a pack and lies on others.
    """
    folders = [folder for place, folder in enumerate(folders) if not _is_among(folder, folders[:place])]
    alone = bool(folders) and stands_alone(folders[0])
    stack = [folders[0], *packs, *folders[1:]] if alone else [shipped, *packs, *folders]
    misplaced = list(_packs_above(stack, alone)) or list(_misplaced(stack))
    if misplaced:
        raise InvalidInput(misplaced)
    return [Layer(folder.name, folder.files, folder.origin) for folder in stack]


def stacked(paths: Sequence[str], rules: Sequence[str]) -> list[str]:
    """The folders `paths` laid over the folders `rules`, each once, in the order in which they are loaded.

    A pack of its own among the paths lies below `rules` where these are layers. Raises `InvalidInput` where a
    folder cannot be read.
    """
    there = {*map(os.path.realpath, rules)}
    own = [path for path in paths if os.path.realpath(path) not in there]
    if rules and own and _is_pack(own[0]) and not _is_pack(rules[0]):
        return [own[0], *rules, *own[1:]]
    return [*rules, *own]


def _is_pack(folder: str) -> bool:
    return stands_alone(read_folder(folder))


def stands_alone(folder: RuleFolder) -> bool:
    """Whether a folder is a pack of its own, and no layer.

    Raises `InvalidInput` where a file of the vocabulary cannot be read.
    """
    return any(
        isinstance(document.data, dict) and BASE_SECTION in document.data
        for document in _vocabulary(folder, BASE_SECTION)
    )


# --- what lies on what
def _is_among(folder: RuleFolder, others: Sequence[RuleFolder]) -> bool:
    """Whether one of the others is that folder, be it called by another path."""
    return any(other.name == folder.name and other.files == folder.files for other in others)


def _packs_above(stack: Sequence[RuleFolder], alone: bool) -> Iterator[Diagnostic]:
    """One mistake for each pack of its own that lies on something; `alone` if the lowest was given too."""
    hint = "leave one of them out" if alone else "give it before the others"
    for folder in stack[1:]:
        base = _base(folder)
        if base is not None:
            message = f"`{folder.name}` is a pack of its own, and lies on no other"
            yield base.problem("FC324", message, (BASE_SECTION,), key=True, hint=hint)


def _misplaced(stack: Sequence[RuleFolder]) -> Iterator[Diagnostic]:
    """One mistake for each layer that asks for a pack that does not lie below it."""
    for height, folder in enumerate(stack):
        for document, wanted in _told(folder, LIES_ON):
            below = [name for lower in stack[:height] for name in _names(lower)]
            if wanted not in below:
                yield _on_another(document, folder.name, wanted, below)


def _base(folder: RuleFolder) -> Document | None:
    """The file in which a pack says what a situation looks like; None where none does or can be read."""
    try:
        documents = list(_vocabulary(folder, BASE_SECTION))
    except InvalidInput:
        return None
    return next((d for d in documents if isinstance(d.data, dict) and BASE_SECTION in d.data), None)


def _on_another(document: Document, name: str, wanted: str, below: Sequence[str]) -> Diagnostic:
    message = f"`{name}` lies on `{wanted}`, which is not below it"
    hint = f"leave it out, or lay it on `{wanted}`"
    if below:
        hint += "; below it: " + ", ".join(f"`{found}`" for found in below)
    return document.problem("FC324", message, (PACK, LIES_ON), hint=hint)


def _names(folder: RuleFolder) -> list[str]:
    """What its vocabulary calls a pack; the name of its folder where that says nothing."""
    return [name for _, name in _told(folder, "name")] or [folder.name]


def _told(folder: RuleFolder, key: str) -> Iterator[tuple[Document, str]]:
    """What the vocabulary of a folder says under `pack` of itself; what is wrong there is told elsewhere."""
    try:
        documents = list(_vocabulary(folder, PACK, key))
    except InvalidInput:
        return
    for document in documents:
        pack = document.data.get(PACK) if isinstance(document.data, dict) else None
        if isinstance(pack, dict) and isinstance(found := pack.get(key), str):
            yield document, found


def _vocabulary(folder: RuleFolder, *words: str) -> Iterator[Document]:
    """The files of the vocabulary in which all of these words stand."""
    for name, content in folder.files.items():
        if is_vocabulary(name) and all(word.encode() in content for word in words):
            yield read_document(content, folder.origin + name)
