"""A base install says which extra it lacks, before anything is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import localcloud
from localcloud import extras
from localcloud.containers.container import ContainerError, start
from localcloud.containers.container_definition import ContainerDefinition
from localcloud.gateway.on_demand import gateway_of
from localcloud.state.home import Home
from localcloud_tests.small_cloud import IMAGES

TRAINING = {
    "TrainingJobName": "t",
    "AlgorithmSpecification": {"TrainingImage": IMAGES["blazingtext"], "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::000000000000:role/any",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "HyperParameters": {"mode": "supervised"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/plain",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train"}},
        }
    ],
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


@pytest.fixture
def base_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _module: None)


@pytest.mark.usefixtures("base_install")
def test_a_training_that_nothing_here_can_do_is_refused_with_the_extra_that_brings_it(sagemaker: Any) -> None:
    with pytest.raises(
        ClientError, match=r'this environment has no numpy, no fasttext; `pip install "localcloud\[train'
    ):
        sagemaker.create_training_job(**TRAINING)
    assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == []


@pytest.mark.usefixtures("base_install")
def test_text_that_nothing_here_can_read_is_refused_with_the_extra_that_brings_it(session: boto3.Session) -> None:
    with pytest.raises(ClientError, match=r'has no numpy, no PIL, no rapidocr, .* "localcloud\[ocr\]"'):
        session.client("rekognition").detect_text(Image={"Bytes": b"picture"})


@pytest.mark.usefixtures("base_install")
@pytest.mark.parametrize(
    "image", [*IMAGES.values(), "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2"]
)
def test_a_model_that_nothing_here_can_serve_is_refused_with_the_extra_that_brings_it(
    image: str, tmp_path: Path
) -> None:
    with pytest.raises(
        ContainerError, match=r'cannot be served here: this environment has no .* "localcloud\[serve\]"'
    ):
        start(ContainerDefinition(image), Home(tmp_path), tmp_path / "container", tmp_path / "log")


@pytest.mark.usefixtures("base_install")
def test_a_gateway_that_cannot_be_is_refused_and_a_jobs_clients_are_told(tmp_path: Path) -> None:
    with pytest.raises(ImportError, match=r'has no moto, .* "localcloud\[gateway\]"'):
        localcloud.serve(tmp_path / "home")
    with gateway_of(Home(tmp_path / "home"), TRAINING["RoleArn"], "t") as aws:
        client = boto3.client(
            "s3",
            endpoint_url=aws["AWS_ENDPOINT_URL"],
            region_name=aws["AWS_REGION"],
            aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )
        with pytest.raises(ClientError, match="501"):
            client.list_buckets()


def test_what_is_there_is_not_lacking() -> None:
    assert extras.lacking("test", ("pytest", "boto3")) is None
