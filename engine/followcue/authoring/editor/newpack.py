"""A new pack or layer from a template: whole or not at all, and never over something that is there."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from tempfile import mkdtemp
from typing import Literal

_NAME = re.compile(r"(?!(?:true|false|null)$)[a-z][a-z0-9-]*")  # those three are no text in YAML


class Occupied(Exception):
    """There is something already where the new folder was to be."""


def name_from(folder: str) -> str | None:
    """The name of a pack in that folder, made of the folder's own; None if no letter of it can be used."""
    last = os.path.basename(os.path.abspath(folder)).lower()
    name = re.sub(r"[^a-z0-9]+", "-", last).strip("-").lstrip("-0123456789")
    return name if is_name(name) else None


def is_name(text: str) -> bool:
    """Whether a pack can be called so."""
    return _NAME.fullmatch(text) is not None


def make_pack(folder: str, name: str, kind: Literal["pack", "layer"]) -> list[str]:
    """Make `folder` with a pack of that name, and say which files it has.

    Raises `Occupied` if there is anything but an empty folder, and `OSError` where it cannot be made.
    """
    folder = os.path.abspath(folder)
    if os.path.islink(folder) or (os.path.exists(folder) and not _is_empty_folder(folder)):
        raise Occupied(folder)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    # Beside its place, so that it can be moved there in one step.
    beside = mkdtemp(dir=os.path.dirname(folder), prefix=".followcue-")
    try:
        paths = list(_copy(files("followcue") / "template" / kind, beside, name))
        _write_schemas(beside)
        os.chmod(beside, 0o777 & ~_mask())
        os.rename(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return paths


def _is_empty_folder(folder: str) -> bool:
    return os.path.isdir(folder) and not os.listdir(folder)


def _copy(template: Traversable, folder: str, name: str, inside: str = "") -> Iterator[str]:
    """Copy a template with its names filled in, and name its files."""
    for entry in sorted(template.iterdir(), key=lambda entry: (entry.is_dir(), entry.name)):
        path = inside + entry.name
        if entry.is_dir():
            os.mkdir(os.path.join(folder, path))
            yield from _copy(entry, folder, name, f"{path}/")
        elif entry.name.endswith(".yaml"):
            text = entry.read_text("utf-8")
            filled = text.replace("@NAME@", name).replace("@TITLE@", name.replace("-", " ").capitalize())
            with open(os.path.join(folder, path), "w", encoding="utf-8", newline="\n") as file:
                file.write(filled)
            yield path


def _write_schemas(folder: str) -> None:
    from followcue.authoring.editor.place import write_schemas
    from followcue.authoring.editor.words import words_of

    write_schemas(words_of([folder]), folder)


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
