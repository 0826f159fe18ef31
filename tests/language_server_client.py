"""A client of a language server on standard input and output: as much of an editor as tests need."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

PATIENCE = 60
"""Seconds to wait for an answer; a server that says nothing for so long says nothing any more."""


class LanguageServer:
    """A running server, and everything said to and by it."""

    def __init__(self, command: list[str], folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.settings = settings
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._heard: Queue[dict[str, Any] | None] = Queue()
        self._number = 0
        self._version = 1
        self.shown: list[str] = []
        """The messages that the server asked the editor to show."""
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        Thread(target=self._listen, daemon=True).start()
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": "folder"}],
                "capabilities": {
                    "textDocument": {
                        "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
                        "hover": {"contentFormat": ["markdown", "plaintext"]},
                    },
                    "workspace": {"configuration": True},
                },
            },
        )
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": settings})

    def close(self) -> None:
        """End the server as the protocol wants it."""
        if self._process.poll() is None:
            self.request("shutdown", None)
            self.notify("exit", None)
        self._process.wait(PATIENCE)

    # --- what an editor does
    def open(self, name: str, text: str) -> None:
        """Open a file with this text."""
        document = {"uri": (self.folder / name).as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, name: str, text: str) -> None:
        """Give an open file another text; what was said of the one before is forgotten."""
        self._version += 1
        self._diagnostics.pop((self.folder / name).as_uri(), None)
        document = {"uri": (self.folder / name).as_uri(), "version": self._version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def told_of(self, name: str) -> bool:
        """Whether the server has said anything of the mistakes of a file so far."""
        return (self.folder / name).as_uri() in self._diagnostics

    def diagnostics(self, name: str) -> list[dict[str, Any]]:
        """What the server says is wrong with a file that is open."""
        uri = (self.folder / name).as_uri()
        while uri not in self._diagnostics:
            self._hear()
        return self._diagnostics[uri]

    def ask(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        """Ask something of a place in an open file."""
        return self.ask_of_file(method, name, position={"line": line, "character": character}, **more)

    def ask_of_file(self, method: str, name: str, **more: Any) -> Any:
        """Ask something of an open file."""
        document = {"uri": (self.folder / name).as_uri()}
        return self.request(f"textDocument/{method}", {"textDocument": document, **more})

    def next_diagnostics(self, name: str) -> list[dict[str, Any]]:
        """What the server says next of a file that is open."""
        self._diagnostics.pop((self.folder / name).as_uri(), None)
        return self.diagnostics(name)

    def refused(self, method: str, name: str, line: int, character: int, **more: Any) -> str:
        """Ask something of a place that is refused, and what is said to that."""
        error = self._answered(self._asked(method, name, line, character, more))["error"]
        return str(error["message"])

    def cancelled(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        """Ask something of a place and give up at once: the error that comes of it, None if none does."""
        number = self._asked(method, name, line, character, more)
        self.notify("$/cancelRequest", {"id": number})
        return self._answered(number).get("error")

    def _asked(self, method: str, name: str, line: int, character: int, more: dict[str, Any]) -> int:
        document = {"uri": (self.folder / name).as_uri()}
        params = {"textDocument": document, "position": {"line": line, "character": character}, **more}
        self._number += 1
        method = f"textDocument/{method}"
        self._say({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def _answered(self, number: int) -> dict[str, Any]:
        while True:
            message = self._hear()
            if message.get("id") == number and "method" not in message:
                return message

    # --- the protocol
    def request(self, method: str, params: Any) -> Any:
        """Say something, and wait for the answer."""
        self._number += 1
        self._say({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        message = self._answered(self._number)
        assert "error" not in message, message["error"]
        return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Say something that has no answer."""
        self._say({"jsonrpc": "2.0", "method": method, "params": params})

    def _say(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        """The next message; what the server asks of an editor is answered on the way."""
        try:
            message = self._heard.get(timeout=PATIENCE)
        except Empty:
            raise TimeoutError(f"the language server said nothing for {PATIENCE} s") from None
        assert message is not None, "the language server has ended"
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif method == "window/showMessage":
            self.shown.append(message["params"]["message"])
        elif method and "id" in message:
            self._say({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            return [self.settings.get(item.get("section", ""), {}) for item in message["params"]["items"]]
        return None

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                self._heard.put(None)
                return
            self._heard.put(json.loads(stream.read(length)))
