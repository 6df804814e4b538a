"""A gateway that is there while a job runs, for the job's role: a socket, until somebody asks."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localcloud.gateway.authentication.access_keys import session_key
from localcloud.gateway.environment import client_environment
from localcloud.state.home import Home

if TYPE_CHECKING:
    from localcloud.http import Response

GRACE_SECONDS = 10.0


@contextmanager
def gateway_of(home: Home, role_arn: str, session: str) -> Iterator[dict[str, str]]:
    """The environment by which a role's AWS clients find this home; its server begins when it is first asked.

    `session` names who has the role, say a job; the server ends with the block.
    """
    listener = socket.create_server(("127.0.0.1", 0))
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


def _serve_on_demand(home: Home, listener: socket.socket, ended: socket.socket) -> None:
    """Wait until somebody asks; the server and its packages take half a second, which most jobs need not pay."""
    with ended:
        if ended in select.select([listener, ended], [], [])[0]:
            return
        from localcloud import extras
        from localcloud.gateway.server import NEEDS, server_on
        from localcloud.http import StreamingServer

        lacking = extras.lacking("gateway", NEEDS)
        server = StreamingServer(listener, lambda _: _refusal(lacking)) if lacking else server_on(home, listener)
        server.start()
        select.select([ended], [], [])
        server.stop(GRACE_SECONDS)


def _refusal(lacking: str) -> Response:
    from localcloud.http import Response

    return Response.of(f"AWS clients of a job cannot be answered: {lacking}", "text/plain; charset=utf-8", 501)
