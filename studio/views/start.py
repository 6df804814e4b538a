"""Start an execution: the form, checked before anything is sent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from pipeline.executions import executions
from studio.models import start_form
from studio.web.app_state import AppState
from studio.web.error_messages import EXPECTED, sentence, status
from studio.web.forms import Form
from studio.web.pages import page, see


def form(app_state: AppState, request: Request) -> Response:
    source = request.query_params.get("from")
    arn = executions.find(app_state.session, app_state.settings.pipeline_name, source) if source else None
    return page(app_state, "start", form=start_form.blank(app_state, arn), problem="", source=source or "")


def begin(app_state: AppState, request: Request, form: Form) -> Response:  # noqa: ARG001
    """What was filled in stands there again where it does not start."""
    filled = start_form.filled(app_state, form)
    if filled.problems:
        return page(app_state, "start", 422, form=filled, problem="Nothing was started: see below.", source="")
    try:
        arn = start_form.begin(app_state, filled)
    except EXPECTED as error:
        app_state.permissions.learn("start", error)
        return page(app_state, "start", status(error), form=filled, problem=sentence(error), source="")
    return see(f"/executions/{executions.identifier(arn)}")
