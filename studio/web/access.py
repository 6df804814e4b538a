"""Who has been let in: a token that is valid while the server runs, exchanged once for a browser's cookie.

As Jupyter does: the token stands in the address that is printed, and in a file that only its owner reads. The cookie is
another secret, named by the port, since browsers send a host's cookies to every port of it. A program sends the token
itself, as `Authorization: Bearer TOKEN`.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Scope

TOKEN = "token"  # noqa: S105  the parameter's name
CLOSED = (
    "This page is for whoever started it: open the address with ?token= that it printed, "
    "or that stands in its file; see docs/studio.md.\n"
)
# A redirect would count as the other page's that named the address, and take no SameSite=Strict cookie along.
_ON = (
    '<!DOCTYPE html><html lang="en"><title>Studio</title><link rel="icon" href="/static/icon.svg">'
    '<meta http-equiv="refresh" content="0; url={path}"><a href="{path}">Go on</a>'
)


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Access:
    """The secrets of one server."""

    token: str = field(default_factory=_secret)
    session: str = field(default_factory=_secret)

    def refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """What is answered in place of a page: None for whoever is in, the cookie for whoever brings the token."""
        if self._is_in(scope, headers):
            return None
        token = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [""])[0]
        if scope["method"] in ("GET", "HEAD") and _is_equal(token, self.token):
            return self._let_in(scope)
        return PlainTextResponse(CLOSED, 403, {"Connection": "close"})

    def _is_in(self, scope: Scope, headers: Headers) -> bool:
        kind, _, bearer = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _is_equal(bearer.strip(), self.token):
            return True
        return any(_is_equal(value, self.session) for value in _cookies(headers, cookie_name(scope)))

    def _let_in(self, scope: Scope) -> Response:
        path = quote(scope["path"]) if not scope["path"].startswith("//") else "/"
        answer = HTMLResponse(_ON.format(path=escape(path)), headers={"Referrer-Policy": "no-referrer"})
        answer.set_cookie(cookie_name(scope), self.session, httponly=True, samesite="strict", path="/")
        return answer


def cookie_name(scope: Scope) -> str:
    """By the port that was asked: `memotion-studio-8321`."""
    server = scope.get("server")
    return f"memotion-studio-{server[1] if server else 0}"


def _cookies(headers: Headers, name: str) -> list[str]:
    values = []
    for header in headers.getlist("cookie"):
        cookie: SimpleCookie = SimpleCookie()
        try:
            cookie.load(header)
        except CookieError:
            continue
        if name in cookie:
            values.append(cookie[name].value)
    return values


def _is_equal(token: str, secret: str) -> bool:
    return hmac.compare_digest(token.encode(), secret.encode())
