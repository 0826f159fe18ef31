"""What a check found, kept in the user's cache: where nothing has changed, nothing is looked for again.

Kept under all that a check depends on: the folders of rules with those beneath them, their tests and
messages, and this program itself, which says what is found.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from followcue.authoring.lint.kept_answers import KeptAnswers
from followcue.base.cache import read_entry, write_entry
from followcue.base.shipped import data_folder
from followcue.evaluation.packed import key_of
from followcue.language.folders import SHIPPED_PACK, read_folder, shipped_folder, shipped_layers
from followcue.language.logic.compile_pack import is_vocabulary

ROOMS = ("base", "language", "evaluation", "synthesis", "assistant", "testing", "authoring")
"""The parts of this program on which depends what a check finds."""
BESIDE = ("tests", "messages")
"""The folders of a pack that are looked at beside its rules."""


def key_of_check(rules: Sequence[str], packs: Sequence[str], more: Iterable[str]) -> bytes | None:
    """What the findings of a check are kept under; None where that cannot be told.

    `rules` and `packs` are the folders and shipped packs that make the pack, `more` what else was asked.
    """
    try:
        folders = [shipped_folder(), *shipped_layers(packs), *map(read_folder, rules)]
        key = key_of(folders, ROOMS)
        digest = hashlib.sha256()
        asked = [part.encode(errors="surrogateescape") for part in (*more, _holidays())]
        for part in (*asked, *_beside(rules, packs)):
            digest.update(len(part).to_bytes(8, "big") + part)
        return b"check" + key + digest.digest()
    except OSError:
        return None


def kept_findings(key: bytes) -> Any:
    """What was kept under a key, None if nothing was. Only for what the user's own cache kept."""
    payload = read_entry(key)
    if payload is None:
        return None
    try:
        return pickle.loads(payload)
    except Exception:  # a payload of another program may fail in any way; then it is looked for anew
        return None


def keep_findings(key: bytes, found: Any) -> None:
    """Keep what a check found."""
    write_entry(key, pickle.dumps(found, protocol=5))


def key_of_answers(rules: Sequence[str], packs: Sequence[str], more: Iterable[str]) -> bytes:
    """What single answers are kept under, whatever stands in the rules."""
    asked = "\0".join((*rules, "", *packs, "", *more, "", _holidays()))
    return b"answers" + key_of((), ROOMS) + asked.encode(errors="surrogateescape")


def kept_answers(key: bytes | None, rules: Sequence[str], packs: Sequence[str]) -> KeptAnswers:
    """The answers kept under a key, as far as they may still hold; none without a key.

    Each holds for the vocabulary and the rules that it was found with, and is asked for by a digest of them.
    """
    digest = hashlib.sha256()
    for folder in (shipped_folder(), *shipped_layers(packs), *map(read_folder, rules)):
        for name in sorted(filter(is_vocabulary, folder.files)):
            digest.update(len(folder.files[name]).to_bytes(8, "big") + folder.files[name])
    before = kept_findings(key) if key else None
    return KeptAnswers(digest.digest(), before if isinstance(before, dict) else None)


def _beside(rules: Sequence[str], packs: Sequence[str]) -> Iterator[bytes]:
    """The names and contents of all tests and messages, those of the shipped pack among them."""
    shipped = [data_folder("rules") / name for name in (SHIPPED_PACK, *packs)]
    for folder in (*shipped, *map(Path, rules)):
        for name in BESIDE:
            yield from _contents(folder / name, name)


def _contents(folder: Traversable, name: str) -> Iterator[bytes]:
    if folder.is_file():
        yield name.encode(errors="surrogateescape")
        yield folder.read_bytes()
    elif folder.is_dir():
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            yield from _contents(entry, os.path.join(name, entry.name))


def _holidays() -> str:
    """Which days are free may change with the library that knows them."""
    try:
        return version("holidays")
    except PackageNotFoundError:
        return ""
