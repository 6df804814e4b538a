from __future__ import annotations

from collections import Counter as Count
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from localcloud.endpoint.container_group import ContainerGroup, Replica, Variant
from localcloud.endpoint.router import Invocation, Router
from localcloud.http import Request, Response, UnansweredError

PATH = "/endpoints/e/invocations"


@dataclass
class FakeContainer:
    """Answers with its name around what it was sent, or as it is told to."""

    name: str
    answer: Response | UnansweredError | None = None
    is_alive: bool = True
    is_well: bool = True
    starts: int = 1
    seen: list[Request] = field(default_factory=list)

    def send(self, request: Request, _timeout: float) -> Response:
        self.seen.append(request)
        if isinstance(self.answer, UnansweredError):
            raise self.answer
        return self.answer or Response.of(b"%s(%s)" % (self.name.encode(), request.body), "text/plain")

    def is_healthy(self, _timeout: float) -> bool:
        return self.is_well

    def kill(self) -> None:
        self.is_alive = False

    def restart(self) -> None:
        self.starts, self.is_alive = self.starts + 1, True


def variant(name: str, *containers: Any, is_direct: bool = True, weight: float = 1.0) -> Variant:
    return Variant(name, weight, is_direct, tuple(Replica(container.name, container) for container in containers))


def router(*variants: Variant) -> tuple[Router, list[Invocation]]:
    counted: list[Invocation] = []
    return Router("e", ContainerGroup("config", Path("unused"), variants), "arn:log-group", counted.append), counted


def ask(router: Router, body: bytes = b"x", **headers: str) -> Response:
    request_headers = {f"x-amzn-sagemaker-{name.replace('_', '-')}": value for name, value in headers.items()}
    return router.answer(Request("POST", PATH, {"content-type": "text/plain", **request_headers}, body))


def test_a_direct_invocation_goes_to_the_container_that_it_names() -> None:
    routed, counted = router(variant("blue", FakeContainer("a"), FakeContainer("b")))
    response = ask(routed, target_container_hostname="b")
    assert (response.status, response.body) == (200, b"b(x)")
    assert response.headers["x-amzn-invoked-production-variant"] == "blue"
    assert [(each.container, each.status) for each in counted] == [("b", 200)]


def test_a_serial_invocation_goes_through_all_containers_in_order() -> None:
    routed, counted = router(variant("blue", FakeContainer("a"), FakeContainer("b"), is_direct=False))
    assert ask(routed).body == b"b(a(x))"
    assert [each.container for each in counted] == ["a", "b"]


def test_traffic_is_split_by_weight_and_a_named_variant_gets_it_all() -> None:
    routed, _ = router(
        variant("blue", FakeContainer("a"), is_direct=False, weight=3.0),
        variant("green", FakeContainer("b"), is_direct=False, weight=1.0),
        variant("dark", FakeContainer("c"), is_direct=False, weight=0.0),
    )
    counts = Count(ask(routed).headers["x-amzn-invoked-production-variant"] for _ in range(2000))
    assert counts["dark"] == 0
    assert 0.68 < counts["blue"] / 2000 < 0.82  # seven standard deviations
    assert ask(routed, target_variant="dark").body == b"c(x)"


def test_what_the_client_sends_beyond_the_contract_stays_outside() -> None:
    container = FakeContainer("a")
    routed, _ = router(variant("blue", container, is_direct=False))
    routed.answer(Request("POST", PATH, {"accept": "text/csv", "authorization": "AWS4…", "host": "h"}, b""))
    (request,) = container.seen
    assert dict(request.headers) == {"accept": "text/csv", "content-type": ""}


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (Response.of("no such picture", "text/plain", 400), 400, "Received client error (400) from a with message"),
        (Response.of("out of memory", "text/plain", 507), 507, "Received server error (507) from a with message"),
        (UnansweredError("reset"), 500, "the container broke off before it answered (reset)"),
        (UnansweredError("late", timed_out=True), 0, "Your invocation timed out while waiting for a response from"),
    ],
)
def test_a_container_that_fails_is_a_model_error(answer: Any, status: int, text: str) -> None:
    routed, counted = router(variant("blue", FakeContainer("a", answer), is_direct=False))
    response = ask(routed)
    assert (response.status, response.headers["x-amzn-errortype"]) == (424, "ModelError")
    content = response.json()
    assert text in content["Message"]
    assert (content["OriginalStatusCode"], content["LogStreamArn"]) == (status, "arn:log-group")
    assert counted[0].status == (status or 500)


def test_a_container_that_is_down_is_unavailable_and_not_waited_for() -> None:
    routed, counted = router(variant("blue", FakeContainer("a", is_alive=False), is_direct=False))
    response = ask(routed)
    assert (response.status, response.headers["x-amzn-errortype"]) == (503, "ServiceUnavailable")
    assert "try again in a moment" in response.json()["Message"]
    assert counted[0].status == 500


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (Request("GET", PATH), 404),
        (Request("POST", "/endpoints/other/invocations"), 404),
        (Request("POST", PATH, {}, b"x" * (6 * 2**20 + 1)), 413),
        (Request("POST", PATH, {"x-amzn-sagemaker-target-model": "m.tar.gz"}), 400),
        (Request("POST", PATH, {"x-amzn-sagemaker-target-variant": "red"}), 400),
        (Request("POST", PATH, {"x-amzn-sagemaker-target-container-hostname": "c"}), 400),
        (Request("POST", PATH), 400),
    ],
)
def test_what_makes_no_sense_is_a_validation_error_and_reaches_no_container(request_: Request, status: int) -> None:
    container = FakeContainer("a")
    routed, counted = router(variant("blue", container, FakeContainer("b")))
    response = routed.answer(request_)
    assert (response.status, response.headers["x-amzn-errortype"]) == (status, "ValidationError")
    assert not container.seen
    assert not counted


def test_a_body_of_exactly_six_mebibytes_is_taken() -> None:
    routed, _ = router(variant("blue", FakeContainer("a"), is_direct=False))
    assert ask(routed, b"x" * (6 * 2**20)).status == 200


def test_a_container_that_ends_again_and_again_is_started_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("localcloud.endpoint.container_group.time.monotonic", lambda: now)
    container = FakeContainer("a")
    replica = Replica("a", container)  # type: ignore[arg-type]
    times = []
    for _ in range(600):
        container.is_alive = False
        if replica.revive():
            times.append(now - 1000)
        now += 0.2
    assert times[0] == 0
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1.5
    assert pauses[-1] > 25


def test_a_container_that_hangs_is_ended_after_it_missed_two_pings_in_a_row() -> None:
    container = FakeContainer("a", is_well=False)
    replica = Replica("a", container)  # type: ignore[arg-type]
    replica.check()
    container.is_well = True
    replica.check()
    container.is_well = False
    replica.check()
    assert container.is_alive
    replica.check()
    assert not container.is_alive
    assert replica.revive()
