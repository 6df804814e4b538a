"""A boto3 session whose calls are answered by functions, so that botocore still checks every request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody

from memotion.ensemble import Combiner
from memotion.text import CLEANER_VERSION

Answer = Callable[[dict[str, Any]], Any]


class _RefusedError(Exception):
    pass


@dataclass
class Service:
    """`answers` maps an operation to what it answers; `calls` has the requests in the order in which they came."""

    session: boto3.Session
    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def refuse(
        self, operation: str, code: str, status: int = 400, when: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> None:
        """From now on answer the operation with an error, for the requests that `when` is true of."""
        before = self.answers[operation]

        def refusing(request: dict[str, Any]) -> Any:
            if when(request):
                raise _RefusedError(code, f"{operation} says no", status)
            return before(request)

        self.answers[operation] = refusing

    def keep(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["request"] = dict(params)

    def answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        """None, for an operation without an answer here, lets the request go on its way to the wire."""
        if model.name not in self.answers:
            return None
        self.calls.append((model.name, context["request"]))
        try:
            status, parsed = 200, self.answers[model.name](context["request"])
        except _RefusedError as refusal:
            code, message, status = refusal.args
            parsed = {"Error": {"Code": code, "Message": message}}
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}


def body(content: bytes) -> StreamingBody:
    return StreamingBody(BytesIO(content), len(content))


@pytest.fixture
def combiner() -> Combiner:
    heads = {"mood": ("dark", "light"), "taste": ("bland", "salty", "sweet")}
    return Combiner(method="average", heads=heads, image_size=28, cleaner_version=CLEANER_VERSION)


@pytest.fixture
def image_answer() -> list[float]:
    return [0.9, 0.3, 0.2, 0.2, 0.4]


@pytest.fixture
def text_answer() -> dict[str, Any]:
    return {"label": ["__label__4", "__label__1", "__label__0"], "prob": [0.5, 0.3, 0.1]}


@pytest.fixture
def service(combiner: Combiner, image_answer: list[float], text_answer: dict[str, Any]) -> Service:
    """An endpoint `memes` of both containers, and a Rekognition that reads `Hello World` in every picture."""
    session = boto3.Session("key", "secret", region_name="us-east-1")
    fake = Service(session)
    session.events.register("provide-client-params", fake.keep)
    session.events.register("before-call", fake.answer)
    environment = {"MEMOTION_ENSEMBLE_URI": "s3://bucket/evaluation/ensemble.json"}
    containers = [
        {"ContainerHostname": name, "Environment": environment} for name in ("image-classification", "blazingtext")
    ]

    def invoke(request: dict[str, Any]) -> dict[str, Any]:
        image = request["TargetContainerHostname"] == "image-classification"
        return {"Body": body(json.dumps(image_answer if image else [text_answer]).encode())}

    box = {"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.1}
    line = {"Type": "LINE", "DetectedText": "Hello World", "Confidence": 99.0, "Geometry": {"BoundingBox": box}}
    fake.answers = {
        "DescribeEndpoint": lambda _: {"EndpointConfigName": "config"},
        "DescribeEndpointConfig": lambda _: {"ProductionVariants": [{"ModelName": "model"}]},
        "DescribeModel": lambda _: {"ModelArn": "arn", "Containers": containers},
        "GetObject": lambda _: {"Body": body(combiner.to_json().encode())},
        "InvokeEndpoint": invoke,
        "DetectText": lambda _: {"TextDetections": [line, {**line, "Type": "WORD", "DetectedText": "Hello"}]},
    }
    return fake
