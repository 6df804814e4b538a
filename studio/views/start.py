"""Start an execution: the form, checked before anything is sent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from pipeline.executions import executions
from studio.models import start_form
from studio.web.app_state import Site
from studio.web.error_messages import EXPECTED, sentence, status
from studio.web.forms import Form
from studio.web.pages import page, see


def form(site: Site, request: Request) -> Response:
    source = request.query_params.get("from")
    arn = executions.find(site.session, site.settings.pipeline_name, source) if source else None
    return page(site, "start", form=start_form.blank(site, arn), problem="", source=source or "")


def begin(site: Site, request: Request, form: Form) -> Response:  # noqa: ARG001
    """What was filled in stands there again where it does not start."""
    filled = start_form.filled(site, form)
    if filled.problems:
        return page(site, "start", 422, form=filled, problem="Nothing was started: see below.", source="")
    try:
        arn = start_form.begin(site, filled)
    except EXPECTED as error:
        site.rights.learn("start", error)
        return page(site, "start", status(error), form=filled, problem=sentence(error), source="")
    return see(f"/executions/{executions.identifier(arn)}")
