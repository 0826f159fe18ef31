"""How far a command has come, on a terminal: one line on standard error that goes away at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

OFTEN = 0.1
"""The line is written anew after this many seconds at the earliest."""


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A function to be called with how many `what` are done; it writes on a terminal alone."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda count: None
        return
    last = monotonic()

    def show(count: int) -> None:
        nonlocal last
        if monotonic() - last >= OFTEN:
            last = monotonic()
            sys.stderr.write(f"\r{what}: {count}\x1b[K")
            sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
