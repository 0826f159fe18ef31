"""The names of a pack as an editor offers them: its vocabulary, its rules and items with what they say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from followcue.base.diagnostic import InvalidInput
from followcue.language.documents.checked import CheckedDocument, checked_document
from followcue.language.folders import read_folder, shipped_folder, shipped_layers
from followcue.language.logic.compile_pack import Layer, is_vocabulary
from followcue.language.model.decision_table import row_names
from followcue.language.model.read_vocabulary import read_vocabulary
from followcue.language.model.vocabulary import Vocabulary
from followcue.language.stacking import layers_of


class PackNames(NamedTuple):
    """What the files of a pack may name: `rules` by id with their titles, `items` with what they say.

    Rules that a layer disables or replaces are among them, as it is by their names that it does so.
    """

    vocabulary: Vocabulary
    rules: Mapping[str, str]
    items: Mapping[str, str]
    actions: Mapping[str, str]


def pack_names(folders: Sequence[str | os.PathLike[str]] = (), packs: Sequence[str] = ()) -> PackNames:
    """The names in the pack that `load_pack` would make of these; raises `InvalidInput`, `UnknownPack`.

    Only the vocabulary has to be free of mistakes: rules are often looked at while they are being written.
    """
    read = [read_folder(folder) for folder in folders]
    return names_in_layers(layers_of(shipped_folder(), read, shipped_layers(packs)))


def names_in_layers(layers: Sequence[Layer]) -> PackNames:
    """The names in these layers; raises `InvalidInput` as `pack_names` does."""
    checked = [list(_vocabulary(layer)) for layer in layers]
    problems = [problem for found in checked for one in found for problem in one.problems]
    documents = [[one.document for one in found if one.document is not None] for found in checked]
    vocabulary, more = read_vocabulary(documents) if not problems else (None, [])
    if vocabulary is None:
        raise InvalidInput([*problems, *more])
    data = [document.data for found in documents for document in found]
    return PackNames(
        vocabulary,
        {name: title for layer in layers for name, title in _rules(layer)},
        _said(data, "items", "says"),
        _said(data, "actions", "title"),
    )


def _vocabulary(layer: Layer) -> Iterator[CheckedDocument]:
    for name in sorted(layer.files):
        if is_vocabulary(name):
            yield checked_document(layer.files[name], layer.origin + name, "vocabulary")


def _rules(layer: Layer) -> Iterator[tuple[str, str]]:
    """The ids and titles of the rules, tables and rows of a layer, as far as its files can be read."""
    for name in sorted(layer.files):
        if is_vocabulary(name):
            continue
        document = checked_document(layer.files[name], layer.origin + name, "rules").document
        data: Any = document.data if document else None
        for section in ("rules", "tables"):
            entries = data.get(section) if isinstance(data, dict) else None
            for entry_id, entry in entries.items() if isinstance(entries, dict) else ():
                title = entry.get("title") if isinstance(entry, dict) else None
                said = title if isinstance(title, str) else ""
                yield str(entry_id), said
                if section == "tables" and isinstance(entry, dict):
                    yield from ((f"{entry_id}/{row}", said) for row in row_names(entry.get("rows")))


def _said(data: Sequence[Any], section: str, key: str) -> dict[str, str]:
    """What the entries of a section of the vocabulary say of themselves; later layers win."""
    entries = (
        entry for file in data if isinstance(file, dict) for entry in (file.get(section) or {}).items()
    )
    return {name: said.get(key, "") for name, said in entries if isinstance(said, dict)}
