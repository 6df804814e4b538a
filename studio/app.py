"""The routes: a line a page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from studio.views import (
    artefacts,
    background_job,
    compare,
    endpoints,
    execution,
    executions,
    meme,
    registry,
    start,
    step,
    styles,
)
from studio.web.answering import Act, News, View, acting, event_stream, reading
from studio.web.app_state import AppState
from studio.web.error_messages import BROKEN
from studio.web.guard import LOOPBACK, Guard
from studio.web.pages import problem, see
from studio.web.permissions import Permission

STATIC = Path(__file__).parent / "static"
ExceptionHandler = Callable[[Request, Exception], Response]


def make_app(app_state: AppState, names: Collection[str] = ()) -> ASGIApp:
    """The application; a Host is answered that is loopback's or one of `names`."""
    app = Starlette(routes=_routes(app_state), exception_handlers=_refusals(app_state))
    return Guard(app, [*LOOPBACK, *names], app_state.access)


def _refusals(app_state: AppState) -> dict[Any, ExceptionHandler]:
    """What is answered where no page is; what nobody expected is raised again behind its page, and so logged."""

    def saying(sentence: str, status: int) -> ExceptionHandler:
        return lambda request, error: problem(app_state, sentence, status)  # noqa: ARG005  as Starlette calls it

    return {
        404: saying("There is no such page.", 404),
        405: saying("This page is not asked for in this way.", 405),
        Exception: saying(f"{BROKEN} Look whether what you asked for was done before you ask again.", 500),
    }


def _routes(app_state: AppState) -> list[BaseRoute]:
    """A line a page."""

    def get(path: str, view: View) -> Route:
        return Route(path, reading(app_state, view), methods=["GET"])

    def post(path: str, permission: Permission, act: Act) -> Route:
        return Route(path, acting(app_state, permission, act), methods=["POST"])

    def live(path: str, news: News) -> Route:
        return Route(path, event_stream(app_state, news), methods=["GET"])

    return [
        get("/", lambda app_state, request: see("/executions")),  # noqa: ARG005  every view takes both
        get("/executions", executions.show),
        live("/executions/news", executions.news),
        get("/executions/start", start.form),
        post("/executions/start", "start", start.begin),
        get("/executions/{id}", execution.show),
        live("/executions/{id}/news", execution.news),
        get("/executions/{id}/report", execution.report_page),
        post("/executions/{id}/stop", "stop", execution.stop),
        post("/executions/{id}/retry", "retry", execution.retry),
        get("/executions/{id}/exploration", artefacts.exploration),
        get("/executions/{id}/steps/{name}", step.show),
        get("/executions/{id}/steps/{name}/file", artefacts.file),
        live("/executions/{id}/steps/{name}/news", step.news),
        get("/compare", compare.show),
        get("/registry", registry.show),
        get("/registry/{number}", registry.version),
        get("/registry/{number}/{verb}", registry.confirm),
        post("/registry/{number}/deploy", "deploy", registry.deploy),
        post("/registry/{number}/{verb}", "decide", registry.decide),
        get("/endpoints", endpoints.show),
        get("/endpoints/rollback", registry.rollback_form),
        post("/endpoints/rollback", "deploy", registry.rollback),
        get("/work/{key}", background_job.show),
        live("/work/{key}/news", background_job.news),
        get("/try", meme.form),
        post("/try", "ask", meme.ask),
        get("/try/answers/{key}", meme.answered),
        get("/try/pictures/{key}", meme.picture),
        get("/try/samples/{number}", meme.sample),
        get("/report.css", styles.report),
        get("/graph.css", styles.graph),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
