"""Who may ask, and what a page may do in a browser: checked and said for every request, before any page is made.

Nothing is answered before the cookie or the token was seen (access.py), so that another user of the machine gets no
page. Another site's page can make a browser send requests here. It cannot read the answers, and so not the token that
acting wants; unless its own name is made to point to this machine (DNS rebinding), which is why the Host must be one of
ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evaluation import report
from studio.web.access import Access

_HOST = re.compile(r"(?:(?P<name>[A-Za-z0-9._-]+)|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
READING = frozenset({"GET", "HEAD"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REPORT_POLICY = f"{report.POLICY}; frame-ancestors 'none'; sandbox"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # `no-referrer` would take a form's Origin from it, too
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses a foreign Host, whoever was not let in, and what acts and comes from another page; adds HEADERS."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], access: Access) -> None:
        self._app = app
        self._access = access
        self._hosts = frozenset(name.lower() for name in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers) or self._access.refusal(scope, headers)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if name_of(host) not in self._hosts:
            return PlainTextResponse("This server has another name: start it with --name to allow yours.\n", 421)
        if method in READING:
            return None
        origin = headers.get("origin")
        is_ours = origin is None or origin in (f"http://{host}", f"https://{host}")
        if not is_ours or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("Another site's page asked for this: nothing was done.\n", 403)
        return None


def name_of(host: str) -> str:
    """The name in a Host header, in lower case and without the port; empty for one that makes no sense."""
    match = _HOST.fullmatch(host)
    return (match["name"] or match["address"]).lower() if match else ""
