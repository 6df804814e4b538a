"""The sheets that lie elsewhere, because what they are for does: the evaluation's report, the pipeline's graph."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from evaluation.report import STYLE
from pipeline.definition.graph.svg import stylesheet
from studio.web.app_state import AppState


def report(app_state: AppState, request: Request) -> Response:  # noqa: ARG001  every view takes both
    return Response(STYLE.read_text(encoding="utf-8"), media_type="text/css")


def graph(app_state: AppState, request: Request) -> Response:  # noqa: ARG001
    return Response(stylesheet(), media_type="text/css")
