"""The alarm of a timeout: a signal that interrupts what takes too long."""

from __future__ import annotations

import signal
import threading
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any, Final, NoReturn

from followcue.base.limits import LimitExceeded

_AGAIN = 0.05
"""The alarm repeats after so many seconds, should one be lost where Python ignores exceptions (`__del__`)."""


def alarm(seconds: float) -> AbstractContextManager[None]:
    """The alarm of one `with` statement; raises `ValueError` where there can be none."""
    _check_timer()
    return _Timeout(seconds)


class _Timeout:
    """The alarm of one `with` statement: on the way in or out it is noted, and raises nothing there.

    Otherwise it could raise before the timer is stopped, and the next one where nobody expects it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False
        self._before: Any = signal.SIG_DFL

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)
        if self._expired:
            self._stop()
            _too_long(self._seconds)

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        self._stop()
        # A library may have made an exception of its own of the alarm; those that end the process are let by.
        if self._expired and (kind is None or issubclass(kind, (_TimeUp, Exception))):
            _too_long(self._seconds)

    def _stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        self._expired = True
        while frame is not None:
            if frame.f_code in _OWN:
                return
            frame = frame.f_back
        raise _TimeUp


# What is done by the alarm itself, also by an earlier one that is not yet through: on a busy machine the next
# comes before that.
_OWN: Final = tuple(
    function.__code__
    for function in (_Timeout.__enter__, _Timeout.__exit__, _Timeout._stop, _Timeout._on_alarm)
)


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
