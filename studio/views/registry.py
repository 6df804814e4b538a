"""The registry: versions with their figures, where they came from, and a person's decision, asked for twice."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline.errors import NotFoundError, RefusedError
from pipeline.releases import deployment, previous_config, registry, succession
from pipeline.releases.production import Capacity, usual_instance
from studio.models import versions
from studio.web.answering import part
from studio.web.app_state import AppState
from studio.web.errors import BadRequestError
from studio.web.forms import Form
from studio.web.pages import page, see

DECISIONS: dict[str, registry.Decision] = {"approve": "Approved", "reject": "Rejected"}


def show(app_state: AppState, request: Request) -> Response:  # noqa: ARG001
    return page(
        app_state, "registry", versions=part(lambda: versions.every(app_state)), endpoints=versions.both(app_state)
    )


def version(app_state: AppState, request: Request) -> Response:
    chosen = versions.one(app_state, _number(request))
    origin = part(lambda: versions.provenance(app_state, chosen))
    beside = versions.beside_production(app_state, chosen)
    return page(app_state, "version", version=chosen, origin=origin, beside=beside, endpoints=versions.both(app_state))


def confirm(app_state: AppState, request: Request) -> Response:
    """The second question, with what will happen."""
    chosen = versions.one(app_state, _number(request))
    comment = request.query_params.get("comment", "").strip()[: registry.LONGEST_DESCRIPTION]
    verb = request.path_params["verb"]
    if verb not in (*DECISIONS, "deploy"):
        raise BadRequestError("There is no such page.", 404)
    return page(
        app_state,
        "confirm",
        version=chosen,
        verb=verb,
        beside=versions.beside_production(app_state, chosen),
        comment=comment,
        endpoints=versions.both(app_state),
        refusal=_refusal(chosen, verb),
        instance=usual_instance(app_state.settings),
    )


def decide(app_state: AppState, request: Request, form: Form) -> Response:
    decision = DECISIONS.get(request.path_params["verb"])
    if decision is None:
        raise BadRequestError("There is no such decision.", 404)
    package = registry.find(app_state.session, app_state.settings.model_package_group, _number(request))
    if decision == "Approved" and not form.text("anyway"):
        _require_no_worse(app_state, package)
    registry.decide(app_state.session, package, decision, form.text("comment"))
    return see(f"/registry/{package['ModelPackageVersion']}")


def deploy(app_state: AppState, request: Request, form: Form) -> Response:  # noqa: ARG001
    number, settings = _number(request), app_state.settings
    versions.one(app_state, number)
    capacity = Capacity(usual_instance(settings), 1)

    def do(say: Any) -> None:
        deployment.deploy(app_state.session, settings, number, capacity, say)

    job = app_state.background_jobs.begin(
        f"Deploying version {number}", do, lambda error: app_state.permissions.learn("deploy", error)
    )
    return see(f"/work/{job.key}")


def rollback_form(app_state: AppState, request: Request) -> Response:  # noqa: ARG001
    """The second question, with what production returns to."""
    serving = versions.both(app_state)
    production = next((each for each in serving.value or [] if each.stage == "production"), None)
    answer = production.answer if production else None
    before = part(lambda: previous_config.config(app_state.session, answer) if answer else None)
    return page(app_state, "rollback", endpoints=serving, production=production, before=before)


def rollback(app_state: AppState, request: Request, form: Form) -> Response:  # noqa: ARG001
    comment = form.text("comment")

    def do(say: Any) -> None:
        deployment.rollback(app_state.session, app_state.settings, comment, say)

    job = app_state.background_jobs.begin(
        "Rolling back", do, lambda error: app_state.permissions.learn("deploy", error)
    )
    return see(f"/work/{job.key}")


def _require_no_worse(app_state: AppState, package: registry.Package) -> None:
    """Raise RefusedError where the form was sent before production served what is better."""
    comparison = succession.beside_production(app_state.session, app_state.settings, package)
    if comparison and comparison.is_worse:
        raise RefusedError(f"{comparison.sentence} Ask for its approval once more to approve it all the same.")


def _refusal(version: versions.Version, verb: str) -> str:
    """Why there is nothing to confirm, where that is known before it is asked for."""
    if version.status == "Rejected":
        return "It is Rejected, which is decided for good."
    if verb == "approve" and version.status == "Approved":
        return "It is Approved already."
    if verb == "deploy" and version.status != "Approved":
        return f"It is {version.status}: only an Approved version is deployed."
    return ""


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFoundError(f"{text!r} is no version: it is a number")
    return int(text)
