"""The gateway of a home as a server, for whoever has its key."""

from __future__ import annotations

import socket

from localcloud import extras
from localcloud.cloud import Cloud
from localcloud.gateway.authentication.access_keys import home_key
from localcloud.gateway.environment import client_environment
from localcloud.http import StreamingServer, listening_socket
from localcloud.state.home import Home

GRACE_SECONDS = 10.0
NEEDS = ("moto", "werkzeug", "xmltodict")


class GatewayServer:
    """Listens for AWS clients of a home from the moment it is made; `url` is what a client's `endpoint_url` is.

    Raises OSError where the address cannot be had, ImportError where the extra `gateway` is not installed.
    """

    def __init__(self, home: Home, host: str = "127.0.0.1", port: int = 0) -> None:
        lacking = extras.lacking("gateway", NEEDS)
        if lacking:
            raise ImportError(f"AWS clients cannot be answered over HTTP: {lacking}")
        listener = listening_socket(host, port)
        self.host, self.port = host, listener.getsockname()[1]
        self.key = home_key(home)
        self._server = server_on(home, listener, (host,))

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


def server_on(home: Home, listener: socket.socket, hostnames: tuple[str, ...] = ()) -> StreamingServer:
    """Return the server of a home on a listening socket, which answers to localhost and to these `hostnames`."""
    from localcloud.gateway.application import Gateway  # half a second, which a job that asks nothing need not pay

    return StreamingServer(listener, Gateway(Cloud(home), hostnames).answer)
