"""Watching files: what they look like, and the moments at which to look again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from watchfiles import Change

EXTRA = "watching needs the package `watchfiles`: install it with `pip install 'followcue[watch]'`"

LOOK_AGAIN = 1000
"""After so many milliseconds without a noise one looks all the same: some file systems make none."""

State: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""What can be seen of some files without reading them."""


def state_of(*paths: str) -> State:
    """The files at these paths, and all in the folders among them; what is not there is left out."""
    return tuple(sorted(_seen(paths)))


def moments(file: str, folders: Sequence[str]) -> Iterator[None]:
    """A moment whenever the file, or anything in the folders, may have changed, and every second.

    The folder of the file is watched instead of the file, as editors put a new file in the place of the old.
    A usage error without the package that watches.
    """
    watch = _watch()
    home, rules = os.path.dirname(os.path.abspath(file)), [*map(os.path.abspath, folders)]
    noises = watch(
        *dict.fromkeys([home, *(inner for folder in rules for inner in _folders(folder))]),
        watch_filter=_only(os.path.abspath(file), rules),
        debounce=50,
        step=20,
        rust_timeout=LOOK_AGAIN,
        yield_on_timeout=True,
        recursive=False,  # the file may lie in a folder that holds half the disk
    )
    return (None for _ in noises)


def _watch() -> Any:
    """What watches; a usage error without it."""
    try:
        from watchfiles import watch
    except ModuleNotFoundError:
        raise click.UsageError(EXTRA) from None
    return watch


def _only(file: str, folders: Sequence[str]) -> Callable[[Change, str], bool]:
    """Which noises count: of the file, and of what is in the folders."""
    inside = tuple(os.path.join(folder, "") for folder in folders)
    return lambda change, path: path == file or path.startswith(inside)


def _seen(paths: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    for path in paths:
        if os.path.isdir(path):
            for folder in _folders(path):
                yield from _seen([entry.path for entry in os.scandir(folder) if entry.is_file()])
            continue
        try:
            found = os.stat(path)
        except OSError:
            continue
        yield path, found.st_mtime_ns, found.st_size, found.st_ino


def _folders(path: str) -> Iterator[str]:
    """The folder and those in it, but for hidden ones."""
    for folder, inner, _ in os.walk(path):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield folder


def changes_in(paths: Sequence[str]) -> Iterator[None]:
    """Now, and whenever what lies at these paths (files, and folders with all in them) is other than before.

    A usage error without the package that watches.
    """
    watch = _watch()
    folders = [path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path)) for path in paths]
    before = state_of(*paths)
    yield
    for _ in watch(
        *dict.fromkeys(folders), debounce=50, step=20, rust_timeout=LOOK_AGAIN, yield_on_timeout=True
    ):
        now = state_of(*paths)
        if now != before:
            before = now
            yield
