"""Threads for answers: what takes long keeps nobody waiting, and is given up once nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from followcue.session.pack_bench import GivenUp, GiveUp

T = TypeVar("T")

QUICK, SLOW = 8, 4
"""How many quick and how many long questions are answered at a time."""


class AnswerThreads:
    """Answers questions in threads; those of the names `long` in their own."""

    def __init__(self, long: Collection[str]) -> None:
        self._long = long
        self._quick = ThreadPoolExecutor(QUICK, "quick")
        self._slow = ThreadPoolExecutor(SLOW, "slow")
        self._closed = Event()

    async def answer(self, request: Request, work: Callable[[GiveUp], T], name: str) -> T:
        """What comes of the work; raises `ClientDisconnect` as soon as whoever asked has gone."""
        gone = Event()
        pool = self._slow if name in self._long else self._quick
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(pool, work, self._unless(gone))
        leaving = asyncio.ensure_future(_left(request))
        both: set[asyncio.Future[Any]] = {answer, leaving}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise ClientDisconnect
        finally:
            gone.set()
            leaving.cancel()
            answer.add_done_callback(lambda future: future.cancelled() or future.exception())

    async def lines(
        self, begin: Callable[[GiveUp], Generator[dict[str, Any], None, None]]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The lines of what is begun, each worked out in a thread; given up once this generator is closed."""
        gone, one_at_a_time = Event(), Lock()
        loop = asyncio.get_running_loop()
        lines = await loop.run_in_executor(self._slow, begin, self._unless(gone))

        def step() -> dict[str, Any] | None:
            with one_at_a_time:
                if gone.is_set():
                    lines.close()
                    return None
                return next(lines, None)

        try:
            while (line := await loop.run_in_executor(self._slow, step)) is not None:
                yield line
        finally:
            gone.set()
            with suppress(RuntimeError):  # the threads have ended
                self._slow.submit(step)

    def close(self) -> None:
        """Give up all that is not answered yet."""
        self._closed.set()
        for pool in (self._quick, self._slow):
            with suppress(RuntimeError):
                pool.shutdown(wait=False, cancel_futures=True)

    def _unless(self, gone: Event) -> GiveUp:
        def give_up() -> None:
            if gone.is_set() or self._closed.is_set():
                raise GivenUp

        return give_up


async def _left(request: Request) -> None:
    """Returns when whoever asked has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
