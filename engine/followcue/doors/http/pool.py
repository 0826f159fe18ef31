"""Other processes for questions that may take long: where one ends early, only its question is lost."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from followcue.authoring.reload import warm
from followcue.base.limits import Limits
from followcue.doors.questions import answered
from followcue.evaluation.pipeline import LoadedPack


class PoolBroken(Exception):
    """The process that was asked has ended before it answered."""


class QuestionPool:
    """So many processes, each with the rules that were in force when it began."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._made: tuple[LoadedPack, ProcessPoolExecutor] | None = None

    async def ask(
        self, loaded: LoadedPack, name: str, body: bytes, *, is_yaml: bool, limits: Limits
    ) -> dict[str, Any]:
        """The answer, and what `answered` raises; `PoolBroken` where the process ended."""
        pool = self._pool(loaded)
        work = partial(_answer, name, body, is_yaml=is_yaml, limits=limits)
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except BrokenProcessPool:
            if self._made is not None and self._made[1] is pool:
                self._made = None
            raise PoolBroken("the process that was asked has ended: ask again") from None

    def close(self) -> None:
        """End the processes; what they are at is lost."""
        if self._made is not None:
            self._made[1].shutdown(wait=False, cancel_futures=True)
            self._made = None

    def _pool(self, loaded: LoadedPack) -> ProcessPoolExecutor:
        if self._made is None or self._made[0] is not loaded:
            if self._made is not None:
                self._made[1].shutdown(wait=False)  # what was asked before ends by the rules of before
            # Started anew and not forked: a fork would copy the threads' locks as they are.
            context = multiprocessing.get_context("spawn")
            made = ProcessPoolExecutor(self._processes, context, initializer=_begin, initargs=(loaded,))
            self._made = (loaded, made)
        return self._made[1]


_loaded: LoadedPack | None = None
"""The rules of this process, where it is one of a pool."""


def _begin(loaded: LoadedPack) -> None:
    global _loaded
    _loaded = loaded
    # What the first question would make is made before its time runs.
    warm(loaded)
    loaded.program  # noqa: B018  # explanations look at it, and it is made when it is first asked for


def _answer(name: str, body: bytes, *, is_yaml: bool, limits: Limits) -> dict[str, Any]:
    assert _loaded is not None
    return answered(_loaded, name, body, is_yaml=is_yaml, limits=limits)[1]
