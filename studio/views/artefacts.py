"""A file that a step left: shown where that is safe, else downloaded; and the exploration of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pipeline.errors import NotFoundError
from pipeline.executions import executions
from studio.models import artefacts
from studio.models.job_resources import described
from studio.views.execution import arn_of
from studio.web.app_state import AppState
from studio.web.guard import REPORT_POLICY

PREPARE = "PrepareData"
EXPLORATION = "exploration/exploration.html"
CHUNK = 1 << 16


def file(app_state: AppState, request: Request) -> Response:
    """A page in a sandbox without scripts, a picture, the beginning of a text; anything else as a download."""
    query = request.query_params
    place = query.get("output", "0")
    if not place.isascii() or not place.isdigit() or len(place) > 3:
        raise NotFoundError("the step has no such output")
    name = query.get("name", "")
    resource = _resource(app_state, request, request.path_params["name"])
    uri, body, size = artefacts.open_file(app_state.session, resource, int(place), name)
    if "download" in query or artefacts.media_type(name) == artefacts.DOWNLOAD:
        return _download(uri.rpartition("/")[2], body, size)
    return _shown(name, body)


def exploration(app_state: AppState, request: Request) -> Response:
    """What PrepareData found in the data, which is one page. Raises NotFoundError where it has not run."""
    resource = _resource(app_state, request, PREPARE)
    _, body, _ = artefacts.open_file(app_state.session, resource, 0, EXPLORATION)
    return _shown(EXPLORATION, body)


def _resource(app_state: AppState, request: Request, name: str) -> dict[str, Any]:
    arn = arn_of(app_state, request)
    step = next((step for step in executions.steps(app_state.session, arn) if step["StepName"] == name), None)
    if step is None:
        raise NotFoundError(f"execution {executions.identifier(arn)} has not started a step {name!r}")
    return described(app_state.session, step)


def _shown(name: str, body: Any) -> Response:
    kind = artefacts.media_type(name)
    content = body.read(artefacts.MOST_SHOWN) if kind == artefacts.PLAIN else body.read()
    return Response(content, media_type=kind, headers={"Content-Security-Policy": REPORT_POLICY})


def _download(name: str, body: Any, size: int) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Length": str(size),
        "Content-Security-Policy": REPORT_POLICY,
    }
    return StreamingResponse(_chunks(body), media_type=artefacts.DOWNLOAD, headers=headers)


def _chunks(body: Any) -> Iterator[bytes]:
    while chunk := body.read(CHUNK):
        yield chunk
