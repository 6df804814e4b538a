"""The HTTP face of the endpoints, for any SageMaker runtime client: boto3's with `endpoint_url`, or curl.

POST /endpoints/NAME/invocations    as InvokeEndpoint; the endpoint is started where it does not run
GET  /metrics                       what the containers were asked, in Prometheus' text format
GET  /ping                          200
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from localcloud.cloud import Cloud
from localcloud.endpoint.api import invoked
from localcloud.endpoint.router import refusal
from localcloud.errors import ServiceError
from localcloud.home import Home
from localcloud.http import Request, Response, Server, listening_socket

MAX_READ = 64 * 2**20
GRACE_SECONDS = 10.0
_INVOCATIONS = re.compile(r"/endpoints/([A-Za-z0-9-]{1,63})/invocations")

# The counters of the page, and their columns in localcloud.services.metrics' table.
_METRICS = {
    "localcloud_invocations_total": "invocations",
    "localcloud_invocation_4xx_errors_total": "errors_4xx",
    "localcloud_invocation_5xx_errors_total": "errors_5xx",
    "localcloud_container_latency_milliseconds_total": "latency_sum_ms",
}


class EndpointServer:
    """Listens for the endpoints of a home from the moment it is made; `url` is what a client's `endpoint_url` is.

    Raises OSError where the address cannot be had.
    """

    def __init__(self, home: Home, host: str, port: int) -> None:
        listener = listening_socket(host, port)
        self.host, self.port = host, listener.getsockname()[1]
        cloud = Cloud(home)
        self._server = Server(listener, lambda request: answer(cloud, request), MAX_READ)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def run(self) -> None:
        """Answer until `stop` is called by another thread, or an exception such as KeyboardInterrupt ends it."""
        self._server.run()

    def start(self) -> None:
        """Answer in a thread of its own."""
        self._server.start()

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Take no more connections, and wait so long for what is being answered."""
        self._server.stop(grace_seconds)


def answer(cloud: Cloud, request: Request) -> Response:
    """Whatever is asked, an answer: errors are spelt as the router spells them."""
    path = request.path.partition("?")[0]
    match = _INVOCATIONS.fullmatch(path)
    try:
        if match is not None and request.method == "POST":
            return invoked(cloud, match[1], request.headers, request.body)
    except ServiceError as error:
        return refusal(error)
    if request.method == "GET" and path == "/ping":
        return Response(200)
    if request.method == "GET" and path == "/metrics":
        return Response.of("\n".join(metrics(cloud)) + "\n", "text/plain; version=0.0.4")
    known = "POST /endpoints/NAME/invocations, GET /metrics and GET /ping"
    text = f"{request.method} {path} is not answered; there are {known}"
    return refusal(ServiceError(text, code="ValidationError", status=404))


def metrics(cloud: Cloud) -> Iterator[str]:
    """The lines of the page: every container's counts since its endpoint's first minute."""
    columns = ", ".join(f"sum({column}) AS {column}" for column in _METRICS.values())
    with cloud.store.read() as connection:
        rows = connection.execute(
            f"SELECT endpoint, variant, container, {columns} FROM endpoint_metrics GROUP BY 1, 2, 3"  # noqa: S608
        ).fetchall()
    for name, column in _METRICS.items():
        yield f"# TYPE {name} counter"
        for row in rows:
            labels = f'endpoint="{row["endpoint"]}",variant="{row["variant"]}",container="{row["container"]}"'
            yield f"{name}{{{labels}}} {row[column]:g}"
