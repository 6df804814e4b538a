"""A meme asked of an endpoint: both containers, their answers combined, and what happens when one of them fails."""

import json
from dataclasses import replace
from io import BytesIO
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from PIL import Image

from inference.client import EnsembleClient
from inference.errors import ContainerError, EndpointError, PictureRefused, ReadingError
from memotion.decision import Decision
from memotion.ensemble import Combiner
from memotion.picture import standard_jpeg
from tests.inference.conftest import body


@pytest.fixture
def meme() -> bytes:
    target = BytesIO()
    Image.new("RGBA", (40, 300), "orange").save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def client(service: Any) -> EnsembleClient:
    return EnsembleClient(service.session, "memes")


def invocations(service: Any) -> dict[str, dict[str, Any]]:
    calls = [request for name, request in service.calls if name == "InvokeEndpoint"]
    return {request["TargetContainerHostname"]: request for request in calls}


def test_both_opinions_are_renormalised_in_each_head_and_averaged(client: EnsembleClient, meme: bytes) -> None:
    answer = client.predict(meme, name="meme.png")
    mood = answer.heads["mood"]
    # By hand: image 0.9/1.2 and text 0.1/0.4, their mean.
    assert mood.label == "dark"
    assert mood.probabilities == pytest.approx({"dark": (0.75 + 0.25) / 2, "light": (0.25 + 0.75) / 2})
    assert answer.heads["taste"].probabilities == pytest.approx({"bland": 0.125, "salty": 0.125, "sweet": 0.75})
    assert answer.heads["taste"].label == "sweet"
    assert answer.models["image"]["taste"] == pytest.approx({"bland": 0.25, "salty": 0.25, "sweet": 0.5})
    assert answer.models["text"]["taste"] == pytest.approx({"bland": 0.0, "salty": 0.0, "sweet": 1.0})


def test_a_balanced_package_decides_with_its_shares_and_its_probabilities_stay(
    service: Any, client: EnsembleClient, meme: bytes, combiner: Combiner
) -> None:
    before = client.predict(meme)
    shares = {"mood": (0.5, 0.5), "taste": (0.01, 0.24, 0.75)}
    decision = Decision("balanced", {"mood": 0.0, "taste": 1.0}, shares)
    balanced = replace(combiner, decision=decision).to_json().encode()
    service.answers["GetObject"] = lambda _: {"Body": body(balanced)}
    after = EnsembleClient(service.session, "memes").predict(meme)
    # By hand: 0.125 / 0.01, 0.125 / 0.24 and 0.75 / 0.75.
    assert (before.heads["taste"].label, after.heads["taste"].label) == ("sweet", "bland")
    assert after.heads["taste"].probability == pytest.approx(0.125)
    for head, answer in before.heads.items():
        assert after.heads[head].probabilities == answer.probabilities
    assert after.heads["mood"] == before.heads["mood"]


def test_the_answer_has_the_members_that_programs_rely_on(client: EnsembleClient, meme: bytes) -> None:
    answer = json.loads(json.dumps(client.predict(meme, name="meme.png").to_json()))
    assert list(answer) == ["image", "text", "text_source", "heads", "models", "degraded", "timings_ms"]
    assert (answer["image"], answer["text"], answer["text_source"]) == ("meme.png", "Hello World", "ocr")
    assert answer["degraded"] is None
    assert {"total", "image", "text"} <= answer["timings_ms"].keys()
    for head in answer["heads"].values():
        assert set(head) == {"label", "probability", "probabilities"}
        assert sum(head["probabilities"].values()) == pytest.approx(1)


def test_each_container_gets_what_its_training_saw(service: Any, client: EnsembleClient, meme: bytes) -> None:
    client.predict(meme, "It's   FINE!")
    bodies = invocations(service)
    assert bodies["image-classification"]["Body"] == standard_jpeg(meme, 28)
    assert bodies["image-classification"]["ContentType"] == "application/x-image"
    assert json.loads(bodies["blazingtext"]["Body"]) == {"instances": ["its   fine"], "configuration": {"k": 5}}
    assert bodies["blazingtext"]["ContentType"] == "application/json"


def test_a_given_text_is_used_and_nothing_is_read(service: Any, client: EnsembleClient, meme: bytes) -> None:
    answer = client.predict(meme, "given words")
    assert (answer.text, answer.text_source) == ("given words", "given")
    assert "DetectText" not in [name for name, _ in service.calls]


@pytest.mark.parametrize("text", ["", "?!"])
def test_a_picture_without_words_is_answered_by_the_image_model_alone(
    service: Any, client: EnsembleClient, meme: bytes, text: str
) -> None:
    answer = client.predict(meme, text)
    assert (answer.text, answer.text_source, answer.degraded) == ("", "none", None)
    assert list(invocations(service)) == ["image-classification"]
    assert answer.heads["mood"].probabilities == pytest.approx({"dark": 0.75, "light": 0.25})
    assert list(answer.models) == ["image"]


def break_container(service: Any, hostname: str) -> None:
    service.refuse("InvokeEndpoint", "ModelError", 424, lambda request: request["TargetContainerHostname"] == hostname)


@pytest.mark.parametrize(("broken", "left"), [("image-classification", "text"), ("blazingtext", "image")])
def test_one_failing_container_leaves_the_other_ones_answer_marked_as_degraded(
    service: Any, client: EnsembleClient, meme: bytes, broken: str, left: str
) -> None:
    break_container(service, broken)
    answer = client.predict(meme)
    assert answer.degraded == broken
    assert list(answer.models) == [left]
    assert answer.models[left]["mood"] == answer.heads["mood"].probabilities


def test_a_strict_client_makes_a_failing_container_an_error(service: Any, meme: bytes) -> None:
    break_container(service, "blazingtext")
    with pytest.raises(ContainerError, match=r"^container blazingtext: .*InvokeEndpoint says no"):
        EnsembleClient(service.session, "memes", strict=True).predict(meme)


@pytest.mark.parametrize("strict", [True, False])
def test_a_container_that_hangs_has_failed_when_its_time_is_up(service: Any, meme: bytes, strict: bool) -> None:
    over = Event()
    service.answers["InvokeEndpoint"] = lambda _: over.wait() or {}
    client = EnsembleClient(service.session, "memes", strict=strict, timeout=0.1)
    with pytest.raises(ContainerError, match=r"^container image-classification: there was no answer within 0\.1 sec"):
        client.predict(meme, "words")
    over.set()


def test_no_answer_at_all_is_an_error(service: Any, client: EnsembleClient, meme: bytes) -> None:
    break_container(service, "image-classification")
    with pytest.raises(ContainerError, match="image-classification"):
        client.predict(meme, "")


def test_an_answer_that_is_no_probabilities_is_the_containers_failure(
    service: Any, client: EnsembleClient, meme: bytes, image_answer: list[float]
) -> None:
    image_answer.append(0.5)
    assert client.predict(meme).degraded == "image-classification"


def test_a_busy_service_is_asked_again(service: Any, meme: bytes, image_answer: list[float]) -> None:
    del service.answers["InvokeEndpoint"]
    answers = iter([(503, {"message": "busy"}), (400, {"message": "slow down"}), (200, image_answer)])

    def on_the_wire(request: Any, **_: Any) -> AWSResponse:
        status, content = next(answers)
        headers = {"x-amzn-ErrorType": "ThrottlingException"} if status == 400 else {}
        raw = SimpleNamespace(
            stream=lambda *_: [json.dumps(content).encode()], read=lambda *_: json.dumps(content).encode()
        )
        return AWSResponse(request.url, status, headers, raw)

    service.session.events.register("before-send.sagemaker-runtime", on_the_wire)
    assert EnsembleClient(service.session, "memes").predict(meme, "").heads["mood"].label == "dark"
    assert list(answers) == []


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\xff\xd8\xff\xe0 cut off"])
def test_what_is_no_picture_is_refused_with_a_sentence(client: EnsembleClient, data: bytes) -> None:
    with pytest.raises(PictureRefused, match=r"^the picture cannot be used: (it|the file) "):
        client.predict(data)


def test_a_reader_that_fails_says_how_to_go_on_without_it(service: Any, client: EnsembleClient, meme: bytes) -> None:
    service.refuse("DetectText", "AccessDeniedException")
    with pytest.raises(ReadingError, match=r"give it with --text$"):
        client.predict(meme)


def test_an_endpoint_that_is_not_there_is_named(service: Any, client: EnsembleClient, meme: bytes) -> None:
    service.refuse("DescribeEndpoint", "ValidationException")
    with pytest.raises(EndpointError, match=r"^endpoint 'memes': "):
        client.predict(meme)


def test_an_endpoint_of_another_making_is_refused(service: Any, client: EnsembleClient, meme: bytes) -> None:
    service.answers["DescribeModel"] = lambda _: {"Containers": [{"ContainerHostname": "image-classification"}]}
    with pytest.raises(EndpointError, match="have no MEMOTION_ENSEMBLE_URI"):
        client.predict(meme)


def test_a_package_whose_captions_were_cleaned_otherwise_is_refused(
    service: Any, client: EnsembleClient, meme: bytes, combiner: Any
) -> None:
    other = combiner.to_json().replace('"cleaner_version": 1', '"cleaner_version": 99')
    service.answers["GetObject"] = lambda _: {"Body": BytesIO(other.encode())}
    with pytest.raises(EndpointError, match="cleaner 99, this client has 1"):
        client.predict(meme)
