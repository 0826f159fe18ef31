"""The cache: bytes kept between runs, believed only if nobody but the user can have written them.

What is kept is code, so a file counts only if it and its folder belong to the user and nobody else may write
them; if it is whole; and if it was made from exactly what is at hand. Whatever goes wrong, in reading or in
writing, means no more than that there is no cache.
"""

from __future__ import annotations

import os
import stat
import sys
from binascii import crc32
from collections.abc import Callable, Iterator
from contextlib import suppress

from followcue.base.atomic import replace_file

# No `hashlib`: to load OpenSSL takes longer than all else that is done here.

CHECK_SIZE = 4
"""How long the checksum at the beginning of a file is."""

MOST_ENTRIES = 32
"""How many entries are kept; older ones go."""

_ENDING = ".pack"
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def read_entry(key: bytes) -> bytes | None:
    """What was kept under `key`, or None. The file holds the whole key, so no other key is taken for it."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        if not _is_trusted(os.lstat(folder), stat.S_ISDIR):
            return None
        with open(os.open(os.path.join(folder, _name(key)), _READ_FLAGS), "rb", buffering=0) as file:
            if not _is_trusted(os.fstat(file.fileno()), stat.S_ISREG):
                return None
            content = file.read()
    except OSError:
        return None
    start = _beginning(key)
    rest = memoryview(content)[CHECK_SIZE:]
    if rest[: len(start)] != start or _check(rest) != content[:CHECK_SIZE]:
        return None
    return bytes(rest[len(start) :])


def write_entry(key: bytes, payload: bytes) -> None:
    """Keep `payload` under `key`: whole or not at all, whoever writes at the same time."""
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if _is_trusted(os.lstat(folder), stat.S_ISDIR):
            content = _beginning(key) + payload
            replace_file(os.path.join(folder, _name(key)), _check(content) + content)
            _forget_oldest(folder)


def entries() -> Iterator[tuple[bytes, bytes]]:
    """Each key that something is kept under, and what is kept, of those that are to be believed."""
    folder = cache_folder()
    if folder is None or not os.path.isdir(folder):
        return
    for name in sorted(os.listdir(folder)):
        if name.endswith(_ENDING):
            with open(os.path.join(folder, name), "rb") as file:
                start = file.read(CHECK_SIZE + 8)[CHECK_SIZE:]
                key = file.read(int.from_bytes(start, "big"))
            payload = read_entry(key)
            if payload is not None:
                yield key, payload


def cache_folder() -> str | None:
    """Where this user's caches lie on this system; None where that cannot be told."""
    return _user_folder("Caches", "XDG_CACHE_HOME", ".cache")


def state_folder() -> str | None:
    """Where what a user would miss is kept between runs; None where that cannot be told."""
    return _user_folder("Application Support", "XDG_STATE_HOME", os.path.join(".local", "state"))


def _user_folder(on_mac: str, variable: str, usual: str) -> str | None:
    """The folder of this program for one kind of files; `usual` where the variable names none."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", on_mac)
    else:
        base = os.environ.get(variable, "")
        base = base if os.path.isabs(base) else os.path.join(home, usual)
    return os.path.join(base, "followcue") if os.path.isabs(base) else None


_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _name(key: bytes) -> str:
    """Where to look for a key. Two keys may share a name: then the later entry takes the other's place."""
    return f"{crc32(key):08x}{_ENDING}"


def _beginning(key: bytes) -> bytes:
    return len(key).to_bytes(8, "big") + key


def _check(content: bytes | memoryview) -> bytes:
    """A checksum against damage; against a forger the owner and the mode of the file have to help."""
    return crc32(content).to_bytes(CHECK_SIZE, "big")


def _is_trusted(found: os.stat_result, kind: Callable[[int], bool]) -> bool:
    """Of the kind expected, the user's own, and no one else's to write."""
    if not kind(found.st_mode):
        return False
    if sys.platform == "win32":
        return True  # there the folder's access list says so: it lies in the user's own profile
    return found.st_uid == os.getuid() and not found.st_mode & _WRITABLE_BY_OTHERS


def _forget_oldest(folder: str) -> None:
    """Leave the newest entries."""
    with os.scandir(folder) as found:
        entries = [entry for entry in found if entry.name.endswith(_ENDING)]
    entries.sort(key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    for entry in entries[MOST_ENTRIES:]:
        os.unlink(entry.path)
