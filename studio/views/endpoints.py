"""Staging and production: their status, what their containers were asked, and what the capture says about drift."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from pipeline.errors import NotFoundError
from pipeline.releases.endpoints import Endpoint
from pipeline.releases.monitor import Monitored, monitor
from studio.models import versions
from studio.models.traffic import HOURS, Traffic, traffic
from studio.web.answering import Part, part
from studio.web.app_state import AppState
from studio.web.pages import page

DAYS = 7


@dataclass(frozen=True)
class Observed:
    """An endpoint; `drift` is None, without a sentence, where nothing was captured."""

    endpoint: Endpoint
    traffic: Part[list[Traffic]]
    drift: Part[Monitored | None]


def show(app_state: AppState, request: Request) -> Response:  # noqa: ARG001
    endpoints = versions.both(app_state)
    observed = [_observed(app_state, endpoint) for endpoint in endpoints.value or []]
    return page(app_state, "endpoints", endpoints=endpoints, observed=observed, hours=HOURS, days=DAYS)


def _observed(app_state: AppState, endpoint: Endpoint) -> Observed:
    if endpoint.answer is None:
        return Observed(endpoint, Part([]), Part(None))
    variant = _variant(endpoint)
    counted = part(lambda: traffic(app_state.session, endpoint.name, variant))
    return Observed(endpoint, counted, part(lambda: _drift(app_state, endpoint.name)))


def _variant(endpoint: Endpoint) -> str:
    variants = (endpoint.answer or {}).get("ProductionVariants") or [{}]
    return str(variants[0].get("VariantName", ""))


def _drift(app_state: AppState, name: str) -> Monitored | None:
    try:
        return monitor(app_state.session, app_state.settings, name, DAYS)
    except NotFoundError:
        return None
