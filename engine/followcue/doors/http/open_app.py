"""The page and what it asks, as an ASGI app: files of the page as they are, and questions to the desk.

No GET changes anything: it gives the files of the page, which say nothing of anybody, and the calendar to who
knows its address. All else is a POST with JSON and the cookie of `Entrance`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.doors.http.answers import answer, encoded, refusal
from followcue.doors.http.desk_folder import ChangedOnDisk, DeskFolder, MayNotSave, not_saved
from followcue.doors.http.entrance import Entrance
from followcue.doors.http.guard import Callers, Guard
from followcue.doors.http.threads import AnswerThreads
from followcue.session.author_desk import STREAMED
from followcue.session.desk import DeskRefusal
from followcue.session.desk_files import all_data
from followcue.session.pack_bench import GivenUp, GiveUp
from followcue.session.params import Params, misasked

MOST_BYTES: Final = 16 * 2**20
"""How large a question may be: all texts of a page together."""

MOST_AT_ONCE: Final = 64
PATIENCE: Final = 10
"""How many questions are answered at a time, and in how many seconds one has to be here."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: nothing but what is its own."""

KINDS: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}
"""The kinds of files that a page may consist of, by their endings."""


LONG: Final = frozenset(("check", "coverage", "diff", "rename", "rules", "rule_at", "why_not", "report_page"))
"""The questions that may take a second or more, which others do not wait for."""


def create_open_app(folder: DeskFolder, entrance: Entrance, tell: Callable[[str], object]) -> ASGIApp:
    """The app; `tell` is told a new secret where the one of before was used already."""
    endpoints = _OpenEndpoints(folder, entrance, tell)
    routes = [
        Route("/api/enter", endpoints.enter, methods=["POST"]),
        Route("/api/{method}", endpoints.ask, methods=["POST"]),
        Route("/calendar/{secret}", endpoints.calendar),
        *(Route(path, partial(_static, content, kind)) for path, (content, kind) in page_files().items()),
    ]
    handlers: Any = {404: _not_found, 405: _not_found}
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=endpoints.lifespan)
    return Guard(
        app,
        Callers(policy=POLICY, is_alone=True),
        kinds=lambda path: ("application/json",) if path.startswith("/api/") else None,
        most_bytes=MOST_BYTES,
        most_at_once=MOST_AT_ONCE,
        patience=PATIENCE,
        count=lambda code: None,
    )


def page_files() -> dict[str, tuple[bytes, str]]:
    """The files of the page by their addresses, each with its kind."""
    found = dict(_inside(files("followcue.doors") / "page", "/"))
    if "/index.html" in found:
        found["/"] = found.pop("/index.html")
    return found


def _inside(folder: Traversable, address: str) -> Iterator[tuple[str, tuple[bytes, str]]]:
    if not folder.is_dir():
        return
    for one in folder.iterdir():
        if one.is_dir():
            yield from _inside(one, f"{address}{one.name}/")
        elif (kind := KINDS.get(one.name.rpartition(".")[2])) is not None:
            yield address + one.name, (one.read_bytes(), kind)


async def _static(content: bytes, kind: str, request: Request) -> Response:
    return Response(content, headers={"cache-control": "no-cache"}, media_type=kind)


class _OpenEndpoints:
    """What answers each address."""

    def __init__(self, folder: DeskFolder, entrance: Entrance, tell: Callable[[str], object]) -> None:
        self._folder = folder
        self._entrance = entrance
        self._tell = tell
        self._threads = AnswerThreads(LONG)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """From the first request to the last."""
        try:
            yield
        finally:
            self._threads.close()

    async def enter(self, request: Request) -> Response:
        """Let in who knows the secret of the address."""
        try:
            secret = Params(await _asked(request)).text("secret")
        except DeskRefusal as problem:
            return answer(problem.answer, problem.status)
        except InvalidInput as problem:
            return answer({"diagnostics": all_data(problem.diagnostics, {})}, 422)
        cookie = self._entrance.enter(secret)
        if cookie is None and not self._is_in(request):
            again = self._entrance.again()
            if again is not None:
                self._tell(again)
            message = "this address was used already, or is not the one that the command printed last"
            return refusal(401, "FC921", message)
        return answer({}, headers={"set-cookie": cookie} if cookie else {})

    async def ask(self, request: Request) -> Response:
        """Answer a question."""
        if not self._is_in(request):
            return refusal(401, "FC921", "open the address that `followcue open` printed")
        method = request.path_params["method"]
        try:
            params = await _asked(request)
            if method in STREAMED:
                return await self._stream(method, params)
            return answer(await self._threads.answer(request, partial(self._answer, method, params), method))
        except (ClientDisconnect, GivenUp):
            return Response(status_code=400)
        except DeskRefusal as problem:
            return answer(problem.answer, problem.status)
        except ChangedOnDisk as problem:
            told = all_data([Diagnostic("FC922", str(problem), place="question")], {})
            return answer({"text": problem.text, "revision": problem.revision, "diagnostics": told}, 409)

    def _answer(self, method: str, params: object, give_up: GiveUp) -> dict[str, Any]:
        try:
            if method == "save":
                asked = Params(params)
                return self._folder.save(asked.text("file"), asked.raw("text"), asked.raw("revision"))
            if method == "changed":
                return self._folder.changed(Params(params).texts("revisions"))
            if method == "feed":
                return {"path": self._entrance.feed}
            if method == "new_file":
                return self._folder.new_file(Params(params), give_up)
            desk = self._folder.desk
        except MayNotSave as problem:
            raise DeskRefusal({"diagnostics": all_data([not_saved(problem)], {})}, 403) from None
        except InvalidInput as problem:
            raise DeskRefusal({"diagnostics": all_data(problem.diagnostics, {})}) from None
        return desk.answer(method, params, give_up)

    async def calendar(self, request: Request) -> Response:
        """The calendar of the file as it is saved, for a program that asks for it again and again."""
        if not self._entrance.knows_feed(request.url.path):
            return await _not_found(request)
        try:
            ask = partial(self._answer, "calendar", {})
            found = await self._threads.answer(request, ask, "calendar")
        except (ClientDisconnect, GivenUp):
            return Response(status_code=400)
        except DeskRefusal as problem:
            return answer(problem.answer, problem.status)
        headers = {"cache-control": "no-store"}
        return Response(found["text"], headers=headers, media_type="text/calendar; charset=utf-8")

    async def _stream(self, method: str, params: object) -> Response:
        """Lines as they come. What is wrong with the question itself is told before the first."""
        lines = self._threads.lines(lambda give_up: self._folder.desk.lines(method, params, give_up))
        first = await anext(lines, None)
        headers = {"cache-control": "no-store"}
        return StreamingResponse(_sent(first, lines), headers=headers, media_type="application/x-ndjson")

    def _is_in(self, request: Request) -> bool:
        return self._entrance.knows(request.headers.get("cookie", ""))


async def _sent(first: object, lines: AsyncGenerator[dict[str, Any], None]) -> AsyncIterator[bytes]:
    """Each line as it comes; a mistake on the way is the last of them."""
    try:
        if first is not None:
            yield encoded(first) + b"\n"
        async for line in lines:
            yield encoded(line) + b"\n"
    except DeskRefusal as problem:
        yield encoded(problem.answer) + b"\n"
    finally:
        await lines.aclose()


async def _asked(request: Request) -> object:
    """The params in a body; raises `DeskRefusal` for what is no JSON."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        problem = misasked("the body is no JSON")
        raise DeskRefusal({"diagnostics": all_data(problem.diagnostics, {})}) from None


async def _not_found(request: Request, error: Exception | None = None) -> Response:
    return refusal(404, "FC911", "there is nothing at this address")
