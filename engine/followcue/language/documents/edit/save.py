"""Saving: one at a time, whole or not at all, with the text of before kept beside the new one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from followcue.base.atomic import replace_for_good
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.edit.extra import needed
from followcue.language.documents.read import read_content

PATIENCE = 10.0
"""How many seconds to wait for another program's edit of the same file: each takes a fraction of one."""


def backup_of(path: str) -> str:
    """Where the text of before is kept: `search.yaml~` beside `search.yaml`."""
    return os.path.realpath(path) + "~"


def lock_of(path: str) -> str:
    """The file by which programs agree on who edits: `.search.yaml.lock` beside `search.yaml`."""
    folder, name = os.path.split(os.path.realpath(path))
    return os.path.join(folder, f".{name}.lock")


@contextmanager
def locked(path: str) -> Iterator[None]:
    """While this lasts, no other such block for the same file runs, in this or any other process."""
    _refuse_no_file(path)
    needed("filelock")
    from filelock import FileLock, Timeout

    lock = FileLock(lock_of(path), timeout=PATIENCE, is_singleton=True)
    try:
        lock.acquire(poll_interval=0.01)
    except Timeout:
        message = f"another program has been writing to this file for {PATIENCE:.0f} seconds"
        raise InvalidInput([Diagnostic("FC611", message, hint="try again", place=path)]) from None
    except (OSError, NotImplementedError) as error:
        raise _unwritable(path, error) from None
    try:
        yield
    finally:
        lock.release()


def save(path: str, before: bytes, after: bytes) -> None:
    """Put `after` in the place of `before`, which is kept; raises `InvalidInput` if either cannot be."""
    with locked(path):
        if read_content(path) != before:
            message = "the file has changed since it was read, so nothing was written"
            raise InvalidInput([Diagnostic("FC611", message, hint="try again", place=path)])
        try:
            _refuse_read_only(path)
            replace_for_good(path, after, keep=backup_of(path))
        except OSError as error:
            raise _unwritable(path, error) from None


def _refuse_no_file(path: str) -> None:
    """Nothing is to be left beside what is no file, or is not there."""
    if os.path.exists(path) and not os.path.isfile(path):
        message = "this is a folder, not a file" if os.path.isdir(path) else "only files can be changed"
        raise InvalidInput([Diagnostic("FC101", message, place=path)])
    if not os.path.exists(path):
        read_content(path)  # which says why


def _refuse_read_only(path: str) -> None:
    """A new file could take the place of one that may not be written to, but it is not to."""
    if not os.stat(path).st_mode & 0o222 or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only", path)


def _unwritable(path: str, error: Exception) -> InvalidInput:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    message = f"this file cannot be written, and is as it was: {reason}"
    return InvalidInput([Diagnostic("FC612", message, place=path)])
