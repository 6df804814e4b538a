"""What goes on in the background, line by line, and what to do after it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from studio.web.app_state import AppState
from studio.web.background_jobs import BackgroundJob
from studio.web.errors import BadRequestError
from studio.web.event_stream import Look
from studio.web.pages import page, render

PAUSE = 0.5


def show(app_state: AppState, request: Request) -> Response:
    job = app_state.background_jobs.get(request.path_params["key"])
    if job is None:
        raise BadRequestError("The server does not remember this any more: see the endpoints.", 404)
    return page(app_state, "background_job", job=job)


def news(app_state: AppState, request: Request) -> tuple[str, Callable[[], Look]]:
    key = request.path_params["key"]
    return f"work {key}", lambda: _look(app_state, app_state.background_jobs.get(key))


def _look(app_state: AppState, job: BackgroundJob | None) -> Look:
    if job is None:
        return Look({"problem": "The server does not remember this any more."}, None)
    is_done = job.is_done  # before the page is made: what was said until then is on it
    return Look(
        {"problem": "", "parts": {"work": render(app_state, "background_job_part", job=job)}},
        None if is_done else PAUSE,
    )
