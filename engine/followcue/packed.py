"""A loaded pack as bytes and back, so that the next start need not read, check and compile rules again."""

import marshal
import os
import pickle
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from types import CodeType
from typing import NamedTuple

from followcue.folders import RuleFolder
from followcue.model.pack import Pack
from followcue.version import __version__

FORMAT = 1
"""Counts the ways in which `pack_bytes` wrote."""

_THAT_SHAPE_PACKS = ("source", "model", "logic", "match", "match/compiled")
"""The parts of this program whose work is kept."""


class ReadyPack(NamedTuple):
    """A pack and the code of its compiled matcher: for a plain calendar, and for one that is asked."""

    pack: Pack
    plain: CodeType
    calendar: CodeType

    def code(self, calendar: bool) -> CodeType:
        """The code for an environment with or without a calendar of its own."""
        return self.calendar if calendar else self.plain


def key_of(folders: Sequence[RuleFolder]) -> str:
    """The name that a pack of these folders is kept under: a digest of all that it depends on."""
    digest = sha256()
    for part in _parts(folders):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def pack_bytes(ready: ReadyPack) -> bytes:
    """The pack and its code as bytes, for this version of Python alone."""
    return pickle.dumps((ready.pack, marshal.dumps(ready.plain), marshal.dumps(ready.calendar)), protocol=5)


def unpack_bytes(payload: bytes) -> ReadyPack | None:
    """What `pack_bytes` wrote; None if it cannot be read. Only for bytes that the user's own cache kept."""
    try:
        pack, plain, calendar = pickle.loads(payload)
        return ReadyPack(pack, marshal.loads(plain), marshal.loads(calendar))
    except Exception:  # a payload of another program may fail in any way; then it is made anew
        return None


def _parts(folders: Iterable[RuleFolder]) -> Iterable[bytes]:
    yield f"{FORMAT} {__version__} {sys.implementation.cache_tag} {sys.version}".encode()
    yield _engine_state()
    for folder in folders:
        yield folder.origin.encode(errors="surrogateescape")
        for name, content in folder.files.items():
            yield name.encode(errors="surrogateescape")
            yield content


def _engine_state() -> bytes:
    """When each module was written and how long it is: in a checkout these change without a new version."""
    root = os.path.dirname(os.path.abspath(__file__))
    try:
        states = [
            f"{entry.path} {entry.stat().st_mtime_ns} {entry.stat().st_size}"
            for folder in _THAT_SHAPE_PACKS
            for entry in os.scandir(os.path.join(root, folder))
            if entry.is_file()
        ]
    except OSError:  # in a zip file, which does not change
        return b""
    return "\n".join(sorted(states)).encode(errors="surrogateescape")
