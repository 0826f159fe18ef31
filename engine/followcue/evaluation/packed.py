"""A loaded pack as bytes and back, so that the next start need not read, check and compile rules again."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable, Sequence
from types import CodeType
from typing import Any

from followcue.base.version import __version__
from followcue.language.folders import RuleFolder
from followcue.language.model.pack import Pack

try:  # what `pickle` reads with itself; the rest of that module takes as long to import as a pack to read
    from _pickle import loads as _loads
except ImportError:
    from pickle import loads as _loads

FORMAT = 2
"""The version of the format: one more whenever this module writes otherwise."""

_ROOMS = ("base", "language", "evaluation")
"""The parts of this program whose work is kept, with all that they import."""


def key_of(folders: Sequence[RuleFolder], rooms: Sequence[str] = _ROOMS) -> bytes:
    """What a pack of these folders is kept under: all that it depends on, in full, not a digest of it.

    `rooms` are the parts of this program whose work is kept.
    """
    return b"".join(len(part).to_bytes(8, "big") + part for part in _parts(folders, rooms))


def key_of_code(key: bytes, calendar: bool) -> bytes:
    """What the code of a pack is kept under, by the pack's own key: for a calendar that is asked, or not."""
    return key + (b"calendar" if calendar else b"plain")


def pack_bytes(pack: Pack) -> bytes:
    """The pack as bytes."""
    return dumps(pack)


def dumps(value: object) -> bytes:
    """A value as bytes, which `loads` reads."""
    import pickle  # late: it is seldom written

    return pickle.dumps(value, protocol=5)


def loads(payload: bytes) -> Any:
    """What `dumps` wrote. Only for bytes that the user's own cache kept."""
    return _loads(payload)


def unpack_bytes(payload: bytes) -> Pack | None:
    """What `pack_bytes` wrote; None if it cannot be read. Only for bytes that the user's own cache kept."""
    try:
        pack = loads(payload)
    except Exception:  # a payload of another program may fail in any way; then it is made anew
        return None
    return pack if isinstance(pack, Pack) else None


def key_of_program(key: bytes) -> bytes:
    """What the program of a pack is kept under, by the pack's own key."""
    return key + b"program"


def code_bytes(code: CodeType) -> bytes:
    """The code of a pack's matcher as bytes, for this version of Python alone."""
    return marshal.dumps(code)


def uncode_bytes(payload: bytes) -> CodeType | None:
    """What `code_bytes` wrote; None if it cannot be read. Only for bytes that the user's own cache kept."""
    try:
        code = marshal.loads(payload)
    except Exception:
        return None
    return code if isinstance(code, CodeType) else None


def _parts(folders: Iterable[RuleFolder], rooms: Sequence[str]) -> Iterable[bytes]:
    yield f"{FORMAT} {__version__} {sys.implementation.cache_tag} {sys.version}".encode()
    yield _engine_state(rooms)
    for folder in folders:
        yield folder.origin.encode(errors="surrogateescape")
        for name, content in folder.files.items():
            yield name.encode(errors="surrogateescape")
            yield content


def _engine_state(rooms: Sequence[str] = _ROOMS) -> bytes:
    """When each module was written and how long it is: in a checkout these change without a new version.

    Raises `OSError` where a room cannot be looked at: a cache that no longer sees a change would be worse.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not os.path.isdir(package):  # in a zip file, which does not change
        return b""
    states: list[str] = []
    folders = [os.path.join(package, room) for room in rooms]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if not entry.is_dir():
                    found = entry.stat()
                    states.append(f"{entry.path} {found.st_mtime_ns} {found.st_size}")
                elif entry.name != "__pycache__":
                    folders.append(entry.path)
    return "\n".join(sorted(states)).encode(errors="surrogateescape")
