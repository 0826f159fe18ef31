"""A service that listens, for as long as a test asks it."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import uvicorn

from followcue.doors.http import Service, create_app
from followcue.doors.http.app import Rules
from followcue.doors.http.listen import listening
from followcue.evaluation.pipeline import LoadedPack


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        return [found["code"] for found in self.data["diagnostics"]]


class Client:
    """Asks a service on this machine; keeps its connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        try:
            self._connection.request(method, path, body, dict(headers or {}))
            response = self._connection.getresponse()
            read = response.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, read)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, data: object, **headers: str) -> Answer:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.ask("POST", path, body, {"Content-Type": "application/json", **headers})


@contextmanager
def served(rules: Rules | LoadedPack, service: Service | None = None) -> Iterator[Client]:
    """A service in a thread of this process."""
    with listening("127.0.0.1", 0) as socket:
        config = uvicorn.Config(
            create_app(rules, service), log_level="error", server_header=False, timeout_keep_alive=60
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        try:
            yield Client(socket.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def placeless(data: Any) -> Any:
    """An answer without the places of what it tells, which are other ones in every text."""
    if isinstance(data, dict):
        return {key: placeless(value) for key, value in data.items() if key != "line"}
    if isinstance(data, str):
        return re.sub(r"\S+(?::\d+|\[\d+\])+", "PLACE", data)
    return [placeless(item) for item in data] if isinstance(data, list) else data
