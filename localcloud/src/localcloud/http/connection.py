"""One connection of a server: requests are read within bounds of size and time, what h11 refuses is refused."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

import h11

from localcloud.http.messages import Response, StreamedRequest

IDLE_SECONDS = 75.0
HEAD_SECONDS = 30.0
"""A request's head is here so many seconds after its first byte."""

BODY_SECONDS, BODY_BYTES_A_SECOND = 30.0, 1_024
"""A body is here after so many seconds, and one more for so many bytes of it."""

MAX_HEAD = 64 * 2**10
MAX_DRAINED = 64 * 2**20
DRAIN_SECONDS = 5.0
PIECE = 2**18
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE"}
_HELD_BACK = {"content-length", "connection", "transfer-encoding", "server", "date"}


class RefusedError(Exception):
    """A request that is not understood, with the status that says so; the connection ends behind the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Connection:
    """Safe for one thread."""

    def __init__(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client = client
        self.http = h11.Connection(h11.SERVER, MAX_HEAD)
        self.method = ""

    def request(self) -> StreamedRequest | None:
        """The next one; None where no more come. Raises RefusedError, and OSError where it does not come in time."""
        deadline, limit = None, IDLE_SECONDS
        try:
            while (event := self.http.next_event()) is h11.NEED_DATA:
                self._receive(limit if deadline is None else deadline - time.monotonic())
                deadline = deadline or time.monotonic() + HEAD_SECONDS
        except h11.RemoteProtocolError as error:
            raise RefusedError(error.error_status_hint, str(error)) from None
        if not isinstance(event, h11.Request):
            return None
        self.method = event.method.decode("ascii")
        if self.method not in _METHODS:
            raise RefusedError(HTTPStatus.NOT_IMPLEMENTED, f"the method {self.method!r} is none of {sorted(_METHODS)}")
        return StreamedRequest(self.method, event.target.decode("latin-1"), _joined(event.headers), RequestBody(self))

    def send(self, response: Response) -> None:
        """Raises OSError where the client does not take it."""
        self.client.settimeout(IDLE_SECONDS)
        buffer = self._head(response)
        has_body = self.method != "HEAD"
        if response.body and has_body:
            buffer += self._framed(h11.Data(data=response.body))
        try:
            while response.stream is not None and has_body and (piece := response.stream.read(PIECE)):
                self.client.sendall(buffer + self._framed(h11.Data(data=piece)))
                buffer = b""
            self.client.sendall(buffer + self._framed(h11.EndOfMessage()))
        finally:
            if response.stream is not None:
                response.stream.close()

    def is_open(self) -> bool:
        """Whether another request may come: what is left of this one is taken, within bounds."""
        body = RequestBody(self)
        deadline = time.monotonic() + DRAIN_SECONDS
        if not self.http.they_are_waiting_for_100_continue:
            while self.http.their_state is h11.SEND_BODY and body.taken < MAX_DRAINED and time.monotonic() < deadline:
                body.read(PIECE)
        if self.http.our_state is h11.DONE and self.http.their_state is h11.DONE:
            self.http.start_next_cycle()
            return True
        return False

    def refuse(self, error: RefusedError) -> None:
        """Answer what is not understood, as far as that can be done."""
        if self.http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            answer = Response.of(
                f"{HTTPStatus(error.status).phrase}: {error}", "text/plain; charset=utf-8", error.status
            )
            self.send(Response(answer.status, answer.body, {**answer.headers, "connection": "close"}))
            self._linger()

    def receive(self, seconds: float) -> None:
        """Have h11 given what the client sends next. Raises TimeoutError."""
        self._receive(seconds)

    def _receive(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError("the request did not come in time")
        self.client.settimeout(seconds)
        self.http.receive_data(self.client.recv(PIECE))

    def _linger(self) -> None:
        """Take what is still being sent for a while: closed on it, the sender would not see the answer."""
        self.client.shutdown(socket.SHUT_WR)
        deadline, size = time.monotonic() + DRAIN_SECONDS, 0
        while (remaining := deadline - time.monotonic()) > 0 and size < MAX_DRAINED:
            self.client.settimeout(remaining)
            piece = self.client.recv(PIECE)
            if not piece:
                return
            size += len(piece)

    def _head(self, response: Response) -> bytes:
        headers = [(name, value) for name, value in response.headers.items() if name.lower() not in _HELD_BACK]
        length = response.headers.get("content-length")
        if response.stream is None and self.method != "HEAD":
            length = str(len(response.body))
        framing = ("transfer-encoding", "chunked") if length is None else ("content-length", length)
        headers += [framing, ("server", "localcloud"), ("date", formatdate(usegmt=True))]
        if response.headers.get("connection") == "close":
            headers.append(("connection", "close"))
        encoded = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers]
        reason = HTTPStatus(response.status).phrase.encode()
        return self._framed(h11.Response(status_code=response.status, headers=encoded, reason=reason))

    def _framed(self, event: h11.Event) -> bytes:
        return self.http.send(event) or b""


class RequestBody:
    """What a request brings behind its head, read as it comes. A client that waits for it is told to go on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._piece = b""
        self._began = time.monotonic()
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that come where it is negative; none at the end.

        Raises RefusedError for framing that is none, OSError where it ends early or does not come in time.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        if not self._piece:
            self._piece = self._next()
        piece, self._piece = self._piece[:size], self._piece[size:]
        return piece

    def close(self) -> None:
        """Nothing is held."""

    def _next(self) -> bytes:
        http, connection = self._connection.http, self._connection
        if http.their_state is not h11.SEND_BODY:
            return b""
        if http.they_are_waiting_for_100_continue:
            connection.client.sendall(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        try:
            while (event := http.next_event()) is h11.NEED_DATA:
                allowed = BODY_SECONDS + self.taken / BODY_BYTES_A_SECOND
                connection.receive(min(BODY_SECONDS, self._began + allowed - time.monotonic()))
        except h11.RemoteProtocolError as error:
            if "without sending complete message body" in str(error):
                raise ConnectionError(str(error)) from None
            raise RefusedError(error.error_status_hint, str(error)) from None
        if isinstance(event, h11.Data):
            self.taken += len(event.data)
            return bytes(event.data)
        return b""


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined
