"""What an endpoint answered lately against the evaluation of its package, found from the endpoint alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from inference.errors import CaptureError, EndpointError
from memotion.decision import Decision
from memotion.ensemble import Combiner
from pipeline.definition.settings import load_settings
from pipeline.errors import NotFoundError
from pipeline.releases.monitor import Monitored, monitor
from tests.inference.conftest import Service, body

PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/memotion/7"
KEY = "capture/memes/today/1.jsonl"


@pytest.fixture
def captures(service: Service, combiner: Combiner) -> list[bytes]:
    """The lines that are captured; the endpoint's package answered half of its test set with each mood."""
    lines: list[bytes] = []
    test_set = [{"ensemble": [mood, 1 - mood, 0.2, 0.3, 0.5]} for mood in (0.9, 0.1) for _ in range(50)]
    objects = {
        "evaluation/ensemble.json": lambda: combiner.to_json().encode(),
        "evaluation/predictions.jsonl": lambda: "\n".join(map(json.dumps, test_set)).encode(),
        KEY: lambda: b"\n".join(lines),
    }
    today = f"capture/memes/{datetime.now(UTC):%Y/%m/%d}/"
    service.answers |= {
        "ListTags": lambda _: {"Tags": [{"Key": "model-package", "Value": PACKAGE}]},
        "GetObject": lambda request: {"Body": body(objects[request["Key"]]())},
        "ListObjectsV2": lambda request: {"Contents": [{"Key": KEY}] if request["Prefix"] == today and lines else []},
    }
    return lines


def line(dark: float, package: str = PACKAGE, degraded: str | None = None) -> bytes:
    heads = {"mood": {"dark": dark, "light": 1 - dark}, "taste": {"bland": 0.2, "salty": 0.3, "sweet": 0.5}}
    return json.dumps({"package": package, "probabilities": heads, "degraded": degraded}).encode()


def compared(service: Service) -> Monitored:
    return monitor(service.session, load_settings(), "memes", 2)  # midnight may have passed


def test_the_head_whose_answers_changed_has_drifted_and_the_other_has_not(
    service: Service, captures: list[bytes]
) -> None:
    captures += [line(0.9)] * 90 + [line(0.1)] * 10
    drift = compared(service)
    assert (drift.captured, drift.reference, drift.package) == (100, 100, PACKAGE)
    assert {head: each.drifted for head, each in drift.heads.items()} == {"mood": True, "taste": False}
    assert drift.heads["mood"].expected == {"dark": 0.5, "light": 0.5}
    assert drift.heads["mood"].actual == {"dark": 0.9, "light": 0.1}


def test_what_was_answered_is_what_the_package_decides(
    service: Service, captures: list[bytes], combiner: Combiner
) -> None:
    shares = {"mood": (0.95, 0.05), "taste": (0.3, 0.3, 0.4)}
    decision = Decision("balanced", {"mood": 1.0, "taste": 0.0}, shares)
    balanced = replace(combiner, decision=decision)
    before = service.answers["GetObject"]

    def answer(request: dict[str, Any]) -> Any:
        content = {"Body": body(balanced.to_json().encode())}
        return content if request["Key"].endswith("ensemble.json") else before(request)

    service.answers["GetObject"] = answer
    captures += [line(0.9)] * 100
    # 0.9 / 0.95 is less than 0.1 / 0.05: all of them are light, and so is the whole test set.
    mood = compared(service).heads["mood"]
    assert mood.expected == mood.actual == {"dark": 0.0, "light": 1.0}


def test_what_another_package_answered_is_not_compared(service: Service, captures: list[bytes]) -> None:
    captures += [line(0.9, "another")] * 100 + [line(0.9), line(0.1)] * 20
    drift = compared(service)
    assert drift.captured == 40
    assert not drift.heads["mood"].drifted


def test_what_one_model_answered_alone_is_not_compared(service: Service, captures: list[bytes]) -> None:
    captures += [line(0.9, degraded="blazingtext")] * 100 + [line(0.9), line(0.1)] * 20
    drift = compared(service)
    assert drift.captured == 40
    assert not drift.heads["mood"].drifted


def test_where_nothing_was_captured_it_says_how_to(service: Service, captures: list[bytes]) -> None:
    captures.append(line(0.9, "another"))
    with pytest.raises(NotFoundError, match="predict --capture 1` keeps every answer"):
        compared(service)


def test_an_endpoint_that_is_not_there_is_not_one_without_captures(service: Service, captures: list[bytes]) -> None:
    service.refuse("DescribeEndpoint", "ValidationException")
    with pytest.raises(EndpointError, match=r"^endpoint 'memes': "):
        compared(service)


@pytest.mark.parametrize("broken", [b"{", b"[]", b"7", b'{"package": "p"}', b'{"package": "p", "probabilities": 1}'])
def test_a_line_that_is_no_captured_answer_is_named(service: Service, captures: list[bytes], broken: bytes) -> None:
    captures += [line(0.9), broken]
    with pytest.raises(CaptureError, match=rf"^s3://memotion-000000000000/{KEY}, line 2 is no captured answer"):
        compared(service)
