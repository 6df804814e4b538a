"""A mistake of ours is a page that says so, in the layout of all pages; what it was stands on stderr alone."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.account.session import Connection
from studio.web.guard import HEADERS
from tests.studio.conftest import Service, Visitor, served

SECRET = "what only the log may say"


def mistaken(_: Any) -> dict[str, Any]:
    raise ZeroDivisionError(SECRET)


@pytest.fixture(autouse=True)
def broken(service: Service) -> None:
    """Calls that raise what no call raises."""
    service.answers = dict.fromkeys(("DescribePipelineExecution", "DescribePipeline"), mistaken)


@pytest.mark.parametrize("path", ["/executions/abcdefghijkl", "/executions/start"])
def test_an_unexpected_error_is_a_page_without_a_traceback(
    service: Service, capfd: pytest.CaptureFixture[str], path: str
) -> None:
    with served(Connection(service.session, {}, False)) as visitor:
        reply = visitor.get(path)

    assert reply.status == 500
    assert "Something broke inside the server: its own log says what." in reply.page.text
    assert reply.page.all("nav")
    assert SECRET not in reply.text
    assert "Traceback" not in reply.text
    assert {name: reply.headers.get(name.lower()) for name in HEADERS} == HEADERS
    log = capfd.readouterr().err
    assert "Traceback" in log
    assert f"ZeroDivisionError: {SECRET}" in log


def test_a_form_that_broke_off_says_to_look_before_asking_again(over: Visitor) -> None:
    reply = over.post("/executions/abcdefghijkl/stop")

    assert reply.status == 500
    assert "Look whether what you asked for was done before you ask again." in reply.page.text


def test_the_server_goes_on_after_it(over: Visitor) -> None:
    assert over.get("/executions/abcdefghijkl").status == 500
    assert over.get("/static/icon.svg").status == 200


def test_open_pages_hear_that_following_broke_off(over: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    news = over.get("/executions/abcdefghijkl/news").text

    assert "Something broke inside the server" in news
    assert news.endswith("event: end\ndata: {}\n\n")
    assert SECRET not in news
    assert f"ZeroDivisionError: {SECRET}" in caplog.text


@pytest.mark.parametrize(("method", "path"), [("POST", "/executions"), ("POST", "/static/live.js")])
def test_a_page_asked_for_in_another_way_is_a_sentence(over: Visitor, method: str, path: str) -> None:
    reply = over.post(path)

    assert reply.status == 405
    assert "This page is not asked for in this way." in reply.page.text
