"""The guard: what a request must be before anything is done for it.

A page of another origin can make a browser of this machine send requests to it, and by naming an own address
like this one's read the answers (DNS rebinding). So a request must name a host that is served here, and come
from no other origin than those allowed; it must carry a token where tokens are asked for; and its body must
be of a kind that no form can send, and of bounded size.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from followcue.doors.http.answers import refusal, too_large

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
OPEN_PATHS: Final = ("/health", "/ready")
"""What whoever watches over the service asks, without a token; nothing of situations or rules is in it."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {"/v1/batch": ("application/x-ndjson", "application/jsonl")}
USUAL_KINDS: Final = ("application/json", "application/yaml")
NOTHING_ALLOWED: Final = "default-src 'none'; frame-ancestors 'none'"
"""The policy of answers that are no pages."""


class Callers(NamedTuple):
    """Who may ask: by which names the service is called, from which origins, with which tokens.

    `kinds` are the kinds of bodies, `policy` is what a browser may do with what it is answered.
    `is_alone`: no option adds other names and origins.
    """

    hosts: tuple[str, ...] = LOOPBACK
    origins: tuple[str, ...] = ()
    tokens: Mapping[str, str] = {}
    kinds: tuple[str, ...] = USUAL_KINDS
    policy: str = NOTHING_ALLOWED
    is_alone: bool = False


class Guard:
    """ASGI middleware that answers what may not go further."""

    def __init__(self, app: ASGIApp, access: Callers, most_bytes: int, most_at_once: int) -> None:
        """`most_bytes` is the size of a body, `most_at_once` how many requests are answered at a time."""
        self._app = app
        self._access = access
        self._most_bytes = most_bytes
        self._most_at_once = most_at_once
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = self._with_headers(send, headers.get("origin"))
        refused = self._refused(scope, headers)
        if refused is not None:
            await refusal(*refused)(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and headers.get("access-control-request-method"):
            await _preflight(scope, receive, send)
            return
        if scope["path"] not in OPEN_PATHS and self._now >= self._most_at_once:
            await refusal(429, "FC916", "too many requests at a time: try again")(scope, receive, send)
            return
        self._now += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._now -= 1

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """The status, code and sentence for a request that may not go further."""
        access, path = self._access, scope["path"]
        if len(headers.getlist("host")) != 1 or _host(headers.get("host", "")) not in access.hosts:
            others = "" if access.is_alone else ": `--allow-host` names others"
            return 421, "FC915", f"this host is not served here{others}"
        origin = headers.get("origin")
        if origin is not None and origin not in access.origins and not _is_own(origin, headers["host"]):
            others = "" if access.is_alone else ": `--allow-origin` names those that may"
            return 403, "FC912", f"pages of {origin} may not ask here{others}"
        if scope["method"] == "OPTIONS":
            return None
        if access.tokens and path not in OPEN_PATHS and not self._knows(headers.get("authorization", "")):
            return 401, "FC914", "send `Authorization: Bearer TOKEN` with a token of this service"
        if scope["method"] == "POST":
            kinds = KINDS.get(path, access.kinds)
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind not in kinds:
                return 415, "FC917", f"send the body as {' or '.join(kinds)}, and say so in `Content-Type`"
            length = headers.get("content-length", "0")
            if path not in KINDS and (
                not re.fullmatch("[0-9]{1,18}", length) or int(length) > self._most_bytes
            ):
                return 413, "FC913", too_large(self._most_bytes)
        return None

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


def _host(header: str) -> str:
    """The name in a `Host` header, without the port; empty for what is none."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_own(origin: str, host: str) -> bool:
    """Whether an origin is this service itself, which the host was found to be."""
    return origin in (f"http://{host}", f"https://{host}")
