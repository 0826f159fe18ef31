"""What takes long, worked out beside the loop that answers the editor, and given up where it cancels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from lsprotocol.types import LSPErrorCodes
from pygls.exceptions import JsonRpcException

from followcue.base.diagnostic import InvalidInput
from followcue.base.terminal import visible_names
from followcue.session.pack_bench import GivenUp, GiveUp

Found = TypeVar("Found")


async def aside(work: Callable[[GiveUp], Found]) -> Found:
    """The answer of `work`, which calls what it is given between two steps and so learns to stop."""
    cancelled = Event()

    def give_up() -> None:
        if cancelled.is_set():
            raise GivenUp

    try:
        return await asyncio.get_running_loop().run_in_executor(None, lambda: work(give_up))
    except asyncio.CancelledError:
        cancelled.set()
        raise


async def aside_or_refused(work: Callable[[GiveUp], Found]) -> Found:
    """The same; where `work` raises `InvalidInput`, the request fails with what an editor shows of it."""
    try:
        return await aside(work)
    except InvalidInput as problem:
        raise _refused(problem) from None


def _refused(problem: InvalidInput) -> JsonRpcException:
    lines = []
    for one in problem.diagnostics:
        lines.append(visible_names(one.message))
        lines += [f"{span.file}:{span.line}: {visible_names(note)}" for note, span in one.related]
    return JsonRpcException("\n".join(lines), LSPErrorCodes.RequestFailed)
