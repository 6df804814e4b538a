"""The list of executions, filtered and paged."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from pipeline.errors import NotFoundError
from studio.models import execution_list
from studio.web.answering import part
from studio.web.app_state import AppState
from studio.web.pages import page

STATUSES = ("Executing", "Stopping", "Stopped", "Failed", "Succeeded")


def show(app_state: AppState, request: Request) -> Response:
    status = request.query_params.get("status", "")
    status = status if status in STATUSES else ""
    found = part(lambda: _page(app_state, status, _number(request)))
    return page(app_state, "executions", found=found, status=status, statuses=STATUSES)


def _page(app_state: AppState, status: str, number: int) -> execution_list.Page:
    """Empty for a pipeline that is not there: the page then says how to begin."""
    try:
        return execution_list.page(app_state, status, number)
    except NotFoundError:
        return execution_list.Page([], number, False)


def _number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
