"""One execution: its graph, its line of time, its steps, why it failed; and the same again as it goes on."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from pipeline.executions import executions, naming
from pipeline.executions.results import report_page as report_page_of
from studio.models import execution_list
from studio.models.snapshot import Snapshot, definition_of, take
from studio.web.answering import part
from studio.web.app_state import AppState
from studio.web.error_messages import EXPECTED, sentence
from studio.web.event_stream import Look
from studio.web.forms import Form
from studio.web.guard import REPORT_POLICY
from studio.web.pages import page, render, see

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 10.0


def show(app_state: AppState, request: Request) -> Response:
    arn = arn_of(app_state, request)
    snapshot = take(app_state, arn)
    graph = part(lambda: snapshot.graph(definition_of(app_state, arn)))
    parameters = part(lambda: executions.parameters(app_state.session, arn))
    changed = part(lambda: execution_list.changed(app_state, arn))
    return page(
        app_state,
        "execution",
        at=snapshot,
        graph=graph,
        parameters=parameters,
        data=naming.data_name(snapshot.described, parameters.value or {}),
        changed=changed.value or {},
    )


def news(app_state: AppState, request: Request) -> tuple[str, Callable[[], Look]]:
    """What an open page is told."""
    arn = arn_of(app_state, request)
    return arn, lambda: _look(app_state, arn)


def stop(app_state: AppState, request: Request, form: Form) -> Response:  # noqa: ARG001
    executions.stop(app_state.session, arn_of(app_state, request))
    return see(f"/executions/{request.path_params['id']}")


def retry(app_state: AppState, request: Request, form: Form) -> Response:  # noqa: ARG001
    executions.retry(app_state.session, arn_of(app_state, request))
    return see(f"/executions/{request.path_params['id']}")


def report_page(app_state: AppState, request: Request) -> Response:
    """The evaluation's own page, which is one file."""
    content = report_page_of.page(app_state.session, arn_of(app_state, request))
    return Response(content, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})


def arn_of(app_state: AppState, request: Request) -> str:
    """The ARN of the execution that the path names. Whether there is one, the call that it is for finds out."""
    settings = app_state.settings
    pipeline = f"arn:aws:sagemaker:{settings.region}:{settings.account}:pipeline/{settings.pipeline_name}"
    return f"{pipeline}/execution/{request.path_params['id']}"


def _look(app_state: AppState, arn: str) -> Look:
    try:
        snapshot = take(app_state, arn)
        graph = snapshot.graph(definition_of(app_state, arn))
    except EXPECTED as error:
        return Look({"problem": sentence(error)}, LONGEST_PAUSE)
    parts = {name: render(app_state, f"execution_{name}", at=snapshot) for name in ("state", "steps")}
    pause = _pause(snapshot) if snapshot.is_running else None
    return Look({"problem": "", "said": snapshot.said, "parts": {**parts, "graph": graph}}, pause)


def _pause(snapshot: Snapshot) -> float:
    """The longer it has been going on, the less hurry there is."""
    age = (snapshot.now - snapshot.described["CreationTime"]).total_seconds()
    return float(min(LONGEST_PAUSE, max(SHORTEST_PAUSE, age / 60)))
