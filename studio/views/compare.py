"""Two executions side by side."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from pipeline.executions import executions
from studio.models.comparison import compare, side
from studio.web.app_state import AppState
from studio.web.errors import BadRequestError
from studio.web.pages import page


def show(app_state: AppState, request: Request) -> Response:
    chosen = request.query_params.getlist("of")
    if len(chosen) != 2:
        raise BadRequestError("Tick two executions of the list, then compare them.")
    arns = [executions.find(app_state.session, app_state.settings.pipeline_name, name) for name in reversed(chosen)]
    return page(app_state, "compare", found=compare(*(side(app_state, arn) for arn in arns)))
