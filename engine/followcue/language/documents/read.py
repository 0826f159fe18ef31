"""Bytes or text -> document: decoded, and read as JSON or YAML."""

from __future__ import annotations

import os

from followcue.base.diagnostic import Diagnostic, InvalidInput, letters_apart, nearest
from followcue.base.limits import USUAL, Limits
from followcue.language.documents.decode import MAX_SIZE, decode
from followcue.language.documents.document import Document

# Each format is imported when a text is of it: to read the one needs nothing of the other.


def read_document(text: bytes | str, name: str, limits: Limits = USUAL) -> Document:
    """The document in `text`; raises `InvalidInput` with every mistake that could be found.

    It is JSON if `name` ends in `.json`, or if it begins with a bracket and can be read so; else it is YAML.
    """
    decoded = decode(text, name, limits.size)
    if name.lower().endswith(".json"):
        return _read_json(decoded, name, limits.depth)
    if decoded.lstrip()[:1] in ("{", "["):
        return _read_either(decoded, name, limits.depth)
    return _read_yaml(decoded, name, limits.depth)


def read_file(path: str | os.PathLike[str], limits: Limits = USUAL) -> Document:
    """The document in a file; raises `InvalidInput`, also for a file that cannot be read."""
    return read_document(read_content(path, limits.size), os.fspath(path), limits)


def read_content(path: str | os.PathLike[str], max_size: int = MAX_SIZE) -> bytes:
    """The bytes of a file, as far as they are needed; raises `InvalidInput` if it cannot be read."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            return file.read(max_size + 1)  # one more than is allowed: enough for the refusal
    except (OSError, ValueError) as error:
        problem = Diagnostic("FC101", why_unreadable(error), hint=_what_else(error, name), place=name)
        raise InvalidInput([problem]) from None


def _what_else(error: OSError | ValueError, name: str) -> str | None:
    """What to name instead of a file that cannot be read."""
    match error:
        case FileNotFoundError():
            folder, file = os.path.split(name)
            if not os.path.isdir(folder or os.curdir):
                return f"there is no folder `{folder}`"
            close = nearest(file, os.listdir(folder or os.curdir))
            is_meant = close is not None and letters_apart(file, close, 2) is not None
            return f"did you mean `{os.path.join(folder, close or '')}`?" if is_meant else None
        case IsADirectoryError():
            return "name a file in it"
        case PermissionError():
            return "you have no right to read it: change that, or name another file"
    return None


def why_unreadable(error: OSError | ValueError) -> str:
    """Why a file cannot be read, in a few words."""
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "this is a folder, not a file"
        case PermissionError():
            return "this file may not be read"
        case OSError(strerror=str(reason)):
            return f"this cannot be read: {reason}"
    return "this is not the name of a file"


def _read_json(text: str, name: str, max_depth: int) -> Document:
    from followcue.language.documents.json_text import NotJsonError, read_json

    try:
        return read_json(text, name, max_depth)
    except NotJsonError as error:
        raise InvalidInput([error.problem]) from None


def _read_yaml(text: str, name: str, max_depth: int) -> Document:
    from followcue.language.documents.yaml_text import read_yaml

    return read_yaml(text, name, max_depth)


def _read_either(text: str, name: str, max_depth: int) -> Document:
    """A text that begins with a bracket: JSON, or else YAML in its flow style."""
    from followcue.language.documents.json_text import NotJsonError, read_json

    try:
        return read_json(text, name, max_depth)
    except NotJsonError as error:
        not_json = error
    try:
        return _read_yaml(text, name, max_depth)
    except InvalidInput as error:
        raise _later(not_json.problem, error) from None


def _later(not_json: Diagnostic, not_yaml: InvalidInput) -> InvalidInput:
    """Of two ways to fail the one that got further: it is what the author meant."""
    first = not_yaml.diagnostics[0]
    if first.code != "FC102" or not first.span or not not_json.span or not_json.span <= first.span:
        return not_yaml
    return InvalidInput([not_json])
