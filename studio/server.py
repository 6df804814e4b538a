"""The server: a socket of our own, so that its port is known before the first request, and uvicorn on it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection

import uvicorn

from pipeline.errors import AddressError
from studio.app import make_app
from studio.web.app_state import AppState
from studio.web.event_stream import EventStream
from studio.web.guard import name_of
from studio.web.timeouts import TimedProtocol

# How long an answer that is being made may hold up the end.
GRACE_SECONDS = 1
ANY = ("0.0.0.0", "::", "")  # noqa: S104  compared with, not bound to


def listening(host: str, port: int) -> socket.socket:
    """A listening socket. Raises AddressError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise AddressError(host, port, error) from None


def serve(app_state: AppState, listener: socket.socket, names: Collection[str], ready: Callable[[], None]) -> None:
    """Answer until Ctrl-C; `ready` is called once the socket is there to be asked."""
    server = make_server(app_state, names)
    ready()
    server.run(sockets=[listener])


def make_server(app_state: AppState, names: Collection[str] = ()) -> uvicorn.Server:
    """Not running yet; `should_exit` ends it."""
    app = make_app(app_state, names)
    config = uvicorn.Config(
        app, http=TimedProtocol, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS, server_header=False
    )
    return _Server(config, app_state.event_stream)


class _Server(uvicorn.Server):
    """Lets go of the pages that follow something before it waits for its last answers."""

    def __init__(self, config: uvicorn.Config, event_stream: EventStream) -> None:
        super().__init__(config)
        self._following = event_stream

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._following.close()
        await super().shutdown(sockets)


def names_of(host: str, more: Collection[str]) -> list[str]:
    """The names by which a browser may call a server that listens on `host`."""
    own = [] if host in ANY else [host]
    return [*own, *(name_of(name) for name in more)]
