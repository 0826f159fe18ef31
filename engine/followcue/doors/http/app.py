"""The service as an ASGI app: which address is answered by what.

A request takes the rules in force once, and is answered by these even where others come meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import Any, Final, NamedTuple, Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import require
from followcue.base.limits import USUAL, LimitExceeded, Limits
from followcue.doors.http.answers import answer, encoded, refusal, refused, too_large
from followcue.doors.http.decision_log import DecisionLog, LogUnavailable
from followcue.doors.http.guard import KINDS, KINDS_OF_LINES, Callers, Guard
from followcue.doors.http.metrics import CONTENT_TYPE, Metrics
from followcue.doors.http.openapi import openapi
from followcue.doors.http.pool import PoolBroken, QuestionPool
from followcue.doors.http.rules_shown import all_rules, one_rule
from followcue.doors.questions import QUESTIONS, answered
from followcue.doors.request import AskedQuestion, BadRequest, as_data, asked_in, read_request
from followcue.evaluation.pipeline import LoadedPack, evaluate
from followcue.evaluation.situation.situation_schema import situation_schema
from followcue.language.documents.read import read_document

LARGE: Final = 64 * 1024
"""A body of more bytes is answered in another process: it would keep all others waiting."""

KINDS_OF_PATHS: Final = {f"/v1/{name}": KINDS for name in QUESTIONS} | {"/v1/batch": KINDS_OF_LINES}
"""As what each address takes a body."""

SERVED: Final = USUAL._replace(steps=500_000, entries=5_000, size=2**20, report=4 * 2**20)
"""What one request may take, unless the service is told otherwise."""


class Rules(Protocol):
    """Where the rules in force are: a `ReloadingPack`, or `FixedRules`."""

    @property
    def pack(self) -> LoadedPack:
        """The rules."""


class FixedRules(NamedTuple):
    """Rules that stay the same."""

    pack: LoadedPack


class Service(NamedTuple):
    """How a service is run: who may ask, what one request may take, how many at once, and what is kept.

    `patience` are the seconds that a body may take to come in, or a piece of a batch.
    `limits.seconds` holds only where the app runs in the main thread of its process. `workers` are processes
    for what may take long. `refused_reload` says why the newest files of the rules were not taken, if so.
    """

    access: Callers = Callers()
    limits: Limits = SERVED
    most_at_once: int = 64
    patience: float = 10
    workers: int = 2
    log: DecisionLog | None = None
    metrics: Metrics | None = None
    refused_reload: Callable[[], str | None] = lambda: None


def create_app(rules: Rules | LoadedPack, service: Service | None = None) -> ASGIApp:
    """The service as an app for any ASGI server, or to be mounted in another app. Needs the extra `serve`."""
    require("serve")
    held = FixedRules(rules) if isinstance(rules, LoadedPack) else rules
    service = service or Service()
    endpoints = _Endpoints(held, service)
    routes = [
        *(Route(f"/v1/{name}", endpoints.question(name), methods=["POST"]) for name in QUESTIONS),
        Route("/v1/batch", endpoints.batch, methods=["POST"]),
        Route("/v1/rules", endpoints.rules, methods=["GET"]),
        Route("/v1/rules/{id}", endpoints.rule, methods=["GET"]),
        Route("/v1/schemas/situation", endpoints.situation, methods=["GET"]),
        Route("/openapi.json", endpoints.openapi, methods=["GET"]),
        Route("/health", endpoints.health, methods=["GET"]),
        Route("/ready", endpoints.ready, methods=["GET"]),
        Route("/metrics", endpoints.metrics, methods=["GET"]),
    ]
    handlers: Any = {404: _not_found, 405: _not_allowed}
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=endpoints.lifespan)
    return Guard(
        app,
        service.access,
        kinds=KINDS_OF_PATHS.get,
        most_bytes=service.limits.size,
        most_at_once=service.most_at_once,
        patience=service.patience,
        count=endpoints.count_refused,
    )


class _Endpoints:
    """What answers each address."""

    def __init__(self, rules: Rules, service: Service) -> None:
        self._rules = rules
        self._service = service
        self._limits = service.limits
        self._log = service.log
        self._metrics = service.metrics or Metrics()
        self._pool = QuestionPool(service.workers)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """From the first request to the last."""
        try:
            yield
        finally:
            self._pool.close()
            if self._log is not None:
                self._log.close()

    def count_refused(self, code: str) -> None:
        """Count what was refused before it came here."""
        self._metrics.refused([code])

    # --- questions
    def question(self, name: str) -> Callable[[Request], Any]:
        """What answers a question."""

        async def endpoint(request: Request) -> Response:
            began = perf_counter()
            response = await self._asked(name, request, began)
            self._metrics.answered(f"/v1/{name}", response.status_code, perf_counter() - began)
            return response

        return endpoint

    async def _asked(self, name: str, request: Request, began: float) -> Response:
        loaded = self._rules.pack
        is_yaml = request.headers["content-type"].partition(";")[0].strip().lower().endswith("yaml")
        body = await request.body()
        try:
            if QUESTIONS[name].is_long or len(body) > LARGE:
                asked = None
                found = await self._pool.ask(loaded, name, body, is_yaml=is_yaml, limits=self._limits)
            else:
                asked, found = answered(loaded, name, body, is_yaml=is_yaml, limits=self._limits)
            headers: Mapping[str, str] = {}
            if name == "evaluate":
                self._metrics.advised(found)
                if self._log is not None:
                    asked = asked or read_request(body, is_yaml=is_yaml, accepts={}, limits=self._limits)
                    headers = {"decision-id": self._written(loaded, asked, found, began)}
            return answer(found, headers=headers)
        except (InvalidInput, LimitExceeded, PoolBroken, LogUnavailable) as problem:
            return self._refused(problem)

    def _written(
        self, loaded: LoadedPack, asked: AskedQuestion, report: Mapping[str, Any], began: float
    ) -> str:
        assert self._log is not None
        ms = (perf_counter() - began) * 1000
        return self._log.add(loaded, report, asked.document.data, asked.options, ms)

    def _refused(self, problem: Exception) -> Response:
        match problem:
            case InvalidInput():
                self._metrics.refused(found.code for found in problem.diagnostics)
                return refused(400 if isinstance(problem, BadRequest) else 422, problem.diagnostics)
            case LimitExceeded():
                code = "FC901"
            case LogUnavailable():
                code = "FC918"
            case _:
                code = "FC919"
        self._metrics.refused([code])
        return refusal(503, code, str(problem))

    # --- many
    async def batch(self, request: Request) -> Response:
        """Lines of JSON, each a question as `evaluate` takes it; an answer to each, in their order."""
        loaded = self._rules.pack
        return _Answers(self._lines(loaded, request))

    async def _lines(self, loaded: LoadedPack, request: Request) -> AsyncIterator[bytes]:
        number = 0
        async for line in _split(request.stream(), self._limits.size):
            number += 1
            if line is not None and not line.strip():
                continue
            yield encoded({"line": number, **self._one(loaded, line)}) + b"\n"
            await asyncio.sleep(0)  # others are waiting

    def _one(self, loaded: LoadedPack, line: bytes | None) -> dict[str, Any]:
        began = perf_counter()
        if line is None:
            problem = Diagnostic("FC913", too_large(self._limits.size))
            return {"diagnostics": [as_data(problem)]}
        try:
            asked = asked_in(read_document(line, "line.json", self._limits), {}, self._limits)
            report = evaluate(loaded, asked.document, asked.options).to_dict()
            self._metrics.advised(report)
            if self._log is None:
                return {"report": report}
            return {"decision": self._written(loaded, asked, report, began), "report": report}
        except InvalidInput as problem:
            self._metrics.refused(found.code for found in problem.diagnostics)
            return {"diagnostics": [as_data(found) for found in problem.diagnostics]}
        except (LimitExceeded, LogUnavailable) as problem:
            code = "FC901" if isinstance(problem, LimitExceeded) else "FC918"
            return {"diagnostics": [as_data(Diagnostic(code, str(problem)))]}

    # --- what is served
    async def rules(self, request: Request) -> Response:
        """All rules in short."""
        return self._of_rules(request, all_rules)

    async def rule(self, request: Request) -> Response:
        """One rule."""
        name = request.path_params["id"]
        if name not in self._rules.pack.pack.rules:
            return refusal(404, "FC911", f"there is no rule `{name}`")
        return self._of_rules(request, lambda loaded: one_rule(loaded, name))

    async def situation(self, request: Request) -> Response:
        """The schema of situations, in the words of the rules."""
        return self._of_rules(request, lambda loaded: situation_schema(loaded.pack.vocabulary))

    async def openapi(self, request: Request) -> Response:
        """What this service answers, for programs that write programs."""
        return self._of_rules(request, lambda loaded: openapi(loaded.pack.vocabulary))

    def _of_rules(self, request: Request, made: Callable[[LoadedPack], object]) -> Response:
        """What depends on the rules alone, and so may be kept until they change."""
        loaded = self._rules.pack
        headers = {"etag": f'"{loaded.pack.version}"', "cache-control": "no-cache"}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return answer(made(loaded), headers=headers)

    async def health(self, request: Request) -> Response:
        """That the process is there."""
        return answer({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Whether decisions can be given, and by which rules; whether newer ones were refused."""
        problem = self._log.problem if self._log else None
        state = {
            "status": "log unavailable" if problem else "ready",
            "rules_version": self._rules.pack.pack.version,
            "log": problem,
            "refused_reload": self._service.refused_reload(),
        }
        return answer(state, 503 if problem else 200)

    async def metrics(self, request: Request) -> Response:
        """The counters."""
        return Response(self._metrics.text(self._rules.pack.pack.version), media_type=CONTENT_TYPE)


class _Answers(Response):
    """An answer that is sent while what is asked is still coming in."""

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        super().__init__(media_type="application/x-ndjson", headers={"cache-control": "no-store"})
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send each line as it comes."""
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        with suppress(ClientDisconnect):
            async for line in self._lines:
                await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _split(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes | None]:
    """The lines of a body; None for one of more than `most` bytes, of which nothing is kept."""
    held = bytearray()
    skipping = False
    async for chunk in chunks:
        begin = 0
        while (end := chunk.find(b"\n", begin)) >= 0:
            held += chunk[begin:end]
            yield None if skipping or len(held) > most else bytes(held)
            held.clear()
            skipping, begin = False, end + 1
        held += chunk[begin:]
        if len(held) > most:
            held.clear()
            skipping = True
    if held or skipping:
        yield None if skipping else bytes(held)


async def _not_found(request: Request, error: Exception) -> Response:
    return refusal(404, "FC911", "there is nothing at this address: /openapi.json lists what there is")


async def _not_allowed(request: Request, error: Exception) -> Response:
    allowed = getattr(error, "headers", None)
    return refused(405, [Diagnostic("FC910", f"{request.method} is not answered at this address")], allowed)
