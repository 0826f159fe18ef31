"""A stopwatch: ends work that takes too long, in a process that has a timer to spare."""

from __future__ import annotations

import signal
import threading
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import Any, NoReturn

from followcue.base.limits import LimitExceeded

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
    return _Stopwatch(seconds)


class _Stopwatch:
    """Rings inside a `with` statement only: a ring on the way in or out is noted, and raises nothing there.

    Otherwise one could come when the timer is not stopped yet, and the next where nobody expects it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._rang = False
        self._before: Any = signal.SIG_DFL

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)
        if self._rang:
            self._stop()
            _too_long(self._seconds)

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        self._stop()
        # A library may have made an exception of its own of the ring; those that end the process are let by.
        if self._rang and (kind is None or issubclass(kind, (_TimeUp, Exception))):
            _too_long(self._seconds)

    def _stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        self._rang = True
        own = (_Stopwatch.__enter__, _Stopwatch.__exit__, _Stopwatch._stop)
        if frame is None or frame.f_code not in [function.__code__ for function in own]:
            raise _TimeUp


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
