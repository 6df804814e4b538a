"""Requests to one address, over connections that stay open between them."""

from __future__ import annotations

import http.client
import queue
from collections.abc import Mapping

from localcloud.http.messages import Request, Response


class UnansweredError(Exception):
    """There was no answer: nobody listens, the connection broke, or the time was up (`timed_out`)."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class Client:
    """Safe to share between threads; it keeps as many connections as were ever in use at once."""

    def __init__(self, host: str, port: int) -> None:
        self.address = host, port
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()

    def send(self, request: Request, timeout: float) -> Response:
        """Raises UnansweredError. A connection that broke while it lay idle is replaced by a new one once."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            return self._send(self._connection(), request, timeout)
        try:
            return self._send(connection, request, timeout)
        except UnansweredError as error:
            if error.timed_out:
                raise
            return self._send(self._connection(), request, timeout)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address)

    def _send(self, connection: http.client.HTTPConnection, request: Request, timeout: float) -> Response:
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        try:
            connection.request(request.method, request.path, request.body, dict(request.headers))
            answer = connection.getresponse()
            response = Response(answer.status, answer.read(), _lower(dict(answer.getheaders())))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            timed_out = isinstance(error, TimeoutError)
            raise UnansweredError(str(error) or type(error).__name__, timed_out=timed_out) from error
        self._idle.put(connection)
        return response


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
