"""Names that would lead out of a job's folder: nothing is read or written there, and a sentence says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud_tests.definitions import ROLE, SCRIPT_IMAGE, Local, Make

TRAINING_IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
SOURCE = {"S3Uri": "s3://bucket/data", "S3DataType": "S3Prefix", "S3InputMode": "File"}


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def training_request(**more: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data/", "S3DataDistributionType": "FullyReplicated"}
    return {
        "TrainingJobName": "job",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": TRAINING_IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {"mode": "supervised"},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **more,
    }


def ended(local: Local, until: Any) -> dict[str, Any]:
    def describe() -> dict[str, Any]:
        answer: dict[str, Any] = local.sagemaker.describe_processing_job(ProcessingJobName="job")
        return answer

    until(lambda: describe()["ProcessingJobStatus"] not in {"InProgress", "Stopping"})
    return describe()


@pytest.mark.parametrize("key", ["data/{outside}/a.txt", "data/../a.txt", "data/x/../../../../a.txt", "data/./a.txt"])
def test_an_objects_key_does_not_lead_out_of_the_jobs_folder(
    make: Make, local: Local, until: Any, tmp_path: Path, key: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    local.put(key.format(outside=outside), "written by a key")
    source = {"InputName": "in", "S3Input": SOURCE | {"LocalPath": "/opt/ml/processing/in"}}
    request = make.processing_request(["python3", "-c", "pass"])
    local.sagemaker.create_processing_job(ProcessingJobName="job", **request, ProcessingInputs=[source])
    job = ended(local, until)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "would leave its folder" in job["FailureReason"]
    assert not files(outside)
    assert not files(tmp_path / "home" / "jobs" / "ProcessingJob" / "job" / "ml")


@pytest.mark.parametrize("name", ["/{outside}/a.txt", "../../../../a.txt", ""])
def test_a_manifests_line_does_not_lead_out_of_the_jobs_folder(
    make: Make, local: Local, until: Any, tmp_path: Path, name: str
) -> None:
    line = name.format(outside=tmp_path / "outside")
    local.put(f"data{line}", "written by a manifest")
    local.put("manifest.json", json.dumps([{"prefix": "s3://bucket/data"}, line]))
    source = {"S3Uri": "s3://bucket/manifest.json", "S3DataType": "ManifestFile", "S3InputMode": "File"}
    request = make.processing_request(["python3", "-c", "pass"])
    item = {"InputName": "in", "S3Input": source | {"LocalPath": "/opt/ml/processing/in"}}
    local.sagemaker.create_processing_job(ProcessingJobName="job", **request, ProcessingInputs=[item])
    job = ended(local, until)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "would leave its folder" in job["FailureReason"]
    assert not files(tmp_path / "outside")


@pytest.mark.parametrize("content", [[{"prefix": "s3://bucket/"}, 5], [{"prefix": 5}, "a"], [[]], "[" * 100_000])
def test_a_manifest_that_is_none_fails_the_job_with_a_sentence(
    make: Make, local: Local, until: Any, content: Any
) -> None:
    local.put("manifest.json", content if isinstance(content, str) else json.dumps(content))
    source = {"S3Uri": "s3://bucket/manifest.json", "S3DataType": "ManifestFile", "S3InputMode": "File"}
    request = make.processing_request(["python3", "-c", "pass"])
    item = {"InputName": "in", "S3Input": source | {"LocalPath": "/opt/ml/processing/in"}}
    local.sagemaker.create_processing_job(ProcessingJobName="job", **request, ProcessingInputs=[item])
    assert "is no manifest" in ended(local, until)["FailureReason"]


@pytest.mark.parametrize(
    "path", ["{outside}", "/opt/ml/../../{outside}", "/opt/ml//{outside}", "/opt/ml/", "opt/ml/a", "/opt/mlx/a"]
)
def test_a_training_request_alone_reads_and_writes_nothing_of_the_callers(
    local: Local, tmp_path: Path, path: str
) -> None:
    """A LocalPath of checkpoints that was `~/.ssh` was uploaded to the bucket, and filled from it."""
    secrets = tmp_path / "fake" / ".ssh"
    secrets.mkdir(parents=True)
    (secrets / "id_ed25519").write_text("secret")
    local.put("checkpoints/authorized_keys", "written by a checkpoint")
    local.put("data/train.txt", "__label__a word\n")
    config = {"S3Uri": "s3://bucket/checkpoints", "LocalPath": path.format(outside=secrets)}
    with pytest.raises(ClientError, match="LocalPath") as refusal:
        local.sagemaker.create_training_job(**training_request(CheckpointConfig=config))
    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert files(secrets) == {secrets / "id_ed25519"}
    keys = [entry["Key"] for entry in local.s3.list_objects_v2(Bucket="bucket")["Contents"]]
    assert sorted(keys) == ["checkpoints/authorized_keys", "data/train.txt"]


def test_a_checkpoint_that_would_leave_the_folder_fails_the_training(local: Local, until: Any, tmp_path: Path) -> None:
    local.put("data/train.txt", "__label__a word\n")
    local.put(f"checkpoints/{tmp_path}/planted", "written by a checkpoint")
    local.sagemaker.create_training_job(**training_request(CheckpointConfig={"S3Uri": "s3://bucket/checkpoints"}))

    def describe() -> dict[str, Any]:
        answer: dict[str, Any] = local.sagemaker.describe_training_job(TrainingJobName="job")
        return answer

    until(lambda: describe()["TrainingJobStatus"] not in {"InProgress", "Stopping"})
    assert "would leave its folder" in describe()["FailureReason"]
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("path", ["/etc", "/opt/ml/../etc", "/opt/ml/a/../../../etc", "/opt/ml"])
def test_a_processing_jobs_folders_lie_in_its_own(make: Make, local: Local, path: str) -> None:
    request = make.processing_request(["python3", "-c", "pass"])
    source = {"InputName": "in", "S3Input": SOURCE | {"LocalPath": path}}
    target = {"S3Uri": "s3://bucket/out", "LocalPath": path, "S3UploadMode": "EndOfJob"}
    for more in (
        {"ProcessingInputs": [source]},
        {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": target}]}},
    ):
        with pytest.raises(ClientError, match="LocalPath"):
            local.sagemaker.create_processing_job(ProcessingJobName="job", **request, **more)


@pytest.mark.parametrize("name", [".", ".."])
def test_a_channel_is_a_folder_of_its_own(local: Local, name: str) -> None:
    request = training_request()
    request["AlgorithmSpecification"]["TrainingImage"] = SCRIPT_IMAGE
    request["HyperParameters"] = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "s3://bucket/a.tar.gz"}
    request["InputDataConfig"][0]["ChannelName"] = name
    with pytest.raises(ClientError, match="is a folder of its own"):
        local.sagemaker.create_training_job(**request)
