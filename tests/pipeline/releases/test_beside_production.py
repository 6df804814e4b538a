"""A version beside the one that serves: worse, better or neither, by predictions whose difference is made here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

import localcloud
from cli.main import main
from pipeline.releases import endpoints, registry, succession

HEADS = {"mood": ["dark", "light"], "taste": ["bland", "salty", "sweet"]}
BUCKET, GROUP = "memotion-000000000000", "memotion"
MEMES = 80


def predictions(skill: float, seed: int, memes: int = MEMES) -> bytes:
    """Lines of predictions.jsonl that are right as often as `skill` says, of the same memes whatever the seed."""
    truth, chance = np.random.default_rng(0), np.random.default_rng(seed)
    lines = []
    for number in range(memes):
        labels = [int(truth.integers(2)), 2 + int(truth.integers(3))]
        answer = chance.random(5)
        for label in labels:
            answer[label] += 2 * (chance.random() < skill)
        lines.append(json.dumps({"image_name": f"{number}.png", "labels": labels, "ensemble": answer.tolist()}))
    return "\n".join(lines).encode()


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setenv("MEMOTION_HOME", str(tmp_path))
    monkeypatch.setenv("MEMOTION_LOCAL", "1")
    session = localcloud.session(tmp_path)
    session.client("s3").create_bucket(Bucket=BUCKET)
    session.client("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
    return session


@pytest.fixture
def register(cloud: boto3.Session) -> Callable[..., dict[str, Any]]:
    """Register a version that predicted these lines."""

    def make(lines: bytes, **properties: str) -> dict[str, Any]:
        prefix = f"executions/{len(list(registry.packages(cloud, GROUP)))}"
        figures = {
            "ensemble": {"macro_f1": 0.5, "heads": {head: {"labels": names} for head, names in HEADS.items()}},
            "baseline": {"stratified_random": {"macro_f1": 0.3}},
            "counts": {"test": MEMES},
            "lift_over_chance_ci95": [0.1, 0.3],
            "models": {},
        }
        for name, content in {"evaluation.json": json.dumps(figures).encode(), "predictions.jsonl": lines}.items():
            cloud.client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=content)
        container = {
            "ContainerHostname": "blazingtext",
            "Image": "i:1",
            "ModelDataUrl": f"s3://{BUCKET}/m",
            "Environment": {"MEMOTION_ENSEMBLE_URI": f"s3://{BUCKET}/{prefix}/ensemble.json"},
        }
        answer = cloud.client("sagemaker").create_model_package(
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus="PendingManualApproval",
            **({"CustomerMetadataProperties": properties} if properties else {}),
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )
        return registry.find(cloud, GROUP, int(answer["ModelPackageArn"].rpartition("/")[2]))

    return make


def serve(package: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have production serve it, without the minutes that a model of it would take."""
    monkeypatch.setattr(endpoints, "package_of", lambda *_: package["ModelPackageArn"])


def test_a_version_that_guesses_is_worse_than_one_that_knows_and_the_other_way_round_better(
    cloud: boto3.Session, register: Callable[..., dict[str, Any]]
) -> None:
    knows, guesses = register(predictions(0.9, 1)), register(predictions(0.0, 2))

    worse, better = succession.beside(cloud, guesses, knows), succession.beside(cloud, knows, guesses)

    assert worse is not None
    assert better is not None
    assert (worse.is_worse, better.is_worse) == (True, False)
    assert worse.sentence.startswith("Version 2 beside version 1, which production serves: worse. Macro-F1 -0.")
    assert f"over the same {MEMES} test memes" in worse.sentence
    assert better.words.startswith("better (+0.")
    assert better.difference is not None
    assert worse.difference is not None
    assert better.difference.value == pytest.approx(-worse.difference.value)


def test_other_test_memes_are_named_and_block_nothing(
    cloud: boto3.Session, register: Callable[..., dict[str, Any]]
) -> None:
    comparison = succession.beside(cloud, register(predictions(0.0, 2, memes=50)), register(predictions(0.9, 1)))

    assert comparison is not None
    assert not comparison.is_worse
    assert "of 80 and 50 test memes 50 are the same" in comparison.sentence


def test_what_serves_itself_is_beside_nothing(cloud: boto3.Session, register: Callable[..., dict[str, Any]]) -> None:
    package = register(predictions(0.5, 1))

    assert succession.beside(cloud, package, package) is None
    assert succession.beside(cloud, package, None) is None


@pytest.mark.parametrize("content", [b"{]", b"[]", b'{"image_name": "0.png"}'])
def test_predictions_of_other_code_are_a_sentence(
    cloud: boto3.Session, register: Callable[..., dict[str, Any]], content: bytes
) -> None:
    comparison = succession.beside(cloud, register(content), register(predictions(0.9, 1)))

    assert comparison is not None
    assert not comparison.is_worse
    assert "written by other code" in comparison.sentence


def test_a_worse_version_is_approved_only_by_whoever_wants_it_anyway(
    cloud: boto3.Session,
    register: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve(register(predictions(0.9, 1)), monkeypatch)
    register(predictions(0.0, 2))

    assert main(["packages"]) == 0
    newest, serving = capsys.readouterr().out.splitlines()[1:]
    assert "worse (-0." in newest
    assert "it serves" in serving
    assert main(["approve", "2"]) == 1
    refused = capsys.readouterr().err
    assert "Version 2 beside version 1, which production serves: worse." in refused
    assert "`python pipeline.py approve 2 --anyway` approves it still" in refused
    assert registry.find(cloud, GROUP, 2)["ModelApprovalStatus"] == "PendingManualApproval"
    assert main(["approve", "2", "--anyway"]) == 0
    assert registry.find(cloud, GROUP, 2)["ModelApprovalStatus"] == "Approved"


def test_a_version_that_is_no_worse_is_approved_without_more_words(
    register: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(register(predictions(0.5, 1)), monkeypatch)
    register(predictions(0.5, 1))

    assert main(["approve", "2"]) == 0
    assert "no difference beyond chance. Macro-F1 +0.000" in capsys.readouterr().err
