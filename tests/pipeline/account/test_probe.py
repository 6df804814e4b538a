"""`doctor --probe`: one free model tells whether the images can share an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

import localcloud
from cli.main import main
from pipeline.account.check import Check
from pipeline.account.probe import probe
from pipeline.definition.settings import Settings, load_settings

REFUSAL = (
    "Container image 811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1 does not have the label "
    "com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true"
)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MEMOTION_ACCOUNT", "123456789012")
    return load_settings()


@pytest.fixture
def calls() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def probed(settings: Settings, calls: list[tuple[str, dict[str, Any]]]) -> Callable[..., Check]:
    """Probe an account that refuses CreateModel with this code and message, or takes it."""

    def against(code: str = "", message: str = "") -> Check:
        session = boto3.Session("key", "secret", region_name="us-east-1")

        def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
            calls.append((model.name, dict(params)))

        def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
            is_refused = bool(code) and model.name == "CreateModel"
            parsed = {"Error": {"Code": code, "Message": message}} if is_refused else {"ModelArn": "arn"}
            status = 400 if is_refused else 200
            return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}

        session.events.register("provide-client-params", keep)
        session.events.register("before-call", answer)
        return probe(session, settings)

    return against


def test_a_model_that_is_taken_is_deleted_again(
    probed: Callable[..., Check], calls: list[tuple[str, dict[str, Any]]]
) -> None:
    assert probed().verdict == "ok"
    (_, artefact), (_, model), (last, deleted) = calls
    assert model["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert [each["ContainerHostname"] for each in model["Containers"]] == ["image-classification", "blazingtext"]
    assert {each["ModelDataUrl"] for each in model["Containers"]} == {f"s3://{artefact['Bucket']}/{artefact['Key']}"}
    assert (last, deleted) == ("DeleteModel", {"ModelName": model["ModelName"]})


def test_an_image_without_the_label_is_wrong(probed: Callable[..., Check]) -> None:
    check = probed("ValidationException", REFUSAL)
    assert check.verdict == "wrong"
    assert "CreateEnsembleModel would fail after the trainings" in check.finding


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_any_other_refusal_says_nothing_of_the_images(probed: Callable[..., Check], code: str) -> None:
    assert probed(code, "Could not access model data").verdict == "unknown"


def test_the_local_cloud_takes_it_too(tmp_path: Path, settings: Settings) -> None:
    session = localcloud.session(tmp_path)
    session.client("s3").create_bucket(Bucket=settings.bucket)
    assert probe(session, settings).verdict == "ok"
    assert session.client("sagemaker").list_models()["Models"] == []


def test_it_is_a_question_to_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--local", "--probe"]) == 2
    assert "leave --local out" in capsys.readouterr().err
