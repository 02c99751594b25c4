"""A server that answers by a script: what a real one says only under load, or when its network fails."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Tuple


class Asked(NamedTuple):
    """A request as it came, and the connection that it came by."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: Tuple[str, int]


Step = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "ScriptedServer"

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Type": "application/json", "Content_Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if status != 304:
            self.wfile.write(content)

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers), body, self.client_address))
        self.server.steps.pop(0)(self)

    do_GET = do_POST = do_PUT = do_DELETE = handle_one

    def log_message(self, format: str, *args: Any) -> None:
        pass


class ScriptedServer(ThreadingHTTPServer):
    """Does one step of its script a request, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, *steps: Step) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps: List[Step] = list(steps)
        self.asked: List[Asked] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __exit__(self, *error: Any) -> None:
        self.shutdown()
        super().__exit__(*error)


def says(message: Any, status: int = 200, **headers: str) -> Step:
    """Answers with JSON."""
    return lambda handler: handler.answer(status, json.dumps(message).encode(), **headers)


def gives(content: bytes, status: int = 200, **headers: str) -> Step:
    """Answers with bytes."""
    return lambda handler: handler.answer(status, content, **headers)


def fails(status: int, kind: str = "fault", can_retry: bool = True, **headers: str) -> Step:
    """Answers with a problem."""
    problem: Dict[str, Any] = {"status": status, "detail": "as scripted", "kind": kind, "can_retry": can_retry}
    return says(problem, status, Content_Type="application/problem+json", **headers)


def hangs_up(after: bytes = b"") -> Step:
    """Breaks the connection, after so much of an answer."""

    def step(handler: Handler) -> None:
        handler.wfile.write(after)
        handler.close_connection = True

    return step


def hangs(until: threading.Event) -> Step:
    """Says nothing until the test is over."""

    def step(handler: Handler) -> None:
        until.wait()
        handler.close_connection = True

    return step


def streams(*events: Any) -> Step:
    """Sends events and ends the stream."""
    lines = "".join(f"event: backfill\ndata: {json.dumps(event)}\n\n" for event in events)
    return hangs_up(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{lines}".encode())
