"""An HTTP/1.1 server for one function: a thread a connection, bounded bodies, and an end in good order."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from localcloud.http.messages import Request, Response

Answer = Callable[[Request], Response]

IDLE_SECONDS = 75.0
BACKLOG = 128
MAX_DRAINED = 64 * 2**20
DRAIN_SECONDS = 5.0
_LOOK_SECONDS = 0.1
_HELD_BACK = {"content-length", "connection", "transfer-encoding", "server", "date"}
_LENGTH = re.compile(r"[0-9]{1,1000}")


def listening_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Bound and listening, so that who connects from now on waits for an answer. Port 0 is any free one.

    Raises OSError where the address cannot be had.
    """
    return socket.create_server((host, port), backlog=BACKLOG)


class Server:
    """Answers what comes in over a listening socket. A body longer than `max_body` is refused with status 413.

    An exception that `answer` lets through ends the connection, and its traceback goes to stderr.
    """

    def __init__(self, listener: socket.socket, answer: Answer, max_body: int) -> None:
        self.answer = answer
        self.max_body = max_body
        self._under_way = 0
        self._changed = threading.Condition()
        self._server = _Threads(listener, self)

    def run(self) -> None:
        """Answer until `stop` is called by another thread."""
        self._server.serve_forever(_LOOK_SECONDS)

    def start(self) -> None:
        """Answer in a thread of its own."""
        threading.Thread(target=self.run, name="http", daemon=True).start()

    def stop(self, grace: float) -> None:
        """Take no more connections, and wait so many seconds for the requests that are being answered."""
        self._server.shutdown()
        self._server.socket.close()
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, grace)

    def answered(self, request: Request) -> Response:
        with self._changed:
            self._under_way += 1
        try:
            return self.answer(request)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()


class _Threads(ThreadingMixIn, TCPServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket, server: Server) -> None:
        self.server = server
        super().__init__(listener.getsockname()[:2], _Connection, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who asked has gone away: nothing went wrong here
            super().handle_error(request, client_address)


class _Connection(BaseHTTPRequestHandler):
    server: _Threads
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        length = self._length()
        if isinstance(length, Response):
            self.close_connection = True
            self._send(length)
            self._drain()
            return
        body = self.rfile.read(length)
        if len(body) < length:  # whoever sent it has gone away
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.server.answered(Request(self.command, self.path, headers, body)))

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def _length(self) -> int | Response:
        """The body's, or the refusal of one whose end cannot be read, so that the connection is closed behind it."""
        length, limit = _length_of(self.headers), self.server.server.max_body
        if "transfer-encoding" in self.headers:
            return _plain(411, "the request's body has no Content-Length; send it whole, not in chunks")
        if length is None:
            given = ", ".join(self.headers.get_all("content-length", []))
            return _plain(400, f"the Content-Length {given[:80]!r} is not one number")
        if length > limit:
            return _plain(413, f"the request's body has {length} bytes; at most {limit} are taken")
        return length

    def _drain(self) -> None:
        """Take what is still being sent, within bounds: closed on it, the sender would not see the refusal."""
        self.wfile.flush()
        self.connection.settimeout(DRAIN_SECONDS)
        left = min(_length_of(self.headers) or 0, MAX_DRAINED)
        while left > 0 and (piece := self.rfile.read(min(left, 2**16))):
            left -= len(piece)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            if name.lower() not in _HELD_BACK:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses: a sentence of HTTP/1.1, whatever was spoken."""
        self.request_version, self.close_connection = self.protocol_version, True
        self._send(_plain(code, message or explain or "the request cannot be understood"))

    def version_string(self) -> str:
        return "localcloud"

    def log_message(self, format: str, *args: Any) -> None:
        """Whoever answers logs what is worth it."""


def _length_of(headers: Message) -> int | None:
    """What the headers say of the body's length; None where that is no number, or two."""
    given = headers.get_all("content-length", ["0"])
    return int(given[0]) if len(given) == 1 and _LENGTH.fullmatch(given[0]) else None


def _plain(status: int, text: str) -> Response:
    return Response.of(f"{HTTPStatus(status).phrase}: {text}", "text/plain", status)
