"""The routes: a line a page."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from studio.answering import Act, News, View, acting, following, reading
from studio.guard import LOOPBACK, Guard
from studio.pages import problem, see
from studio.rights import Right
from studio.site import Site
from studio.views import compare, endpoints, execution, executions, meme, registry, start, step, styles, work

STATIC = Path(__file__).parent / "static"


def make_app(site: Site, names: Collection[str] = ()) -> Starlette:
    """The application; a Host is answered that is loopback's or one of `names`."""

    def get(path: str, view: View) -> Route:
        return Route(path, reading(site, view), methods=["GET"])

    def post(path: str, right: Right, act: Act) -> Route:
        return Route(path, acting(site, right, act), methods=["POST"])

    def live(path: str, news: News) -> Route:
        return Route(path, following(site, news), methods=["GET"])

    async def absent(request: Request, error: Exception) -> Response:  # noqa: ARG001  as Starlette calls it
        return problem(site, "There is no such page.", 404)

    routes = [
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
    guard = Middleware(Guard, hosts=[*LOOPBACK, *names])
    return Starlette(routes=routes, middleware=[guard], exception_handlers={404: absent})
