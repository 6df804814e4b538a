"""What goes on in the background, line by line, and what to do after it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from studio.web.app_state import Site
from studio.web.background_jobs import Work
from studio.web.errors import BadRequestError
from studio.web.event_stream import Look
from studio.web.pages import page, render

PAUSE = 0.5


def show(site: Site, request: Request) -> Response:
    work = site.works.get(request.path_params["key"])
    if work is None:
        raise BadRequestError("The server does not remember this any more: see the endpoints.", 404)
    return page(site, "work", work=work)


def news(site: Site, request: Request) -> tuple[str, Callable[[], Look]]:
    key = request.path_params["key"]
    return f"work {key}", lambda: _look(site, site.works.get(key))


def _look(site: Site, work: Work | None) -> Look:
    if work is None:
        return Look({"problem": "The server does not remember this any more."}, None)
    is_done = work.is_done  # before the page is made: what was said until then is on it
    return Look({"problem": "", "parts": {"work": render(site, "work_part", work=work)}}, None if is_done else PAUSE)
