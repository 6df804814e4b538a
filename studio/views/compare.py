"""Two executions side by side."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from pipeline.executions import executions
from studio.models.comparison import compare, side
from studio.web.app_state import Site
from studio.web.errors import BadRequestError
from studio.web.pages import page


def show(site: Site, request: Request) -> Response:
    chosen = request.query_params.getlist("of")
    if len(chosen) != 2:
        raise BadRequestError("Tick two executions of the list, then compare them.")
    arns = [executions.find(site.session, site.settings.pipeline_name, name) for name in reversed(chosen)]
    return page(site, "compare", found=compare(*(side(site, arn) for arn in arns)))
