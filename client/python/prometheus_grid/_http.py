"""HTTP as the grid speaks it: connections that stay open, deadlines, repeats, problems as errors."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import ssl
import time
import weakref
from collections import deque
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import Any, Deque, Dict, Iterator, NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

from ._call import Call
from .errors import BadInput, GridError, GridFault, from_problem

LOOKUP_SECONDS, STUDY_SECONDS = 60.0, 660.0
"""How long a call may take unless its caller says: longer than the server gives itself, so that its own word is heard."""

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
_LONGEST_IDLE = 60.0  # Servers close idle connections after two minutes, proxies often sooner.
_LONGEST_SILENCE = 60.0
_PIECE = 1 << 16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Answer(NamedTuple):
    """An answer that is no error."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def json(self) -> Any:
        """What it says.

        Raises:
            GridFault: It is no JSON, so no grid has said it.
        """
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise GridFault(f"the answer is no JSON ({self.headers.get_content_type()}); is this the address of a grid?", status=self.status) from error

    @property
    def tag(self) -> Optional[str]:
        """The version of what was answered."""
        tag: Optional[str] = self.headers["ETag"]
        return tag


class Deadline:
    """The moment by which a call has to be answered, retries and pauses included."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, above 0.

        Raises:
            GridFault: It has passed.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise GridFault.of_deadline(self.seconds)
        return left


class Http:
    """Calls one server. May be used by several threads, and by processes that were forked."""

    def __init__(self, url: str, api_key: Optional[str], tls: Optional[ssl.SSLContext] = None) -> None:
        parts = urlsplit(url if "//" in url else "//" + url, scheme="http")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise BadInput.of("url", url, "the address of a server, for example http://127.0.0.1:5075")
        try:
            self._port = parts.port
        except ValueError:
            raise BadInput.of("url", url, "an address whose port is a number of 0 to 65535") from None
        if api_key is not None and not (api_key.isascii() and api_key.isprintable() and api_key.strip()):
            raise BadInput("api_key is no key; allowed: what grid api-key printed", field="api_key", allowed="what grid api-key printed")
        self._host = parts.hostname
        self._prefix = parts.path.rstrip("/")
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._idle: Deque[Tuple[HTTPConnection, int, float]] = deque()
        weakref.finalize(self, _close, self._idle)
        self._headers = {"User-Agent": "prometheus-grid-python", "Accept": "application/json, application/problem+json, */*"}
        # Within one machine the bytes are cheaper than packing them.
        self._headers["Accept-Encoding"] = "identity" if self._host in _LOOPBACK else "gzip"
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key.strip()}"
        self.url = parts.geturl().rstrip("/")

    def send(self, call: Call, seconds: Optional[float] = None) -> Answer:
        """Asks, and asks again where the server has no room or its answer is lost.

        Args:
            call: The request.
            seconds: How long all of it may take.

        Raises:
            GridError: The server refuses, fails, or does not answer in time.
        """
        deadline = Deadline(seconds if seconds is not None else STUDY_SECONDS if call.is_study else LOOKUP_SECONDS)
        target, content = call.target, call.content
        for pause in (*_PAUSES, None):
            try:
                return self._send_once(call, target, content, deadline)
            except _Retry as retry:
                if pause is None:
                    raise retry.fault from retry.__cause__
                wait = max(retry.after, pause * random.uniform(0.5, 1.0))
                if wait >= deadline.left:
                    raise retry.fault from retry.__cause__
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def events(self, call: Call) -> Iterator[str]:
        """The data of server-sent events, until the server ends them.

        Raises:
            GridError: The server refuses, or is silent for a minute; a silence can be a connection that is no more, so it is worth asking anew.
        """
        connection = self._connect(_LONGEST_SILENCE)
        try:
            headers = {**self._headers, "Accept": "text/event-stream, application/problem+json", "Accept-Encoding": "identity"}
            connection.request(call.method, self._prefix + call.target, headers=headers)
            response = connection.getresponse()
            if response.status >= 400:
                raise self._error(call, response.status, response.headers, response.read())
            yield from _event_data(response)
        except (OSError, HTTPException) as error:
            raise self._unanswered(error) from error
        finally:
            connection.close()

    def close(self) -> None:
        """Closes what is idle; later calls open anew."""
        _close(self._idle)

    def _send_once(self, call: Call, target: str, content: Optional[bytes], deadline: Deadline) -> Answer:
        connection = self._take(deadline.left)
        headers: Dict[str, str] = {**self._headers, "Grid-Timeout": f"{max(deadline.left, 0.001):.3f}"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if call.name is not None:
            headers["Idempotency-Key"] = call.name
        if call.known_tag is not None:
            headers["If-None-Match"] = call.known_tag
        try:
            connection.request(call.method, self._prefix + target, content, headers)
            wire = connection.sock
            response = connection.getresponse()
            received = _read(response, wire, deadline)
        except BaseException as error:
            connection.close()
            if isinstance(error, socket.timeout):
                raise GridFault.of_deadline(deadline.seconds) from error
            if isinstance(error, (OSError, HTTPException, EOFError)):
                fault = self._unanswered(error)
                raise _Retry(fault) if fault.is_worth_repeating else fault from error
            raise
        self._idle.append((connection, os.getpid(), time.monotonic()))
        if response.status < 300 or response.status == 304:
            return Answer(response.status, response.headers, received)
        problem = self._error(call, response.status, response.headers, received)
        if isinstance(problem, GridFault) and problem.is_worth_repeating:
            raise _Retry(problem, _seconds(response.headers["Retry-After"]))
        raise problem

    def _take(self, seconds: float) -> HTTPConnection:
        while self._idle:
            try:
                connection, process, since = self._idle.pop()
            except IndexError:
                break  # Another thread was faster.
            if process != os.getpid():
                continue  # Opened before a fork: the parent speaks there.
            if connection.sock is not None and time.monotonic() - since < _LONGEST_IDLE:
                connection.sock.settimeout(seconds)
                return connection
            connection.close()
        return self._connect(seconds)

    def _connect(self, seconds: float) -> HTTPConnection:
        if self._tls is None:
            return HTTPConnection(self._host, self._port, timeout=seconds)
        return HTTPSConnection(self._host, self._port, timeout=seconds, context=self._tls)

    def _unanswered(self, error: BaseException) -> GridFault:
        # Whoever shows the wrong certificate will do so again.
        return GridFault(f"{self.url} does not answer: {str(error) or type(error).__name__}", can_retry=not isinstance(error, ssl.SSLCertVerificationError))

    def _error(self, call: Call, status: int, headers: HTTPMessage, content: bytes) -> GridError:
        problem: Dict[str, Any] = {}
        if headers.get_content_type() == "application/problem+json":
            problem = json.loads(content)
        elif status < 400:
            problem = {"detail": f"{self.url} sends on to {headers['Location']}; give the address of the server itself", "kind": "bad_input", "field": "url"}
        else:
            problem = {"detail": f"{self.url} answers {status}, and not as a grid does"}
        return from_problem({**problem, "status": status}, call.value_of(str(problem.get("field", ""))))


class _Retry(Exception):
    """A fault that may pass."""

    def __init__(self, fault: GridFault, after: float = 0.0) -> None:
        self.fault = fault
        self.after = after


def _close(idle: Deque[Tuple[HTTPConnection, int, float]]) -> None:
    while idle:
        idle.pop()[0].close()


def _read(response: HTTPResponse, wire: socket.socket, deadline: Deadline) -> bytes:
    """The body; each piece may take what is left."""
    pieces = []
    while not response.isclosed():
        wire.settimeout(deadline.left)
        pieces.append(response.read(_PIECE))
    # With a size, read takes an early end for the end.
    if response.length:
        raise EOFError(f"the answer ends {response.length} bytes early")
    content = b"".join(pieces)
    return gzip.decompress(content) if response.headers["Content-Encoding"] == "gzip" else content


def _seconds(text: Optional[str]) -> float:
    """Retry-After where it is in seconds; a date means a clock that need not be ours."""
    return float(text) if text is not None and text.strip().isdecimal() else 0.0


def _event_data(response: HTTPResponse) -> Iterator[str]:
    """Data of events as the standard of HTML defines them; a blank line ends one, and one that is cut off is none."""
    data = []
    for line in response:
        text = line.decode().rstrip("\r\n")
        if text.startswith("data:"):
            data.append(text[5:].removeprefix(" "))
        elif not text and data:
            yield "\n".join(data)
            data = []
