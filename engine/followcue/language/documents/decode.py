"""Bytes as they lie in a file -> text that has only on_one_line characters."""

from __future__ import annotations

import codecs

from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.limits import USUAL
from followcue.language.documents.lines import Lines
from followcue.language.documents.plain import UNPRINTABLE

MAX_SIZE = USUAL.size
"""The largest text that is read, in bytes, if nothing else is said: 16 MiB."""

_AS_UTF_8 = "save the file as UTF-8"


def decode(raw: bytes | str, name: str, max_size: int = MAX_SIZE) -> str:
    """The text of `raw`, without a byte order mark; raises `InvalidInput` unless it is UTF-8."""
    if len(raw) > max_size:
        raise _refused(name, b"", "FC106", too_large(max_size), 0)
    text = raw if isinstance(raw, str) else _from_utf_8(raw, name)
    text = text.removeprefix("\ufeff")
    found = UNPRINTABLE.search(text)
    if found:
        raise InvalidInput([unprintable(Lines(name, text), found.start())])
    return text


def unprintable(lines: Lines, index: int) -> Diagnostic:
    """What is said of a character that cannot be seen."""
    message = f"the unprintable character U+{ord(lines.text[index]):04X} stands here"
    return lines.problem("FC105", message, lines.at(index), "remove it")


def too_large(limit: int) -> str:
    """What is said of a text of more bytes than allowed."""
    return f"this is larger than {f'{limit // 2**20} MiB' if limit % 2**20 == 0 else f'{limit:,} bytes'}"


def _from_utf_8(raw: bytes, name: str) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw[:4]:
        raise _refused(name, b"", "FC105", "this text is in UTF-16 or UTF-32, not in UTF-8", 0)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(name, raw, "FC105", not_utf_8(raw[error.start]), error.start) from None


def not_utf_8(byte: int) -> str:
    """What is said of a byte that is not UTF-8."""
    return f"the byte 0x{byte:02X} is not UTF-8{_meant(byte)}"


def _meant(byte: int) -> str:
    """What the byte stands for where it most often comes from: an old Windows program."""
    character = bytes([byte]).decode("cp1252", "replace")
    return f" (in Windows-1252 it would be `{character}`)" if character.isalnum() else ""


def _refused(name: str, raw: bytes, code: str, message: str, at: int) -> InvalidInput:
    before = raw[:at].decode("utf-8")
    lines = Lines(name, before + raw[at : at + 200].decode("utf-8", "replace"))
    hint = _AS_UTF_8 if code == "FC105" else None
    span = lines.at(len(before)) if raw else Span(name, 1, 1)
    return InvalidInput([lines.problem(code, message, span, hint)])
