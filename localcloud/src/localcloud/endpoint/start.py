"""Start or find the process of an endpoint.

It is alive as long as it holds the endpoint's lock. Who starts it takes the lock, writes down the address, and hands
over both the lock and the socket, which listens already: of two who start it at once one does, and what either sends
waits until the process can answer.

    HOME/endpoints/NAME/lock       held by the process
    HOME/endpoints/NAME/address    {"host": …, "port": …} of the process that holds it
    HOME/endpoints/NAME/log        what it says
    HOME/endpoints/NAME/fleets/    the folders of its containers
"""

from __future__ import annotations

import atexit
import json
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from localcloud.cloud import Cloud
from localcloud.errors import ResourceInUse, ServiceError
from localcloud.http import Client, Request, Response, UnansweredError, listening_socket
from localcloud.processes import start
from localcloud.state.home import Home
from localcloud.state.lock import hold, is_held
from localcloud.state.permissions import private

ANSWER_SECONDS = 120.0
"""How long an answer may take: a container's own limit, and what its start takes before."""

RETRY_SECONDS = 10.0
_LOOK_SECONDS = 0.02


def lock_file(home: Home, name: str) -> Path:
    return home.endpoint(name) / "lock"


def is_running(cloud: Cloud, name: str) -> bool:
    return is_held(lock_file(cloud.home, name))


def launch(cloud: Cloud, name: str, lock: IO[str]) -> None:
    """Start the process of an endpoint whose lock this process holds; from now on both hold it."""
    folder = cloud.home.endpoint(name)
    with listening_socket() as listener:
        host, port = listener.getsockname()
        partial = folder / "address.partial"
        with open(partial, "w", opener=private) as file:
            json.dump({"host": host, "port": port}, file)
        partial.replace(folder / "address")
        descriptors = [lock.fileno(), listener.fileno()]
        start(
            "localcloud.endpoint",
            [name, str(listener.fileno())],
            cloud.home,
            folder / "log",
            tied=False,
            keep=descriptors,
        )


def ensure_running(cloud: Cloud, name: str) -> None:
    """Start the process of an endpoint that is recorded, unless it runs."""
    if is_running(cloud, name):
        return
    with (
        suppress(ResourceInUse),
        hold(lock_file(cloud.home, name), patience=0.1) as lock,
    ):  # else another one was faster
        launch(cloud, name, lock)


def wait_for_end(cloud: Cloud, name: str, timeout: float) -> None:
    """Wait until no process of that name runs, or the time is up."""
    deadline = time.monotonic() + timeout
    while is_running(cloud, name) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def ask(cloud: Cloud, name: str, request: Request) -> Response:
    """What the process of an endpoint that is recorded answers; it is started where it does not run.

    Raises ServiceError ServiceUnavailable where it cannot be brought to answer.
    """
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        ensure_running(cloud, name)
        try:
            return _client(*_address(cloud.home, name)).send(request, ANSWER_SECONDS)
        except (UnansweredError, FileNotFoundError) as error:  # it was just ending, or just starting
            if time.monotonic() > deadline or (isinstance(error, UnansweredError) and error.timed_out):
                raise _unavailable(cloud, name, error) from None
            if (record := cloud.store.find("Endpoint", name)) is None or record.status == "Failed":
                raise _unavailable(cloud, name, error) from None
        time.sleep(_LOOK_SECONDS)


def _address(home: Home, name: str) -> tuple[str, int]:
    content = json.loads((home.endpoint(name) / "address").read_text())
    return content["host"], content["port"]


@cache
def _client(host: str, port: int) -> Client:
    client = Client(host, port)
    atexit.register(client.close)
    return client


def _unavailable(cloud: Cloud, name: str, error: Exception) -> ServiceError:
    record = cloud.store.find("Endpoint", name)
    why = record.body.get("FailureReason", str(error)) if record else "it was deleted"
    log = cloud.home.endpoint(name) / "log"
    return ServiceError(
        f"the endpoint {name} does not answer: {why}; its log is {log}", code="ServiceUnavailable", status=503
    )
