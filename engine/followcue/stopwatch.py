"""A stopwatch: ends work that takes too long, in a process that has a timer to spare."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NoReturn

from followcue.match.protocol import LimitExceeded

_AGAIN = 0.05
"""Rings again after so many seconds, should a ring be lost where Python ignores exceptions (`__del__`)."""


def within(seconds: float) -> AbstractContextManager[None]:
    """Raise `LimitExceeded` when what is done inside takes longer than `seconds`; 0 is no limit.

    Python code is interrupted between two of its steps; one call into a library ends first, unless the
    library looks for signals, as DuckDB does. Raises `ValueError` where that cannot be done: outside the main
    thread, on systems without `setitimer` (Windows), or where the program uses that timer itself.
    """
    if not seconds:
        return nullcontext()
    _check_timer()
    return _ringing(seconds)


@contextmanager
def _ringing(seconds: float) -> Iterator[None]:
    on, rang = True, False

    def ring(number: int, frame: object) -> None:
        nonlocal rang
        if on:
            rang = True
            raise _TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        try:
            yield
        finally:
            on = False
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (_TimeUp, Exception):
        on = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        if not rang:
            raise
        _too_long(seconds)  # a library may have made an exception of its own of the ring
    finally:
        signal.signal(signal.SIGALRM, before)


class _TimeUp(BaseException):
    """Not an `Exception`, so that nothing on the way takes it for one of its own."""


def _too_long(seconds: float) -> NoReturn:
    raise LimitExceeded(
        f"the evaluation takes more than {seconds:g} seconds (limit: seconds = {seconds:g}); "
        "look at the limits of derivations and steps, which do not depend on the machine"
    ) from None


def _check_timer() -> None:
    if not hasattr(signal, "setitimer"):
        raise ValueError("the limit `seconds` needs a timer that this system does not have")
    if threading.current_thread() is not threading.main_thread():
        raise ValueError("the limit `seconds` works in the main thread only")
    taken = signal.getsignal(signal.SIGALRM) not in (signal.SIG_DFL, signal.SIG_IGN)
    if taken or signal.getitimer(signal.ITIMER_REAL)[0]:
        raise ValueError("the limit `seconds` needs the timer (SIGALRM) that this program uses itself")
