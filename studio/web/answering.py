"""From a view to what Starlette calls: in a thread, with every expected error as a sentence on a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from studio.web.app_state import AppState
from studio.web.error_messages import EXPECTED, sentence, status
from studio.web.errors import StudioError
from studio.web.event_stream import Look
from studio.web.forms import Form, read_form
from studio.web.pages import problem
from studio.web.permissions import Permission

T = TypeVar("T")
View = Callable[[AppState, Request], Response]
Act = Callable[[AppState, Request, Form], Response]
News = Callable[[AppState, Request], tuple[str, Callable[[], Look]]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Part(Generic[T]):
    """A part of a page: its value, or the sentence that stands in its place."""

    value: T | None
    problem: str = ""


def part(ask: Callable[[], T]) -> Part[T]:
    """Ask for a part of a page, without which the rest of the page still makes sense."""
    try:
        return Part(ask())
    except EXPECTED as error:
        return Part(None, sentence(error))


def reading(app_state: AppState, view: View) -> Endpoint:
    """A page that changes nothing."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_answered, app_state, partial(view, app_state, request))

    return endpoint


def event_stream(app_state: AppState, news: News) -> Endpoint:
    """Server-sent events for pages that are open."""

    async def endpoint(request: Request) -> Response:
        subject, look = news(app_state, request)
        return StreamingResponse(app_state.event_stream.follow(subject, look), media_type="text/event-stream")

    return endpoint


def acting(app_state: AppState, permission: Permission, act: Act) -> Endpoint:
    """A form that does something, for which it must carry the token and the caller must have the right."""

    async def endpoint(request: Request) -> Response:
        try:
            form = await read_form(request)
            form.require(app_state.token)
        except StudioError as error:
            return problem(app_state, str(error), error.status)
        return await run_in_threadpool(_answered, app_state, partial(act, app_state, request, form), permission)

    return endpoint


def _answered(app_state: AppState, answer: Callable[[], Response], permission: Permission | None = None) -> Response:
    try:
        return answer()
    except EXPECTED as error:
        if permission is not None:
            app_state.permissions.learn(permission, error)
        return problem(app_state, sentence(error), status(error))
