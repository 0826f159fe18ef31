"""Watching files: what they look like, and the moments at which to look again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from followcue.base.extras import imported

if TYPE_CHECKING:
    from watchfiles import Change

LOOK_AGAIN = 1000
"""After so many milliseconds without a notice one looks all the same: some file systems give none."""

FileState: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""What can be seen of some files without reading them."""


def changes(state: Callable[[], object], moments: Iterable[None]) -> Iterator[None]:
    """Now, and at each of the moments at which `state` is other than it was the last time."""
    seen = state()
    yield
    for _ in moments:
        now = state()
        if now != seen:
            seen = now
            yield


def state_of(*paths: str) -> FileState:
    """The files at these paths, and all in the folders among them; what is not there is left out."""
    return tuple(sorted(_seen(paths)))


def moments(*paths: str) -> Iterator[None]:
    """A moment whenever one of these files, or anything in these folders, may have changed; and every second.

    The folder of a file is watched instead of the file, as editors put a new file in the place of the old.
    Raises `Unavailable` without the package that watches.
    """
    watch = imported("watch", "watchfiles").watch
    places = [*map(os.path.abspath, paths)]
    folders = [place for place in places if os.path.isdir(place)]
    files = [place for place in places if place not in folders]
    notices = watch(
        *dict.fromkeys(
            [*map(os.path.dirname, files), *(one for folder in folders for one in _folders(folder))]
        ),
        watch_filter=_only(files, folders),
        debounce=50,
        step=20,
        rust_timeout=LOOK_AGAIN,
        yield_on_timeout=True,
        recursive=False,  # a file may lie in a folder that holds half the disk
    )
    return (None for _ in notices)


def _only(files: Sequence[str], folders: Sequence[str]) -> Callable[[Change, str], bool]:
    """Which notices count: of the files, and of what is in the folders."""
    inside = tuple(os.path.join(folder, "") for folder in folders)
    return lambda change, path: path in files or path.startswith(inside)


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
