"""The list of executions, filtered and paged."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from pipeline.errors import NotFoundError
from pipeline.executions import executions
from studio.models import execution_list
from studio.web.answering import part
from studio.web.app_state import AppState
from studio.web.error_messages import EXPECTED, sentence
from studio.web.event_stream import Look
from studio.web.pages import page, render

# Seconds between two looks at the list while somebody has it open.
PAUSE = 4.0

STATUSES = ("Executing", "Stopping", "Stopped", "Failed", "Succeeded")


def show(app_state: AppState, request: Request) -> Response:
    status = request.query_params.get("status", "")
    status = status if status in STATUSES else ""
    order = _order(request)
    listing = part(lambda: _page(app_state, status, _number(request), order))
    return page(
        app_state, "executions", listing=listing, status=status, statuses=STATUSES, orders=execution_list.ORDERS
    )


def news(app_state: AppState, request: Request) -> tuple[str, Callable[[], Look]]:
    """What an open list is told: its lines as they are now."""
    status = request.query_params.get("status", "")
    status = status if status in STATUSES else ""
    number, order = _number(request), _order(request)
    return f"executions {status} {number} {order}", lambda: _look(app_state, status, number, order)


def _look(app_state: AppState, status: str, number: int, order: execution_list.Order) -> Look:
    try:
        listing = _page(app_state, status, number, order)
    except EXPECTED as error:
        return Look({"problem": sentence(error)}, 10 * PAUSE)
    said = ", ".join(
        f"{entry.name or executions.identifier(entry.arn)} {entry.status}" for entry in listing.entries[:3]
    )
    parts = {"list": render(app_state, "execution_lines", listing=listing)}
    return Look({"problem": "", "said": said, "parts": parts}, PAUSE)


def _order(request: Request) -> execution_list.Order:
    name = request.query_params.get("order", "")
    return next((order for order in execution_list.ORDERS if order == name), "newest")


def _page(app_state: AppState, status: str, number: int, order: execution_list.Order) -> execution_list.Page:
    """Empty for a pipeline that is not there: the page then says how to begin."""
    try:
        return execution_list.page(app_state, status, number, order)
    except NotFoundError:
        return execution_list.Page([], number, False)


def _number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
