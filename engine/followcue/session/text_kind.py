"""Which kind of file a text is, also while it is being written and cannot be read."""

from __future__ import annotations

import os
import re
from typing import Literal, TypeAlias, cast

from followcue.authoring.editor.write_schemas import FOLDER, MARK
from followcue.language.folders import VOCABULARY
from followcue.language.model.vocabulary import RESERVED_KEYS, Vocabulary
from followcue.testing.find import TESTS

TextKind: TypeAlias = Literal["rules", "vocabulary", "tests", "situation"]

_NAMED = re.compile(re.escape(MARK) + r"\S*?(rules|vocabulary|tests|situation)\.schema\.json")
_TOP = re.compile(r"^([\w ]+?|\"[^\"\n]+\"|'[^'\n]+') *:", re.MULTILINE)
_IN_JSON = re.compile(r'"((?:[^"\\\n]|\\.)*)"\s*:')

_OF_OTHERS = re.compile(r"^rules *:[^\S\n]*(?:\[|(?:#[^\n]*)?\n\s*-)", re.MULTILINE)
"""Rules that are a list belong to another program."""

_TELLING: dict[str, TextKind] = {"rules": "rules", "tables": "rules", "disable": "rules", "tests": "tests"}
"""The keys at the top of a file that only one kind of files has."""


def text_kind(path: str, text: str) -> TextKind | None:
    """The kind of a file of a pack: by its schema line, the folder that it is in, or the keys at its top.

    None where these say nothing: it may be a situation, or a file of another program.
    """
    folder, name = os.path.split(path)
    stem, ending = os.path.splitext(name)
    named = _NAMED.search(text.split("\n\n", 1)[0])
    if named:
        return cast("TextKind", named[1])
    if ending != ".yaml":
        return None
    if os.path.basename(folder) == TESTS:
        return "tests"
    if VOCABULARY in (stem, os.path.basename(folder)):
        return "vocabulary"
    if _OF_OTHERS.search(text):
        return None
    found = [kind for key, kind in _TELLING.items() if key in _keys_at_top(text)]
    return found[0] if found else None


def may_be_ours(path: str) -> bool:
    """Whether a file is of a kind that people write for followcue at all."""
    folder, name = os.path.split(path)
    return name.endswith((".yaml", ".yml", ".json")) and os.path.basename(folder) != FOLDER


def is_situation(path: str, text: str, vocabulary: Vocabulary) -> bool:
    """Whether a key at the top of a text is one of the situations of that vocabulary."""
    shape = vocabulary.shape
    known = {path[0] for path in shape.events} | {vocabulary.kinds[name].path[0] for name in shape.records}
    known |= set(RESERVED_KEYS) - {"profile", "timezone"}  # those two mean something elsewhere too
    keys = set(_IN_JSON.findall(text)) if path.endswith(".json") else _keys_at_top(text)
    return bool(known & keys)


def _keys_at_top(text: str) -> set[str]:
    return {key.strip("\"'") for key in _TOP.findall(text)}
