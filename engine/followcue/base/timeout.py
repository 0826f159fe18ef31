"""A timeout: work that takes too long is interrupted, in a process whose timer is free."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from followcue.base.limits import Limits, checked


def in_time(limits: Limits) -> AbstractContextManager[None]:
    """Keeps what is done inside to the limit of time, and all limits to their bounds.

    Raises `ValueError` for a limit out of its bounds, and where time cannot be limited; see `within`.
    """
    return within(checked(limits).seconds)


def within(seconds: float) -> AbstractContextManager[None]:
    """Raise `LimitExceeded` when what is done inside takes longer than `seconds`; 0 is no limit.

    Python code is interrupted between two of its steps; one call into a library ends first, unless the
    library looks for signals, as DuckDB does. Raises `ValueError` where that cannot be done: outside the main
    thread, on systems without `setitimer` (Windows), or where the program uses that timer itself.
    """
    if not seconds:
        return nullcontext()
    from followcue.base.alarm import alarm  # late: time is seldom limited, and signals take a while to import

    return alarm(seconds)
