"""The yaml-language-server that editors run, over stdio."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.judges import npm

PACKAGE = "yaml-language-server@2.0.0"


class Server:
    """A language server, and what it says."""

    def __init__(self, process: subprocess.Popen[bytes], schema: Path) -> None:
        self._process = process
        self._settings = {"yaml": {"schemas": {schema.as_uri(): "*.yaml"}, "hover": True, "completion": True}}
        self._last = 0
        self._data = b""
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """The answer to a request; questions of the server are answered meanwhile."""
        self._last += 1
        self._send({"id": self._last, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._last and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def found_in(self, uri: str) -> list[dict[str, Any]]:
        """The diagnostics of a file, once there are some."""
        while not self.diagnostics.get(uri):
            self._next()
        return self.diagnostics[uri]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _next(self, limit_s: float = 60) -> dict[str, Any]:
        while b"\r\n\r\n" not in self._data:
            self._read(limit_s)
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(self._data) < size:
            self._read(limit_s)
        body, self._data = self._data[:size], self._data[size:]
        message: dict[str, Any] = json.loads(body)
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            one = message["method"] == "workspace/configuration"
            items = message["params"]["items"] if one else []
            result = [self._settings.get(item.get("section"), {}) for item in items] if one else None
            self._send({"id": message["id"], "result": result})
        return message

    def _read(self, limit_s: float) -> None:
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        end = time.monotonic() + limit_s
        assert select.select([handle], [], [], end - time.monotonic())[0], "the language server says nothing"
        data = os.read(handle, 1 << 16)
        assert data, "the language server ended"
        self._data += data


@contextmanager
def language_server(root: Path, schema: Path) -> Iterator[Server]:
    """A server for the YAML files below `root`."""
    program = npm(PACKAGE) / "bin" / "yaml-language-server"
    argv = ["node", str(program), "--stdio"]
    with subprocess.Popen(argv, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            server = Server(process, schema)
            can = {
                "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
                "textDocument": {"hover": {"contentFormat": ["markdown"]}, "completion": {}},
            }
            server.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": can})
            server.tell("initialized", {})
            server.tell("workspace/didChangeConfiguration", {"settings": server._settings})
            yield server
        finally:
            process.kill()
