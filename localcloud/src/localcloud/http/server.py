"""An HTTP/1.1 server for one function: a thread a connection, bounded bodies, and an end in good order.

Server             answers requests that it has read whole
StreamingServer    answers requests whose body is still to be read
"""

from __future__ import annotations

import selectors
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from http import HTTPStatus

from localcloud.http.connection import PIECE, Connection, RefusedError
from localcloud.http.messages import Request, Response, StreamedRequest

Answer = Callable[[Request], Response]
StreamedAnswer = Callable[[StreamedRequest], Response]

BACKLOG = 128
_LOOK_SECONDS = 0.1


def listening_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Bound and listening, so that who connects from now on waits for an answer. Port 0 is any free one.

    Raises OSError where the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class StreamingServer:
    """Answers what comes in over a listening socket.

    An exception that `answer` lets through ends the connection, and its traceback goes to stderr.
    """

    def __init__(self, listener: socket.socket, answer: StreamedAnswer) -> None:
        self._listener = listener
        self._answer = answer
        self._under_way = 0
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Answer until `stop` is called by another thread."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._listener, selectors.EVENT_READ)
                while not self._stopping.is_set():
                    if selector.select(_LOOK_SECONDS) and not self._stopping.is_set():
                        client, _ = self._listener.accept()
                        threading.Thread(target=self._serve, args=(client,), name="http", daemon=True).start()
        finally:
            self._stopped.set()

    def start(self) -> None:
        """Answer in a thread of its own."""
        threading.Thread(target=self.run, name="http", daemon=True).start()

    def stop(self, grace: float) -> None:
        """Take no more connections, and wait so many seconds for the requests that are being answered."""
        self._stopping.set()
        self._stopped.wait(2 * _LOOK_SECONDS)
        self._listener.close()
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, grace)

    def answered(self, request: StreamedRequest) -> Response:
        """The response to a request."""
        return self._answer(request)

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                connection = Connection(client)
                try:
                    self._converse(connection)
                except RefusedError as error:
                    connection.refuse(error)
            except OSError:
                pass  # who asked has gone away, or does not send: nothing went wrong here
            except Exception:  # noqa: BLE001 - a thread of its own: nobody else would say it
                traceback.print_exc(file=sys.stderr)

    def _converse(self, connection: Connection) -> None:
        while (request := connection.request()) is not None:
            with self._changed:
                self._under_way += 1
            try:
                connection.send(self.answered(request))
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()
            if not connection.is_open():
                return


class Server(StreamingServer):
    """A server of requests whose body is in memory. One longer than `max_body` is refused with status 413."""

    def __init__(self, listener: socket.socket, answer: Answer, max_body: int) -> None:
        super().__init__(listener, self._answer_whole)
        self._answer_request = answer
        self._max_body = max_body

    def _answer_whole(self, request: StreamedRequest) -> Response:
        return self._answer_request(
            Request(request.method, request.path, request.headers, read_whole(request, self._max_body))
        )


def read_whole(request: StreamedRequest, max_body: int) -> bytes:
    """A request's body. Raises RefusedError 413 where it is longer than `max_body`, before it is read where it says so.

    A client that sends what nobody asked for is read on for a while, so that it sees the refusal.
    """
    stated_size = int(request.headers.get("content-length", "0"))
    pieces, size = [], stated_size
    if stated_size <= max_body:
        size = 0
        while size <= max_body and (piece := request.body.read(PIECE)):
            size += len(piece)
            pieces.append(piece)
    if size > max_body:
        description = f"has {stated_size} bytes" if stated_size else "is longer"
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the request's body {description}; at most {max_body} are taken"
        )
    return b"".join(pieces)
