"""Try: a meme is dropped or picked, its text read, and each head shown beside what each model says."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from pipeline.releases.endpoints import Endpoint
from studio.models import try_meme
from studio.web.answering import part
from studio.web.app_state import AppState, Sample
from studio.web.errors import BadRequestError
from studio.web.forms import Form
from studio.web.pages import page, see

_NUMBER = re.compile(r"[0-9]{1,6}")
A_WHILE = {"Cache-Control": "private, max-age=3600"}
GONE = "The server remembers the last memes only, and not this one any more: drop it again."


def form(app_state: AppState, request: Request) -> Response:
    found = part(lambda: try_meme.serving(app_state.session, app_state.settings))
    endpoint = try_meme.chosen(found.value, request.query_params.get("stage", "")) if found.value else None
    picks = part(lambda: _samples(app_state, endpoint)) if endpoint else None
    return page(app_state, "try", found=found, endpoint=endpoint, samples=picks, answer=None)


def ask(app_state: AppState, request: Request, form: Form) -> Response:  # noqa: ARG001  every act is given the request
    endpoint = try_meme.chosen(try_meme.serving(app_state.session, app_state.settings), form.text("stage"))
    picture = _picture(app_state, endpoint, form)
    answer = try_meme.ask(app_state.session, endpoint, picture, form.text("text") if "text" in form.fields else None)
    app_state.pictures.put(answer.picture, picture)
    picked = form.text("sample") or form.text("of")
    if picked and not form.files.get("file"):
        answer = replace(answer, truth=_sample(app_state, endpoint, picked).truth, sample=picked)
    key = secrets.token_urlsafe(12)
    app_state.answers.put(key, answer)
    return see(f"/try/answers/{key}")


def answered(app_state: AppState, request: Request) -> Response:
    answer = app_state.answers.get(request.path_params["key"])
    if answer is None:
        raise BadRequestError(GONE, 404)
    found = part(lambda: try_meme.serving(app_state.session, app_state.settings))
    picks = part(lambda: _samples(app_state, answer.endpoint))
    return page(app_state, "try", found=found, endpoint=answer.endpoint, samples=picks, answer=answer)


def picture(app_state: AppState, request: Request) -> Response:
    image = app_state.pictures.get(request.path_params["key"])
    if image is None:
        raise BadRequestError(GONE, 404)
    return Response(try_meme.shown(image), media_type="image/jpeg", headers=A_WHILE)


def sample(app_state: AppState, request: Request) -> Response:
    endpoint = try_meme.chosen(
        try_meme.serving(app_state.session, app_state.settings), request.query_params.get("stage", "")
    )
    image = try_meme.picture_of(app_state.session, _sample(app_state, endpoint, request.path_params["number"]))
    return Response(try_meme.shown(image), media_type="image/jpeg", headers=A_WHILE)


def _picture(app_state: AppState, endpoint: Endpoint, form: Form) -> bytes:
    """What was dropped, was asked before, or was picked."""
    if form.files.get("file"):
        return form.files["file"]
    if form.text("sample"):
        return try_meme.picture_of(app_state.session, _sample(app_state, endpoint, form.text("sample")))
    if not form.text("picture"):
        raise BadRequestError("No picture was chosen: drop one, or pick a sample.")
    image = app_state.pictures.get(form.text("picture"))
    if image is None:
        raise BadRequestError(GONE, 404)
    return image


def _sample(app_state: AppState, endpoint: Endpoint, number: str) -> Sample:
    samples = _samples(app_state, endpoint)
    if not _NUMBER.fullmatch(number) or int(number) >= len(samples):
        raise BadRequestError("There is no such sample: pick another.", 404)
    return samples[int(number)]


def _samples(app_state: AppState, endpoint: Endpoint) -> list[Sample]:
    """Looked up once a package: which memes its test set had does not change."""
    return app_state.samples.remembered(endpoint.package or "", lambda: try_meme.samples(app_state.session, endpoint))
