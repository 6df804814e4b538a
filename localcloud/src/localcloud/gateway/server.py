"""The gateway of a home on a listening socket."""

from __future__ import annotations

import importlib.util
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.cloud import REGION, Cloud
from localcloud.gateway.access_keys import AccessKey
from localcloud.home import Home
from localcloud.http import Response, StreamedRequest, StreamingServer, listening_socket

GRACE_SECONDS = 10.0
_LOOK_SECONDS = 0.2
_NEEDS = ("moto", "werkzeug", "xmltodict")
MISSING = "AWS's protocols are answered by packages that are not installed here: pip install 'localcloud[serve]'"


def server_on(home: Home, listener: socket.socket, told: tuple[str, ...] = ()) -> StreamingServer:
    """The server of a home; `run` it, and `stop` it with GRACE_SECONDS for what is under way.

    `told` are names by which clients may call it beside localhost. Raises ImportError where the extra `serve` is
    missing.
    """
    from localcloud.gateway.application import Gateway  # half a second, which a job that asks nothing need not pay

    return StreamingServer(listener, Gateway(Cloud(home), told).answer)


def is_installed() -> bool:
    """Whether the packages of the extra `serve` are here."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDS)


@contextmanager
def gateway_of(home: Home, key: AccessKey) -> Iterator[dict[str, str]]:
    """The environment by which an AWS client finds this home, whose server begins when it is first asked.

    The server ends with the block.
    """
    listener = listening_socket()
    host, port = listener.getsockname()
    over = threading.Event()
    thread = threading.Thread(target=_serve_on_demand, args=(home, listener, over), name="gateway", daemon=True)
    thread.start()
    try:
        yield environment(f"http://{host}:{port}", key)
    finally:
        over.set()
        thread.join(GRACE_SECONDS)
        listener.close()


def environment(endpoint_url: str, key: AccessKey) -> dict[str, str]:
    """The variables by which AWS clients ask this address and nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **key.environment(),
    }


def _serve_on_demand(home: Home, listener: socket.socket, over: threading.Event) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while not selector.select(_LOOK_SECONDS):
            if over.is_set():
                return
    server = server_on(home, listener) if is_installed() else StreamingServer(listener, _say_what_is_missing)
    server.start()
    over.wait()
    server.stop(GRACE_SECONDS)


def _say_what_is_missing(_: StreamedRequest) -> Response:
    return Response.of(MISSING, "text/plain; charset=utf-8", 501)
