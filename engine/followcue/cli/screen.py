"""Standard output: what it can show, and how a text gets there. Nothing here needs click."""

from __future__ import annotations

import errno
import os
import sys

from followcue.base.named_tuple import NamedTuple
from followcue.base.terminal import put, visible_but_styles


class Terminal(NamedTuple):
    """What standard output can show; `columns` is None where it is not known."""

    columns: int | None
    color: bool


def terminal() -> Terminal:
    """What is known of standard output; `NO_COLOR` and `TERM=dumb` mean no colour, `COLUMNS` is the width."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Terminal(_columns(), is_terminal() and not plain)


def is_terminal() -> bool:
    """Whether what is written to standard output is seen by a person at once."""
    return sys.stdout is not None and sys.stdout.isatty()


def say(text: str) -> None:
    """Write `text` to standard output; to a file or a pipe go the same bytes whatever the locale."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "it is closed")
    if sys.stdout.isatty():
        put(visible_but_styles(text), aside=False)
        return
    content = text.encode(errors="replace")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def silence_stdout() -> None:
    """Let the interpreter's own last flush go nowhere instead of complaining."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _columns() -> int | None:
    written = os.environ.get("COLUMNS", "")
    if written.isascii() and written.isdigit():
        return int(written)
    if not is_terminal():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None
