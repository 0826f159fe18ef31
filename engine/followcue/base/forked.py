"""Work in other processes that begin as copies of this one, so that what is at hand need not be sent to them.

Not all systems have such processes, and a copy of a process with several threads may wait for ever for what
another thread held. Where there can be none, everything is done in this process, with the same outcome.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from typing import Any, TypeVar

_Thing = TypeVar("_Thing")
_Found = TypeVar("_Found")


def can_fork() -> bool:
    """Whether this process may be copied."""
    return (
        "fork" in multiprocessing.get_all_start_methods()
        and threading.active_count() == 1
        and not multiprocessing.current_process().daemon
    )


def forked_pool(processes: int, work: Callable[..., object]) -> Pool | None:
    """Copies of this process, which know `work` as `in_copy` gives it; None where there can be none."""
    if not can_fork():
        return None
    try:
        return multiprocessing.get_context("fork").Pool(processes, _begin, (work,))
    except OSError:  # too little memory, or too many processes
        return None


def each_forked(
    work: Callable[[_Thing], _Found], things: Iterable[_Thing], processes: int
) -> Iterator[_Found]:
    """What comes of each thing, in their order."""
    things = list(things)
    copies = min(processes, len(things))
    pool = forked_pool(copies, work) if copies > 1 else None
    if pool is None:
        yield from map(work, things)
        return
    with pool:
        yield from pool.map(in_copy, things, chunksize=1)


@contextmanager
def begun_aside(work: Callable[[], _Found], processes: int) -> Iterator[Callable[[], _Found]]:
    """Work that another process does while this one does other things; what is given waits for its outcome.

    What the work raises is raised then. Without a second process it is done when its outcome is asked for.
    """
    pool = forked_pool(1, work) if processes > 1 else None
    if pool is None:
        yield work
        return
    with pool:
        yield pool.apply_async(in_copy).get


def in_copy(*given: Any) -> Any:
    """What the work of this copy makes of what it is given."""
    return _work[0](*given)


_work: list[Callable[..., Any]] = []


def _begin(work: Callable[..., object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits: it ends the others
    _work[:] = [work]
