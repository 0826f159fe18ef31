"""Running the service: the rules that reload, the address, and an end that lets begun answers finish."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from followcue.authoring.reload import Reload, ReloadingPack, warm
from followcue.base.gc_pause import gc_spare_what_is_there
from followcue.doors.http.app import FixedRules, Rules, Service, create_app
from followcue.doors.http.metrics import Metrics
from followcue.evaluation.pipeline import load_pack

GRACE = 10
"""So many seconds begun answers have to finish."""

NEW_OBJECTS = 10_000
"""The garbage collector looks after so many: an answer makes some thousands, nearly none in cycles."""


class PatientProtocol(H11Protocol):
    """HTTP that hangs up on a caller whose request has no end of its headers within `patience` seconds.

    A server that waited for ever would be held by a few hundred callers who send nothing. What comes
    after the headers is the guard's.
    """

    patience: float = 10
    _hanging_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; begin to wait anew only where a request has begun and another is not yet."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._hanging_up is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._hanging_up = self.loop.call_later(self.patience, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._hanging_up is not None:
            self._hanging_up.cancel()
            self._hanging_up = None


def run(
    service: Service,
    host: str,
    port: int,
    *,
    rules: Sequence[str],
    packs: Sequence[str],
    reloads: bool,
    tell: Callable[[str], object],
) -> None:
    """Listen and answer until a signal ends it; what happens is told by `tell`.

    Raises what loading rules raises, and `OSError` where the address cannot be had.
    """
    metrics = Metrics()
    refused: list[str | None] = [None]

    def told(outcome: Reload) -> None:
        metrics.reloaded(taken=outcome.taken)
        gc_spare_what_is_there()
        refused[0] = None if outcome.taken else str(outcome)
        tell(
            f"rules taken over: {outcome.pack.pack.version}"
            if outcome.taken
            else f"rules not taken:\n{outcome}"
        )

    with ExitStack() as stack:
        held: Rules
        if reloads:
            held = stack.enter_context(ReloadingPack(*rules, packs=packs, on_reload=told))
        else:
            held = FixedRules(load_pack(*rules, packs=packs))
        warm(held.pack)
        address = stack.enter_context(listening(host, port))
        app = create_app(held, service._replace(metrics=metrics, refused_reload=lambda: refused[0]))
        tell(f"followcue {held.pack.pack.version} on {address_of(address)}")
        serve(app, address, most_at_once=service.most_at_once)


def serve(app: ASGIApp, address: socket.socket, *, most_at_once: int, grace: int = GRACE) -> None:
    """Answer at that address until a signal ends it; begun answers have `grace` seconds to finish."""
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=5,
        limit_concurrency=most_at_once * 4,
        h11_max_incomplete_event_size=64 * 1024,
        proxy_headers=False,
    )
    gc_spare_what_is_there()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    uvicorn.Server(config).run(sockets=[address])


def address_of(listener: socket.socket) -> str:
    """The address at which it can be reached: `http://127.0.0.1:8080`."""
    name, number = listener.getsockname()[:2]
    return f"http://{f'[{name}]' if ':' in name else name}:{number}"


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to that address, port 0 for one that is free; raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol: else asyncio sets no TCP_NODELAY, and what is written goes out 40 ms later.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)
    except OSError:
        found.close()
        raise
    return found
