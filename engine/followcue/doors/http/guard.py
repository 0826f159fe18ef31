"""The guard: what a request must be before anything is done for it.

A page of another origin can make a browser of this machine send requests to it, and by naming an own address
like this one's read the answers (DNS rebinding). So a request must name a host that is served here, and come
from no other origin than those allowed; it must carry a token where tokens are asked for; and its body must
be of a kind that no form can send, of bounded size, and here before its time is over.

Only a request that is here as a whole takes one of the places of those that are answered: who sends slowly
keeps nobody else waiting. A batch is answered while it comes in, so it takes its place at once, and each of
its pieces has its time.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from followcue.doors.http.answers import refusal, too_large

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
OPEN_PATHS: Final = ("/health", "/ready")
"""What whoever watches over the service asks, without a token; nothing of situations or rules is in it."""

KINDS: Final = ("application/json", "application/yaml")
"""What a question may be sent as."""

KINDS_OF_LINES: Final = ("application/x-ndjson", "application/jsonl")
"""What many questions may be sent as, a line each, which are answered while they come in."""

NOTHING_ALLOWED: Final = "default-src 'none'; frame-ancestors 'none'"
"""The policy of answers that are no pages."""


class Callers(NamedTuple):
    """Who may ask: by which names the service is called, from which origins, with which tokens.

    `policy` is what a browser may do with what it is answered. `is_alone`: no option adds other names and
    origins.
    """

    hosts: tuple[str, ...] = LOOPBACK
    origins: tuple[str, ...] = ()
    tokens: Mapping[str, str] = {}
    policy: str = NOTHING_ALLOWED
    is_alone: bool = False


class _Refused(Exception):
    """A request that may not go further: the status, the code, and why."""

    def __init__(self, status: int, code: str, told: str) -> None:
        super().__init__(told)
        self.status = status
        self.code = code


class Guard:
    """ASGI middleware that answers what may not go further."""

    def __init__(
        self,
        app: ASGIApp,
        access: Callers,
        *,
        kinds: Callable[[str], tuple[str, ...] | None],
        most_bytes: int,
        most_at_once: int,
        patience: float,
        count: Callable[[str], object],
    ) -> None:
        """`kinds` says as what a path takes a body, if it takes one; `most_bytes` is the size of a body.

        `most_at_once` is how many requests are answered at a time, `patience` the seconds that a body may
        take, or a piece of a batch. `count` gets the code of whatever is refused.
        """
        self._app = app
        self._access = access
        self._kinds = kinds
        self._most_bytes = most_bytes
        self._most_at_once = most_at_once
        self._patience = patience
        self._count = count
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = self._with_headers(send, headers.get("origin"))
        try:
            self._check(scope, headers)
            if scope["method"] == "OPTIONS" and headers.get("access-control-request-method"):
                await _preflight(scope, receive, send)
                return
            kinds = self._kinds(_path(scope)) if scope["method"] == "POST" else None
            if kinds is None or kinds == KINDS_OF_LINES:
                receive = self._in_time(receive)
            else:
                receive = _replayed(await self._body(receive), receive)
            await self._answer(scope, receive, send)
        except ClientDisconnect:
            return
        except _Refused as refused:
            self._count(refused.code)
            await refusal(refused.status, refused.code, str(refused))(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _path(scope) not in OPEN_PATHS and self._now >= self._most_at_once:
            raise _Refused(429, "FC916", "too many requests at a time: try again")
        self._now += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._now -= 1

    async def _body(self, receive: Receive) -> bytes:
        """The body, once it is here as a whole; it has so many bytes as it may, whatever it said before."""
        held = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    held += message.get("body", b"")
                    if len(held) > self._most_bytes:
                        raise _Refused(413, "FC913", too_large(self._most_bytes))
                    if not message.get("more_body", False):
                        return bytes(held)
        except TimeoutError:
            told = f"the body was not here within {self._patience:g} seconds"
            raise _Refused(408, "FC916", told) from None

    def _in_time(self, receive: Receive) -> Receive:
        """The same, which takes a caller who sends nothing for too long for one who has gone."""

        async def receiving() -> Message:
            try:
                async with asyncio.timeout(self._patience):
                    return await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}

        return receiving

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Raise `_Refused` for what is told by the headers alone."""
        access, path = self._access, _path(scope)
        if len(headers.getlist("host")) != 1 or _host(headers.get("host", "")) not in access.hosts:
            others = "" if access.is_alone else ": `--allow-host` names others"
            raise _Refused(421, "FC915", f"this host is not served here{others}")
        origin = headers.get("origin")
        if origin is not None and origin not in access.origins and not _is_own(origin, headers["host"]):
            others = "" if access.is_alone else ": `--allow-origin` names those that may"
            raise _Refused(403, "FC912", f"pages of {origin} may not ask here{others}")
        if scope["method"] == "OPTIONS":
            return
        if access.tokens and path not in OPEN_PATHS and not self._knows(headers.get("authorization", "")):
            raise _Refused(401, "FC914", "send `Authorization: Bearer TOKEN` with a token of this service")
        if scope["method"] == "POST" and (kinds := self._kinds(path)) is not None:
            if headers.get("content-type", "").partition(";")[0].strip().lower() not in kinds:
                told = f"send the body as {' or '.join(kinds)}, and say so in `Content-Type`"
                raise _Refused(415, "FC917", told)
            length = headers.get("content-length", "0")
            is_number = re.fullmatch("[0-9]{1,18}", length)
            if kinds != KINDS_OF_LINES and (not is_number or int(length) > self._most_bytes):
                raise _Refused(413, "FC913", too_large(self._most_bytes))

    def _knows(self, authorization: str) -> bool:
        """Whether a token is one of those known; takes as long for any that is not."""
        scheme, _, token = authorization.partition(" ")
        given = token.strip().encode()
        known = [hmac.compare_digest(given, one.encode()) for one in self._access.tokens.values()]
        return any(known) and scheme.lower() == "bearer"

    def _with_headers(self, send: Send, origin: str | None) -> Send:
        """The same, which adds to every answer what browsers are told."""
        safe = {**_SAFE, "content-security-policy": self._access.policy}
        added = [(name.encode(), value.encode()) for name, value in safe.items()]
        if origin is not None and origin in self._access.origins:
            added += [(b"access-control-allow-origin", origin.encode()), (b"vary", b"Origin")]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        return sending


_SAFE: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


async def _preflight(scope: Scope, receive: Receive, send: Send) -> None:
    """What a browser asks before it sends a request from an origin that is allowed."""
    from starlette.responses import Response

    headers = {
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
    }
    await Response(status_code=204, headers=headers)(scope, receive, send)


def _replayed(body: bytes, then: Receive) -> Receive:
    """What an app receives of a body that is here as a whole, and `then` that the caller has gone."""
    held = [body]

    async def receive() -> Message:
        if held:
            return {"type": "http.request", "body": held.pop(), "more_body": False}
        return await then()

    return receive


def _path(scope: Scope) -> str:
    """The path within this app, which may be mounted in another one."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _host(header: str) -> str:
    """The name in a `Host` header, without the port; empty for what is none."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_own(origin: str, host: str) -> bool:
    """Whether an origin is this service itself, which the host was found to be."""
    return origin in (f"http://{host}", f"https://{host}")
