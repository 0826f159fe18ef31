"""Writing a file whole or not at all, so that no reader ever meets half of it."""

from __future__ import annotations

import os
from contextlib import suppress


def replace_file(path: str, content: bytes) -> None:
    """Write `content` beside `path`, readable by its owner alone, and move it there; raises `OSError`.

    A link is followed; what is no file, such as a device or a pipe, is written to as it is.
    """
    path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as stream:
            stream.write(content)
        return
    from tempfile import mkstemp  # late: most runs write nothing

    handle, beside = mkstemp(dir=os.path.dirname(path) or ".", prefix=".followcue-")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def replace_for_good(path: str, content: bytes, *, keep: str) -> None:
    """Put `content` in the place of the file `path`, and the file of before at `keep`; raises `OSError`.

    What is on the disk is at every moment, also after a crash, the whole old file or the whole new one: the
    new one is written beside it, with its mode and owner, and is on the disk before it takes its place. A
    link is followed. Only one at a time may do this: what a killed one left behind is written over.
    """
    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    beside, spare = (os.path.join(folder, f".{name}.{word}") for word in ("new", "old"))
    try:
        _write_through(beside, content, os.stat(path))
        _link_or_copy(path, spare)
        os.replace(spare, keep)
        os.replace(beside, path)
    finally:
        # Also the spare: renaming it onto another name of the same file does nothing at all.
        for left in (beside, spare):
            with suppress(OSError):
                os.unlink(left)
    _sync_folder(folder)


def keep_for_good(path: str, content: bytes) -> None:
    """Write `content` at `path`, whole or not at all, for its owner alone to read; raises `OSError`.

    Only one at a time may do this: what a killed one left behind is written over.
    """
    beside = f"{path}.new"
    try:
        _write_through(beside, content, None, private=True)
        os.replace(beside, path)
    finally:
        with suppress(OSError):
            os.unlink(beside)
    _sync_folder(os.path.dirname(path))


def create_for_good(path: str, content: bytes) -> None:
    """Make the file `path`, whole or not at all; raises `FileExistsError` if it is there, and `OSError`."""
    folder, name = os.path.split(os.path.abspath(path))
    beside = os.path.join(folder, f".{name}.{os.getpid()}.new")
    try:
        _write_through(beside, content, None)
        _link_to(beside, path)
    finally:
        with suppress(OSError):
            os.unlink(beside)
    _sync_folder(folder)


def _write_through(path: str, content: bytes, like: os.stat_result | None, *, private: bool = False) -> None:
    """Write a new file down to the disk, with the mode and owner of another or the usual ones."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    mode = 0o600 if private or like is not None else 0o666
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with open(handle, "wb") as file:
        if like is not None:
            _take_after(handle, like)
        file.write(content)
        file.flush()
        os.fsync(handle)


def _take_after(handle: int, like: os.stat_result) -> None:
    """The mode of another file, and its owner as far as we may."""
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(handle, like.st_uid, like.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, like.st_mode & 0o7777)


def _link_or_copy(path: str, other: str) -> None:
    """Give a file a second name; where the disk has no such thing, a copy."""
    with suppress(FileNotFoundError):
        os.unlink(other)
    try:
        os.link(path, other)
    except (OSError, NotImplementedError):
        with open(path, "rb") as file:
            _write_through(other, file.read(), os.stat(path))


def _link_to(path: str, other: str) -> None:
    """Move a file to a name that is free."""
    try:
        os.link(path, other)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        if os.path.lexists(other):
            raise FileExistsError(other) from None
        os.rename(path, other)


def _sync_folder(folder: str) -> None:
    """Have the names in a folder on the disk as well, where it can be asked for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network disks refuse, and have the names in order anyway
    finally:
        os.close(handle)
