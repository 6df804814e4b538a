"""Only whoever has the token gets in: not another user of the machine, not a page of another site, not by guessing."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from pipeline.account.session import Connection
from studio.entry_files import entry_files
from studio.web import timeouts
from tests.studio.conftest import Service, Visitor, served

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("/", "/registry", "/registry/1/approve", "/endpoints", "/try", "/static/studio.css", "/no-such-page")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody to try it as another user")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("cookie", ["", "{name}=guessed", "{name}={token}", "other={session}", "{name}=", "\\x00;;="])
def test_no_page_is_shown_without_the_cookie(over: Visitor, service: Service, path: str, cookie: str) -> None:
    access = over.app_state.access
    cookies = cookie.format(name=f"memotion-studio-{over.port}", token=access.token, session=access.session)
    answer = over.get(path, Cookie=cookies)
    assert answer.status == 403
    assert over.app_state.token not in answer.text
    assert service.calls == []


def test_the_form_token_is_not_the_way_in(over: Visitor) -> None:
    """It stands on pages; whoever saw one could use it for ever."""
    assert over.get(f"/registry?token={over.app_state.token}", Cookie="").status == 403
    assert len({over.app_state.token, over.app_state.access.token, over.app_state.access.session}) == 3


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_do_not_get(over: Visitor) -> None:
    answer = over.get(f"/registry?token={over.app_state.access.token}", Cookie="")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"memotion-studio-{over.port}={over.app_state.access.session};")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert over.app_state.access.token not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert 'url=/registry"' in answer.text


@pytest.mark.parametrize("path", ["//evil.example/", '/"><script>alert(1)</script>', "/\\evil.example"])
def test_the_way_in_leads_nowhere_else(over: Visitor, path: str) -> None:
    answer = over.get(f"{path.replace(' ', '%20')}?token={over.app_state.access.token}", Cookie="")
    assert answer.status == 200
    (target,) = re.findall(r'url=([^"]*)"', answer.text)
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "<script" not in answer.text


def test_a_program_sends_the_token_itself(over: Visitor) -> None:
    token = over.app_state.access.token
    assert over.get("/executions/start", Cookie="", Authorization=f"Bearer {token}").status != 403
    assert over.get("/executions/start", Cookie="", Authorization="Bearer guessed").status == 403


@pytest.mark.parametrize("fields", [{"token": "form"}, {}])
def test_nothing_is_done_without_the_cookie_even_with_the_forms_token(
    over: Visitor, service: Service, fields: dict[str, str]
) -> None:
    fields_sent = {"token": over.app_state.token} if fields else {}
    assert over.post("/registry/1/approve", fields_sent, token=False, Cookie="").status == 403
    assert service.calls == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost@evil.example"}, 421),
        ({"Host": "evil.example@localhost"}, 421),
        ({"Host": "localhost/"}, 421),
        ({"Host": "localhost:80:80"}, 421),
        ({"Host": "localhost:"}, 421),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://[::1"}, 403),
    ],
)
def test_host_and_origin_are_matched_whole(over: Visitor, headers: dict[str, str], status: int) -> None:
    assert over.post("/registry/1/approve", **headers).status == status


@pytest.mark.parametrize("number", ["9" * 5000, "٣", "-1", "1" * 7])
def test_a_sample_of_many_digits_is_a_sentence(over: Visitor, service: Service, number: str) -> None:
    from urllib.parse import quote

    assert over.get(f"/try/samples/{quote(number)}").status in (400, 404)


def test_a_browser_gets_in_by_the_files_page_and_acts(
    browser: Browser, over: Visitor, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with entry_files(over.port, over.address.replace("/?", "/registry?")) as files:
        context = browser.new_context()
        page = context.new_page()
        page.goto(files.page.as_uri())
        page.wait_for_url(f"http://127.0.0.1:{over.port}/registry")
        assert "token" not in page.url
        (cookie,) = context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert page.evaluate("document.cookie") == ""
        other = browser.new_context().new_page()
        answer = other.goto(f"http://127.0.0.1:{over.port}/registry")
        assert answer is not None
        assert answer.status == 403
        other.context.close()
        context.close()


def test_a_page_of_another_site_rides_on_nobodys_cookie(browser: Browser, over: Visitor, service: Service) -> None:
    """`localhost` and `127.0.0.1` are two sites to a browser, and both reach the server."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(over.address)
    page.wait_for_load_state("networkidle")
    page.route("http://evil.example/**", lambda route: route.fulfill(content_type="text/html", body="<p>evil</p>"))
    page.goto("http://evil.example/")
    page.set_content(
        f'<form method="post" action="http://127.0.0.1:{over.port}/registry/1/approve"><button>b</button></form>'
    )
    with page.expect_response(lambda answer: answer.url.endswith("/approve")) as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403
    assert not {call for call in service.calls if call.startswith("Update")}
    context.close()


def test_the_files_are_their_owners_alone_and_gone_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    before = os.umask(0)
    try:
        with entry_files(8321, "http://127.0.0.1:8321/?token=secret&a") as files:
            assert files.address.read_text() == "http://127.0.0.1:8321/?token=secret&a\n"
            assert "token=secret&amp;a" in files.page.read_text()
            modes = [stat.S_IMODE(path.stat().st_mode) for path in (files.address, files.page, files.page.parent)]
            assert modes == [0o600, 0o600, 0o700]
    finally:
        os.umask(before)
    assert not list((tmp_path / "memotion").iterdir())


@as_root
def test_another_user_gets_no_page_and_reads_no_file(
    over: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    attack = (
        "import encodings.idna, os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "port, *paths = sys.argv[1:]\n"
        "readable = [path for path in paths if os.access(path, os.R_OK)]\n"
        "client = socket.create_connection(('127.0.0.1', int(port)))\n"
        "client.sendall(b'GET /registry/1/approve HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n')\n"
        "page = b''.join(iter(lambda: client.recv(65536), b''))\n"
        "print(readable, page.split()[1].decode(), b'<form' in page)\n"
    )
    with entry_files(over.port, over.address) as files:
        command = [sys.executable, "-c", attack, str(over.port), str(files.address), str(files.page)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[] 403 False\n"


def test_the_address_is_on_no_command_line(tmp_path: Path) -> None:
    """What `ps` shows of the browser that is opened: the name of a file that only its owner reads."""
    shown = tmp_path / "shown"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {shown}.part && mv {shown}.part {shown}\n')
    browser.chmod(0o755)
    environment = {
        **os.environ,
        "BROWSER": f"{browser} %s",
        "XDG_RUNTIME_DIR": str(tmp_path),
        "MEMOTION_HOME": str(tmp_path / "home"),
    }
    command = [sys.executable, "pipeline.py", "studio", "--local", "--open", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            while not shown.exists() and process.poll() is None:
                time.sleep(0.05)
        finally:
            process.terminate()
    token = line.split("?token=")[1].split()[0]
    assert shown.read_text().strip().startswith("file://")
    assert token not in shown.read_text()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "HEADER_SECONDS", 1.5)
    monkeypatch.setattr(timeouts, "BODY_SECONDS", 1.5)


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /try HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nCookie: {cookie}\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=1",
        b"POST /try HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na=1",
    ],
)
@pytest.mark.usefixtures("impatient")
def test_half_a_request_is_not_held_for_ever(over: Visitor, half: bytes) -> None:
    with socket.create_connection(("127.0.0.1", over.port), timeout=30) as client:
        client.sendall(half.replace(b"{cookie}", over.headers["Cookie"].encode()))
        while client.recv(65536):  # what is answered, and then the end, within the time of the socket
            pass


@pytest.fixture
def slow_clients(over: Visitor) -> Iterator[list[socket.socket]]:
    clients = [socket.create_connection(("127.0.0.1", over.port)) for _ in range(600)]
    for client in clients:
        client.sendall(b"POST /try HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12000000\r\n")
    yield clients
    for client in clients:
        client.close()


@pytest.mark.usefixtures("slow_clients")
def test_the_owner_is_answered_under_600_slow_clients(over: Visitor) -> None:
    for _ in range(5):
        assert over.get("/static/studio.css").status == 200


def test_a_large_form_of_somebody_without_the_cookie_is_not_read(over: Visitor) -> None:
    with socket.create_connection(("127.0.0.1", over.port), timeout=30) as client:
        client.sendall(b"POST /try HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12582912\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 403")


def test_a_server_of_another_start_has_other_secrets(service: Service, over: Visitor) -> None:
    with served(Connection(service.session, {}, False)) as other:
        assert other.get("/registry", Cookie=over.headers["Cookie"]).status == 403
