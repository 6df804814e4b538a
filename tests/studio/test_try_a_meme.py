"""The view in which a meme is tried, over an endpoint whose two containers answer what the test says."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from PIL import Image
from urllib3.filepost import encode_multipart_formdata

from memotion.ensemble import Combiner
from memotion.text import CLEANER_VERSION
from tests.studio.conftest import Reply, Service, Visitor

HEADS = {"mood": ("dark", "light"), "taste": ("bland", "salty", "sweet")}
BOX = {"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.1}
LINE = {"Type": "LINE", "DetectedText": "Hello World", "Confidence": 99.0, "Geometry": {"BoundingBox": BOX}}


def png(size: tuple[int, int] = (120, 90)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, "teal").save(target, "PNG")
    return target.getvalue()


def stream(content: bytes) -> dict[str, Any]:
    return {"Body": StreamingBody(BytesIO(content), len(content))}


@pytest.fixture(autouse=True)
def endpoint(service: Service) -> None:
    """Staging serves a model of both containers; production is not there."""
    combiner = Combiner(method="average", heads=HEADS, image_size=28, cleaner_version=CLEANER_VERSION)
    environment = {"MEMOTION_ENSEMBLE_URI": "s3://bucket/evaluation/ensemble.json"}
    hostnames = ("image-classification", "blazingtext")
    model = {
        "ModelArn": "arn:aws:sagemaker:us-east-1:000000000000:model/m",
        "Containers": [{"ContainerHostname": name, "Environment": environment} for name in hostnames],
    }
    text = {"label": ["__label__4", "__label__1", "__label__0"], "prob": [0.5, 0.3, 0.1]}
    service.answers |= {
        "DescribeEndpoint": lambda request: {
            "EndpointName": request["EndpointName"], "EndpointConfigName": "config",
            "EndpointStatus": "InService" if request["EndpointName"].endswith("staging") else "Failed",
        },
        "DescribeEndpointConfig": lambda _: {"ProductionVariants": [{"ModelName": "m"}]},
        "DescribeModel": lambda _: model,
        "ListTags": lambda _: {"Tags": []},
        "ListModelPackages": lambda _: {"ModelPackageSummaryList": []},
        "GetObject": lambda request: stream(combiner.to_json().encode() if "ensemble" in request["Key"] else b"{"),
        "InvokeEndpoint": lambda request: stream(
            json.dumps([0.9, 0.3, 0.2, 0.2, 0.4] if "image" in request["TargetContainerHostname"] else [text]).encode()
        ),
        "DetectText": lambda _: {"TextDetections": [LINE]},
    }  # fmt: skip
    service.refusals["HeadObject"] = "404"


def drop(visitor: Visitor, picture: bytes, **fields: str) -> Reply:
    parts: dict[str, Any] = {"token": visitor.app_state.token, **fields, "file": ("meme.png", picture)}
    body, kind = encode_multipart_formdata(parts)
    answer = visitor.send("/try", body, kind)
    return visitor.get(answer.headers["location"]) if answer.status == 303 else answer


def test_the_text_is_read_and_every_head_answered(over: Visitor) -> None:
    reply = drop(over, png())

    assert reply.status == 200
    assert "Text as it was read" in reply.page.text
    assert "Hello World" in reply.page.text
    assert [each["aria-label"] for each in reply.page.all("section") if each.get("class") == "head-bars"] == list(HEADS)
    assert "mood: dark" in reply.page.text
    assert len([each for each in reply.page.all("rect") if each.get("class") == "ensemble"]) == 5


def test_it_is_asked_again_with_another_text(over: Visitor, service: Service) -> None:
    first = drop(over, png())
    (picture,) = [each["value"] or "" for each in first.page.all("input") if each.get("name") == "picture"]
    read = service.calls.count("DetectText")

    answer = over.post("/try", {"picture": picture, "text": "Other words"})
    page = over.get(answer.headers["location"]).page

    assert "Text as it was given" in page.text
    assert "Other words" in page.text
    assert service.calls.count("DetectText") == read


def test_what_the_evaluation_would_add_may_be_missing(over: Visitor, service: Service) -> None:
    answer = service.answers["GetObject"]

    def busy(request: dict[str, Any]) -> dict[str, Any]:
        if request["Key"].endswith("evaluation.json"):
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, "GetObject")
        return answer(request)

    service.answers["GetObject"] = busy

    assert "mood: dark" in drop(over, png()).page.text


def test_an_empty_text_leaves_the_image_model_alone(over: Visitor) -> None:
    page = drop(over, png(), text="").page

    assert "No text was found: only models that see the picture alone answer" in page.text
    assert "text model (no answer)" in page.text


def test_a_container_that_fails_is_said_to(over: Visitor, service: Service) -> None:
    answer = service.answers["InvokeEndpoint"]

    def failing(request: dict[str, Any]) -> dict[str, Any]:
        return answer(request) if "image" in request["TargetContainerHostname"] else stream(b"<html>")

    service.answers["InvokeEndpoint"] = failing

    assert "The container blazingtext failed: this is the answer of the others alone." in drop(over, png()).page.text


@pytest.mark.parametrize(
    "picture",
    [
        b"not a picture",
        png()[:60],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_picture_is_a_sentence(over: Visitor, picture: bytes) -> None:
    reply = drop(over, picture)

    assert reply.status == 422
    assert "The picture cannot be used: " in reply.page.text


def test_no_picture_at_all_is_a_sentence(over: Visitor) -> None:
    assert "No picture was chosen" in drop(over, b"").page.text


def test_what_is_shown_of_a_picture_is_a_jpeg_of_ours(over: Visitor) -> None:
    reply = drop(over, png())
    (source,) = [each["src"] or "" for each in reply.page.all("img") if "pictures" in (each.get("src") or "")]

    shown = over.get(source)

    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(shown.content)).size == (120, 90)


@pytest.mark.parametrize("path", ["/try/answers/forgotten", "/try/pictures/forgotten"])
def test_what_was_forgotten_is_a_sentence(over: Visitor, path: str) -> None:
    reply = over.get(path)

    assert reply.status == 404
    assert "drop it again" in reply.page.text


@pytest.mark.parametrize("number", ["0", "-1", "99999", "x", "²"])
def test_a_sample_that_is_not_there_is_a_sentence(over: Visitor, number: str) -> None:
    assert over.post("/try", {"sample": number}).status == 404


def test_where_nothing_serves_it_says_how_to_begin(over: Visitor, service: Service) -> None:
    service.answers["DescribeEndpoint"] = lambda _: {"EndpointStatus": "Creating", "EndpointConfigName": "config"}

    assert "No endpoint serves yet" in over.get("/try").page.text
