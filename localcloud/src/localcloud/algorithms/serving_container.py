"""An emulator's serving container: loads its model, then answers `GET /ping` and `POST /invocations`.

LOCALCLOUD_ML names its /opt/ml, in whose model/ the artifact is unpacked; LOCALCLOUD_LISTEN_FD is a socket that listens
already, so that requests wait for the model rather than fail. It ends when its standard input does: whoever started it
is gone, or wants it gone.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from localcloud.http import Request, Response, Server

MAX_BODY = 100 * 2**20
"""As much as a batch transform may send; whoever faces clients has narrower bounds."""

GRACE_SECONDS = 60.0

Invoke = Callable[[Request], Response]


class InvocationError(Exception):
    """Refuses an invocation with an HTTP status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def serve(load: Callable[[Path], Invoke]) -> None:
    """`load` is given the folder of the model and answers what answers invocations, by Response or InvocationError."""
    listener = socket.socket(fileno=int(os.environ["LOCALCLOUD_LISTEN_FD"]))
    invoke = load(Path(os.environ["LOCALCLOUD_ML"]) / "model")
    server = Server(listener, lambda request: _answer(request, invoke), MAX_BODY)
    server.start()
    _say("ready")
    sys.stdin.buffer.read()
    server.stop(GRACE_SECONDS)


def _answer(request: Request, invoke: Invoke) -> Response:
    if request.path == "/ping":
        return Response(200)
    if request.path != "/invocations" or request.method != "POST":
        return Response.of("there are GET /ping and POST /invocations", "text/plain", 404)
    try:
        return invoke(request)
    except InvocationError as error:
        _say(f"{error.status}: {error}")
        return Response.of(str(error), "text/plain", error.status)


def _say(text: str) -> None:
    print(time.strftime("%Y-%m-%dT%H:%M:%S"), text, flush=True)


def media_type(header: str) -> str:
    """`application/json` of `application/json; charset=utf-8`."""
    return header.partition(";")[0].strip().lower()


def accepted(request: Request, offered: tuple[str, ...]) -> str:
    """The first of the offered types that the request's Accept takes. Raises InvocationError 406."""
    media_ranges = [media_type(part) for part in request.header("accept").split(",") if part.strip()] or ["*/*"]
    for media in offered:
        if any(media_range in {media, "*/*", f"{media.partition('/')[0]}/*"} for media_range in media_ranges):
            return media
    raise InvocationError(406, f"the answer cannot be {request.header('accept')!r}; it is {' or '.join(offered)}")
