"""Message files: one template for each action that is a message, in the folder `messages` of a pack."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.shipped import data_folder
from followcue.language.documents.decode import decode
from followcue.language.folders import SHIPPED_PACK, read_folder, shipped_folder
from followcue.language.stacking import layers_of

FOLDER = "messages"
"""The folder of a pack that holds its messages."""

ENDING = ".txt.j2"
"""What follows the name of the action in the name of a message file."""

BLOCKS = ("opening", "body", "ending")
"""Of these a template may have one: what it says for itself, named by where that stands in a message."""

MAX_SIZE = 10_000
"""How long a message file may be, in bytes."""


class MessageFile(NamedTuple):
    """Where the message of an action stands; `place` is what error messages call it."""

    place: str
    path: Traversable

    def read(self) -> str:
        """The text of the file; raises `InvalidInput` if it is none, or too long."""
        try:
            with self.path.open("rb") as file:
                raw = file.read(MAX_SIZE + 1)
        except OSError as error:
            raise _refusal(f"cannot read this message: {error.strerror or error}", self.place) from None
        if len(raw) > MAX_SIZE:
            raise _refusal(f"this message is longer than {MAX_SIZE} bytes", self.place)
        return decode(raw, self.place)


def message_files(
    rules: Sequence[str | os.PathLike[str]] = (), packs: Sequence[str] = ()
) -> dict[str, MessageFile]:
    """The message of each action, of the pack that these folders make; a later folder's message wins.

    `packs` are known names of shipped packs; as with rules, theirs lie right above the lowest pack's.
    """
    folders = list(map(Path, rules))
    found: dict[str, MessageFile] = {}
    if _on_shipped(rules):
        found |= _shipped_messages(SHIPPED_PACK)
    elif folders:
        lowest = folders.pop(0)
        found |= _messages_in(lowest, os.fspath(lowest))
    for pack in packs:
        found |= _shipped_messages(pack)
    for folder in folders:
        found |= _messages_in(folder, os.fspath(folder))
    return found


def _shipped_messages(pack: str) -> dict[str, MessageFile]:
    return _messages_in(data_folder("rules") / pack, f"rules/{pack}")


def folders_with_rules(rules: Sequence[str | os.PathLike[str]]) -> list[str | os.PathLike[str]]:
    """The folders without those that hold nothing but messages, which are no rules to load."""
    return [folder for folder in rules if not _only_messages(Path(folder))]


def _only_messages(folder: Path) -> bool:
    return (folder / FOLDER).is_dir() and not any(
        path.suffix in (".yaml", ".yml") or path.name == "vocabulary" for path in folder.iterdir()
    )


def _on_shipped(rules: Sequence[str | os.PathLike[str]]) -> bool:
    """Whether these folders are laid over the shipped pack, and are no pack of their own."""
    folders = [read_folder(folder) for folder in folders_with_rules(rules)]
    return len(layers_of(shipped_folder(), folders)) > len(folders)


def _messages_in(folder: Traversable, place: str) -> dict[str, MessageFile]:
    messages = folder / FOLDER
    if not messages.is_dir():
        return {}
    return {
        entry.name.removesuffix(ENDING): MessageFile(f"{place.rstrip('/')}/{FOLDER}/{entry.name}", entry)
        for entry in sorted(messages.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(ENDING) and not entry.name.startswith(".")
    }


def _refusal(message: str, place: str) -> InvalidInput:
    return InvalidInput([Diagnostic("FC701", message, place=place)])
