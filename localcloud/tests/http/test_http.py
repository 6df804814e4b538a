from __future__ import annotations

import http.client
import io
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from localcloud.http import Client, Request, Response, Server, UnansweredError, connection, listening_socket
from localcloud_tests.small_cloud import PATIENCE_SECONDS, until

Start = Callable[[Callable[[Request], Response]], Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server that takes bodies of a hundred bytes, and answers a client of it."""
    servers, clients = [], []

    def started(answer: Callable[[Request], Response]) -> Client:
        listener = listening_socket()
        server = Server(listener, answer, 100)
        server.start()
        servers.append(server)
        clients.append(Client(*listener.getsockname()))
        return clients[-1]

    yield started
    for client in clients:
        client.close()
    for server in servers:
        server.stop(1)


def echo(request: Request) -> Response:
    return Response(200, request.body, {"content-type": request.header("Content-Type"), "x-path": request.path})


def raw(client: Client, data: bytes) -> bytes:
    with socket.create_connection(client.address, timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def test_requests_and_answers_arrive_as_they_were_sent(start: Start) -> None:
    client = start(echo)
    body = bytes(range(100))
    response = client.send(Request("POST", "/a?b=c", {"content-type": "application/x-image"}, body), PATIENCE_SECONDS)
    assert (response.status, response.body, response.content_type) == (200, body, "application/x-image")
    assert response.headers["x-path"] == "/a?b=c"


def test_an_answer_that_is_passed_on_names_its_server_and_its_date_once(start: Start) -> None:
    first = start(echo)
    second = start(lambda request: first.send(request, PATIENCE_SECONDS))
    head, _, _ = raw(second, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").lower().partition(b"\r\n\r\n")
    assert (head.count(b"\r\nserver:"), head.count(b"\r\ndate:")) == (1, 1)


def test_a_body_that_is_too_long_is_413_even_for_who_sends_it_all_first(start: Start) -> None:
    client = start(echo)
    response = client.send(Request("POST", "/", {}, b"x" * 5_000_000), PATIENCE_SECONDS)
    assert response.status == 413
    assert b"has 5000000 bytes; at most 100" in response.body
    assert client.send(Request("GET", "/"), PATIENCE_SECONDS).status == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Transfer-Encoding: gzip, chunked", 501),
        (b"Transfer-Encoding: identity", 501),
        (b"Content-Length: many", 400),
        (b"Content-Length: -1", 400),
        (b"Content-Length: 9999999999999999999", 413),
        (b"Content-Length: " + b"9" * 5_000, 400),
        (b"Content-Length: 1\r\nContent-Length: 2", 400),
    ],
)
def test_a_body_whose_end_cannot_be_known_is_refused(start: Start, head: bytes, status: int) -> None:
    answer = raw(start(echo), b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)


def test_an_upload_that_breaks_off_is_not_answered_and_harms_nobody(start: Start) -> None:
    requests: list[Request] = []
    client = start(lambda request: requests.append(request) or Response(200))  # type: ignore[func-returns-value]
    with socket.create_connection(client.address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert client.send(Request("GET", "/"), PATIENCE_SECONDS).status == 200
    assert [request.method for request in requests] == ["GET"]


@pytest.mark.parametrize(
    ("spoken", "status"),
    [
        (b"\x16\x03\x01 hello", 400),
        (b"BREW / HTTP/1.1\r\nHost: x", 501),
        (b"GET / HTTP/1.1\r\nHost: x\r\nno colon", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nBlank : before", 400),
        (b"GET / HTTP/1.1\r\n Host: x", 400),
        (b"GET / HTTP/1.1", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nLong: " + b"x" * 400_000, 431),
    ],
)
def test_what_is_not_understood_is_a_sentence(start: Start, spoken: bytes, status: int) -> None:
    head, _, sentence = raw(start(echo), spoken + b"\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"<" not in sentence


def test_a_connection_that_broke_while_it_lay_idle_is_replaced() -> None:
    with listening_socket() as listener:
        client = Client(*listener.getsockname())
        asker = threading.Thread(target=client.send, args=(Request("GET", "/"), PATIENCE_SECONDS))
        for _ in range(2):  # each answers one request and breaks the connection off
            asker.start()
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            asker.join(PATIENCE_SECONDS)
            assert not asker.is_alive()
            asker = threading.Thread(target=client.send, args=(Request("GET", "/"), PATIENCE_SECONDS))
        client.close()


def test_who_waits_too_long_is_told_that_the_time_is_up(start: Start) -> None:
    over = threading.Event()
    client = start(lambda _: Response(200 if over.wait(PATIENCE_SECONDS) else 500))
    with pytest.raises(UnansweredError) as caught:
        client.send(Request("GET", "/"), 0.1)
    over.set()
    assert caught.value.timed_out


def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as deaf:  # nobody else can have its port while it is bound
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(UnansweredError) as caught:
            Client(*deaf.getsockname()).send(Request("GET", "/"), PATIENCE_SECONDS)
    assert not caught.value.timed_out


def is_listening(client: Client) -> bool:
    try:
        socket.create_connection(client.address).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_server_that_stops_answers_what_it_was_asked() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(request: Request) -> Response:
        entered.set()
        leave.wait(PATIENCE_SECONDS)
        return Response(200, b"done")

    listener = listening_socket()
    server = Server(listener, slow, 100)
    server.start()
    client = Client(*listener.getsockname())
    answers: list[bytes] = []
    asker = threading.Thread(target=lambda: answers.append(client.send(Request("GET", "/"), PATIENCE_SECONDS).body))
    asker.start()
    entered.wait(PATIENCE_SECONDS)
    stopper = threading.Thread(target=server.stop, args=(PATIENCE_SECONDS,))
    stopper.start()
    until(lambda: not is_listening(client))
    stopper.join(0.1)
    assert stopper.is_alive()
    leave.set()
    stopper.join(PATIENCE_SECONDS)
    asker.join(PATIENCE_SECONDS)
    client.close()
    assert answers == [b"done"]


def test_requests_at_once_are_answered_at_once(start: Start) -> None:
    together = threading.Barrier(8, timeout=PATIENCE_SECONDS)

    def meet(request: Request) -> Response:
        together.wait()
        return Response(200)

    client = start(meet)
    askers = [threading.Thread(target=client.send, args=(Request("GET", "/"), PATIENCE_SECONDS)) for _ in range(8)]
    for asker in askers:
        asker.start()
    until(lambda: not any(asker.is_alive() for asker in askers))
    assert not together.broken


def test_any_http_client_understands_it(start: Start) -> None:
    host, port = start(echo).address
    connection = http.client.HTTPConnection(host, port)
    for _ in range(2):  # over one connection
        connection.request("POST", "/x", b"body", {"Content-Type": "text/plain"})
        assert connection.getresponse().read() == b"body"
    connection.close()


def test_a_chunked_body_arrives_whole(start: Start) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = raw(start(echo), head + b"3\r\nabc\r\n4;name=value\r\ndefg\r\n0\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nabcdefg")


def test_a_chunked_body_that_is_too_long_is_413(start: Start) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = raw(start(echo), head + b"c8\r\n" + b"x" * 200 + b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_waits_for_it_is_told_to_go_on_at_once(start: Start) -> None:
    client = start(echo)
    with socket.create_connection(client.address, timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"body")
        assert connection.recv(65536).endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize("half", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"])
def test_who_sends_half_a_request_is_not_waited_for_for_ever(
    start: Start, half: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IDLE_SECONDS", "HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(connection, name, 0.2)
    client = start(echo)
    with socket.create_connection(client.address, timeout=PATIENCE_SECONDS) as slow:
        slow.sendall(half)
        assert slow.recv(65536) == b""


def test_a_body_that_trickles_is_not_waited_for_for_ever(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.5)
    client = start(echo)
    with socket.create_connection(client.address, timeout=PATIENCE_SECONDS) as slow, pytest.raises(ConnectionError):
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        for _ in range(100):
            time.sleep(0.1)
            slow.sendall(b"x")
        raise AssertionError("it was waited for")


def test_others_are_answered_while_hundreds_send_nothing(start: Start) -> None:
    client = start(echo)
    with ExitStack() as idle:
        for _ in range(300):
            slow = idle.enter_context(socket.create_connection(client.address, timeout=PATIENCE_SECONDS))
            slow.sendall(b"GET / HTTP/1.1\r\nHost")
        assert client.send(Request("GET", "/"), PATIENCE_SECONDS).status == 200


def test_a_stream_is_answered_as_it_is_read(start: Start) -> None:
    data = os.urandom(3_000_000)
    client = start(lambda _: Response(200, b"", {"content-length": str(len(data))}, io.BytesIO(data)))
    assert client.send(Request("GET", "/"), PATIENCE_SECONDS).body == data
    client = start(lambda _: Response(200, b"", {}, io.BytesIO(data)))
    answer = client.send(Request("GET", "/"), PATIENCE_SECONDS)
    assert (answer.body, answer.headers["transfer-encoding"]) == (data, "chunked")
