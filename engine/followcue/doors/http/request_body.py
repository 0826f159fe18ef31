"""The body of a request, of bounded size."""

from __future__ import annotations

from starlette.requests import Request


async def body_of(request: Request, most: int) -> bytes | None:
    """The body; None where it has more bytes than it may, whatever it said before."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > most:
            return None
    return bytes(held)
