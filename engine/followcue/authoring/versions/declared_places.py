"""Where the names of a vocabulary are declared, looked up in the files of its layers."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.authoring.versions.pack_edits import Places
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.folders import RuleFolder, shipped_folder, shipped_layers
from followcue.language.logic.compile_pack import Layer, is_vocabulary
from followcue.language.model.declared import SECTIONS
from followcue.language.model.rules import Where
from followcue.language.stacking import layers_of


def places_in(folders: Sequence[RuleFolder], packs: Sequence[str] = ()) -> Places:
    """`file:line` of every name by section, the last that says something of it; see `load_folders`."""
    return places_in_layers(layers_of(shipped_folder(), folders, shipped_layers(packs)))


def places_in_layers(layers: Sequence[Layer]) -> Places:
    """The same in these layers."""
    found: dict[tuple[str, str], str] = {}
    for layer in layers:
        for name in sorted(layer.files):
            if is_vocabulary(name):
                _add(found, read_document(layer.files[name], layer.origin + name))
    return found


def _add(found: dict[tuple[str, str], str], document: Document) -> None:
    data = document.data if isinstance(document.data, dict) else {}
    for section in SECTIONS:
        names = data.get(section)
        for name in names if isinstance(names, dict) else ():
            span = Where(document, (section, name), key=True).span
            if span:
                found[section, name] = f"{span.file}:{span.line}"
