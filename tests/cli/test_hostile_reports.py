"""A report that somebody else made, opened from a file in a real browser: it runs nothing and asks nobody."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from cli import output


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server of the attacker's, and the paths that it was asked for."""
    requested: list[str] = []

    class Attacker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_GET  # noqa: N815  as http.server names it

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Attacker) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requested
        server.shutdown()


HOSTILE = """<!DOCTYPE html><title>t</title><p id="figures">macro-F1 0.5</p><style>p {{ color: rgb(1, 2, 3) }}</style>
<script>top.document.title = "taken"; fetch("{url}/fetched")</script>
<img src="{url}/picture"><img src="x" onerror="fetch('{url}/onerror')"><link rel="stylesheet" href="{url}/style">
<meta http-equiv="refresh" content="0; url={url}/refreshed"><iframe src="{url}/frame"></iframe>
<object data="{url}/object"></object><form action="{url}/form" method="post"><button id="send">Send</button></form>
<a id="out" href="{url}/left" target="_top">More</a>"""


def test_a_hostile_report_runs_nothing_and_asks_nobody(
    browser: Browser, listener: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, requested = listener
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    path = output.open_page(HOSTILE.format(url=url).encode())
    page = browser.new_page()
    try:
        page.goto(opened[0], wait_until="networkidle")
        report = page.frame_locator("iframe")
        assert report.locator("#figures").inner_text() == "macro-F1 0.5"
        colour = report.locator("#figures").evaluate("each => getComputedStyle(each).color")
        report.locator("#send").click(no_wait_after=True)
        report.locator("#out").click(no_wait_after=True)
        page.wait_for_timeout(500)
        assert colour == "rgb(1, 2, 3)"  # its own style is applied
        assert page.title() == "Evaluation"
        assert page.url == opened[0]
        assert requested == []
    finally:
        page.close()
        path.unlink()
