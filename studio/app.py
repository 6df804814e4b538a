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

from studio.views import compare, endpoints, execution, executions, meme, registry, start, step, styles, work
from studio.web.answering import Act, News, View, acting, following, reading
from studio.web.app_state import Site
from studio.web.error_messages import BROKEN
from studio.web.guard import LOOPBACK, Guard
from studio.web.pages import problem, see
from studio.web.permissions import Right

STATIC = Path(__file__).parent / "static"
ExceptionHandler = Callable[[Request, Exception], Response]


def make_app(site: Site, names: Collection[str] = ()) -> ASGIApp:
    """The application; a Host is answered that is loopback's or one of `names`."""
    return Guard(Starlette(routes=_routes(site), exception_handlers=_refusals(site)), [*LOOPBACK, *names])


def _refusals(site: Site) -> dict[Any, ExceptionHandler]:
    """What is answered where no page is; what nobody expected is raised again behind its page, and so logged."""

    def saying(sentence: str, status: int) -> ExceptionHandler:
        return lambda request, error: problem(site, sentence, status)  # noqa: ARG005  as Starlette calls it

    return {
        404: saying("There is no such page.", 404),
        405: saying("This page is not asked for in this way.", 405),
        Exception: saying(f"{BROKEN} Look whether what you asked for was done before you ask again.", 500),
    }


def _routes(site: Site) -> list[BaseRoute]:
    """A line a page."""

    def get(path: str, view: View) -> Route:
        return Route(path, reading(site, view), methods=["GET"])

    def post(path: str, right: Right, act: Act) -> Route:
        return Route(path, acting(site, right, act), methods=["POST"])

    def live(path: str, news: News) -> Route:
        return Route(path, following(site, news), methods=["GET"])

    return [
        get("/", lambda site, request: see("/executions")),  # noqa: ARG005  every view takes both
        get("/executions", executions.show),
        get("/executions/start", start.form),
        post("/executions/start", "start", start.begin),
        get("/executions/{id}", execution.show),
        live("/executions/{id}/news", execution.news),
        get("/executions/{id}/report", execution.report_page),
        post("/executions/{id}/stop", "stop", execution.stop),
        post("/executions/{id}/retry", "retry", execution.retry),
        get("/executions/{id}/steps/{name}", step.show),
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
        get("/work/{key}", work.show),
        live("/work/{key}/news", work.news),
        get("/try", meme.form),
        post("/try", "ask", meme.ask),
        get("/try/answers/{key}", meme.answered),
        get("/try/pictures/{key}", meme.picture),
        get("/try/samples/{number}", meme.sample),
        get("/report.css", styles.report),
        get("/graph.css", styles.graph),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
