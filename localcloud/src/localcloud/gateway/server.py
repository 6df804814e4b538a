"""The gateway of a home: a server for whoever has its key, and one that is there while a job runs."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud import extras
from localcloud.cloud import REGION, Cloud
from localcloud.gateway.access_keys import AccessKey, home_key, session_key
from localcloud.home import Home
from localcloud.http import Response, StreamedRequest, StreamingServer, listening_socket

GRACE_SECONDS = 10.0
_NEEDS = ("moto", "werkzeug", "xmltodict")


class GatewayServer:
    """Listens for AWS clients of a home from the moment it is made; `url` is what a client's `endpoint_url` is.

    Raises OSError where the address cannot be had, ImportError where the extra `gateway` is not installed.
    """

    def __init__(self, home: Home, host: str = "127.0.0.1", port: int = 0) -> None:
        lacking = extras.lacking("gateway", _NEEDS)
        if lacking:
            raise ImportError(f"AWS clients cannot be answered over HTTP: {lacking}")
        listener = listening_socket(host, port)
        self.host, self.port = host, listener.getsockname()[1]
        self.key = home_key(home)
        self._server = _server_on(home, listener, (host,))

    @property
    def url(self) -> str:
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which AWS clients ask this server and nothing else."""
        return client_environment(self.url, self.key)

    def run(self) -> None:
        """Answer until `stop` is called by another thread, or an exception such as KeyboardInterrupt ends it."""
        self._server.run()

    def start(self) -> None:
        """Answer in a thread of its own."""
        self._server.start()

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Take no more connections, and wait so long for what is being answered."""
        self._server.stop(grace_seconds)


@contextmanager
def gateway_of(home: Home, role_arn: str, session: str) -> Iterator[dict[str, str]]:
    """The environment by which a role's AWS clients find this home; its server begins when it is first asked.

    `session` names who has the role, say a job; the server ends with the block.
    """
    listener = listening_socket()
    host, port = listener.getsockname()
    ending, ended = socket.socketpair()
    thread = threading.Thread(target=_serve_on_demand, args=(home, listener, ended), name="gateway", daemon=True)
    thread.start()
    try:
        yield client_environment(f"http://{host}:{port}", session_key(home, role_arn, session))
    finally:
        ending.close()
        thread.join(GRACE_SECONDS)
        listener.close()


def client_environment(endpoint_url: str, key: AccessKey) -> dict[str, str]:
    """The variables by which AWS clients ask this address and nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **key.environment(),
    }


def _server_on(home: Home, listener: socket.socket, told: tuple[str, ...] = ()) -> StreamingServer:
    from localcloud.gateway.application import Gateway  # half a second, which a job that asks nothing need not pay

    return StreamingServer(listener, Gateway(Cloud(home), told).answer)


def _serve_on_demand(home: Home, listener: socket.socket, ended: socket.socket) -> None:
    with ended, selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ, "asked")
        selector.register(ended, selectors.EVENT_READ, "over")
        if "over" in {key.data for key, _ in selector.select()}:
            return
        is_installed = extras.lacking("gateway", _NEEDS) is None
        server = _server_on(home, listener) if is_installed else StreamingServer(listener, _say_what_is_lacking)
        server.start()
        selector.unregister(listener)
        selector.select()
        server.stop(GRACE_SECONDS)


def _say_what_is_lacking(_: StreamedRequest) -> Response:
    said = f"AWS clients of a job cannot be answered: {extras.lacking('gateway', _NEEDS)}"
    return Response.of(said, "text/plain; charset=utf-8", 501)
