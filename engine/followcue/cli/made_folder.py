"""A folder that a command writes as a whole: taken only if it is empty, or was made by the same command."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click

INDEX = "index.html"
"""The page to begin with, which says what made the folder."""


def refuse_strange(folder: str, mark: str, what: str) -> None:
    """A usage error for a folder that holds something else than `what`, whose first page holds the `mark`."""
    try:
        names = os.listdir(folder) if os.path.exists(folder) else []
        if names and not _is_marked(os.path.join(folder, INDEX), mark):
            raise click.UsageError(f"{folder} holds something else than {what}; name a new folder")
    except OSError as error:
        raise click.UsageError(f"cannot write {folder}: {error.strerror or error}") from None


def write_folder(folder: str, files: Mapping[str, bytes]) -> None:
    """Write every file whole, and take away those that are no more; a usage error where that cannot be."""
    from followcue.base.atomic import replace_file

    try:
        # The index goes first, so that what an interruption leaves is known for what it is the next time.
        for name in sorted(files, key=lambda name: (name != INDEX, name)):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            replace_file(path, files[name])
            os.chmod(path, 0o644)
        for within, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(within, name)
                if os.path.relpath(path, folder).replace(os.sep, "/") not in files:
                    os.unlink(path)
    except OSError as error:
        raise click.UsageError(f"cannot write {folder}: {error.strerror or error}") from None


def _is_marked(index: str, mark: str) -> bool:
    if not os.path.isfile(index):
        return False
    with open(index, "rb") as file:
        return mark.encode() in file.read(4096)
