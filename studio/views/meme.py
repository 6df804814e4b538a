"""Try: a meme is dropped or picked, its text read, and each head shown beside what the two models say."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response

from pipeline.releases.endpoints import Endpoint
from studio.models import try_meme
from studio.web.answering import part
from studio.web.app_state import Sample, Site
from studio.web.errors import BadRequestError
from studio.web.forms import Form
from studio.web.pages import page, see

A_WHILE = {"Cache-Control": "private, max-age=3600"}
GONE = "The server remembers the last memes only, and not this one any more: drop it again."


def form(site: Site, request: Request) -> Response:
    found = part(lambda: try_meme.serving(site.session, site.settings))
    endpoint = try_meme.chosen(found.value, request.query_params.get("stage", "")) if found.value else None
    picks = part(lambda: _samples(site, endpoint)) if endpoint else None
    return page(site, "try", found=found, endpoint=endpoint, samples=picks, answer=None)


def ask(site: Site, request: Request, form: Form) -> Response:  # noqa: ARG001  every act is given the request
    endpoint = try_meme.chosen(try_meme.serving(site.session, site.settings), form.text("stage"))
    picture = _picture(site, endpoint, form)
    answer = try_meme.ask(site.session, endpoint, picture, form.text("text") if "text" in form.fields else None)
    site.pictures.put(answer.picture, picture)
    key = secrets.token_urlsafe(12)
    site.answers.put(key, answer)
    return see(f"/try/answers/{key}")


def answered(site: Site, request: Request) -> Response:
    answer = site.answers.get(request.path_params["key"])
    if answer is None:
        raise BadRequestError(GONE, 404)
    found = part(lambda: try_meme.serving(site.session, site.settings))
    picks = part(lambda: _samples(site, answer.endpoint))
    return page(site, "try", found=found, endpoint=answer.endpoint, samples=picks, answer=answer)


def picture(site: Site, request: Request) -> Response:
    found = site.pictures.get(request.path_params["key"])
    if found is None:
        raise BadRequestError(GONE, 404)
    return Response(try_meme.shown(found), media_type="image/jpeg", headers=A_WHILE)


def sample(site: Site, request: Request) -> Response:
    endpoint = try_meme.chosen(try_meme.serving(site.session, site.settings), request.query_params.get("stage", ""))
    found = try_meme.picture_of(site.session, _sample(site, endpoint, request.path_params["number"]))
    return Response(try_meme.shown(found), media_type="image/jpeg", headers=A_WHILE)


def _picture(site: Site, endpoint: Endpoint, form: Form) -> bytes:
    """What was dropped, was asked before, or was picked."""
    if form.files.get("file"):
        return form.files["file"]
    if form.text("sample"):
        return try_meme.picture_of(site.session, _sample(site, endpoint, form.text("sample")))
    if not form.text("picture"):
        raise BadRequestError("No picture was chosen: drop one, or pick a sample.")
    found = site.pictures.get(form.text("picture"))
    if found is None:
        raise BadRequestError(GONE, 404)
    return found


def _sample(site: Site, endpoint: Endpoint, number: str) -> Sample:
    found = _samples(site, endpoint)
    if not number.isascii() or not number.isdigit() or int(number) >= len(found):
        raise BadRequestError("There is no such sample: pick another.", 404)
    return found[int(number)]


def _samples(site: Site, endpoint: Endpoint) -> list[Sample]:
    """Looked up once a package: which memes its test set had does not change."""
    return site.samples.remembered(endpoint.package or "", lambda: try_meme.samples(site.session, endpoint))
