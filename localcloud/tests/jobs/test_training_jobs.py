"""Training jobs: their /opt/ml, checkpoints and model; and a Training step of a definition that is not ours."""

from __future__ import annotations

import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import Cloud
from localcloud.jobs.filesystem.objects import Mirror, upload
from localcloud.jobs.training.job import pack
from localcloud.s3 import put_bytes
from localcloud_tests.definitions import Local, Make

IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"


def channel(name: str, uri: Any) -> dict[str, Any]:
    source = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
        "AttributeNames": ["source", "label"],
    }
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": source},
        "ContentType": "application/x-recordio",
        "RecordWrapperType": "RecordIO",
        "InputMode": "Pipe",
    }


SHARED = {
    "FileSystemDataSource": {
        "FileSystemId": "fs-12345678",
        "FileSystemAccessMode": "ro",
        "FileSystemType": "EFS",
        "DirectoryPath": "/",
    }
}


def training(make: Make, uri: Any, **more: Any) -> dict[str, Any]:
    return {
        "RoleArn": make.role,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"},
        "HyperParameters": {
            "mode": "supervised",
            "epochs": "2",
            "vector_dim": "8",
            "buckets": "1000",
            "min_count": "1",
        },
        "InputDataConfig": [channel("train", uri)],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **more,
    }


def captions(local: Local, key: str) -> None:
    lines = [{"source": f"a word of class {n % 3} and {n}", "label": [n % 3]} for n in range(60)]
    local.put(key, "\n".join(map(json.dumps, lines)))


def test_a_training_step_reads_what_a_parameter_names_and_the_next_step_its_model(make: Make, local: Local) -> None:
    captions(local, "captions/train.manifest")
    step = {"Name": "Train", "Type": "Training", "Arguments": training(make, {"Get": "Parameters.Manifest"})}
    model = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    say = "import sys; open('/opt/ml/processing/out/content.json', 'w').write(sys.argv[1])"
    after = make.processing("After", say, arguments=[model])
    parameter = make.parameter("Manifest", DefaultValue="s3://bucket/nowhere")
    arn = local.run(
        make.definition(step, after, parameters=[parameter]),
        parameters={"Manifest": "s3://bucket/captions/train.manifest"},
    )
    assert local.status(arn) == "Succeeded", local.steps(arn)
    job_arn = local.steps(arn)["Train"]["Metadata"]["TrainingJob"]["Arn"]
    job = local.sagemaker.describe_training_job(TrainingJobName=job_arn.rpartition("/")[2])
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert job["TrainingEndTime"] >= job["TrainingStartTime"]
    uri = f"s3://bucket/models/{job['TrainingJobName']}/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == uri == local.object("After/content.json")
    archive = local.s3.get_object(Bucket="bucket", Key=uri.removeprefix("s3://bucket/"))["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert "model.bin" in tar.getnames()


def test_a_training_that_its_algorithm_refuses_says_why(make: Make, local: Local, until: Any) -> None:
    captions(local, "train.manifest")
    request = training(make, "s3://bucket/train.manifest")
    request["HyperParameters"]["epochs"] = "many"
    local.sagemaker.create_training_job(TrainingJobName="job", **request)

    def described() -> dict[str, Any]:
        answer: dict[str, Any] = local.sagemaker.describe_training_job(TrainingJobName="job")
        return answer

    until(lambda: described()["TrainingJobStatus"] == "Failed")
    assert "epochs" in described()["FailureReason"]
    assert described()["FailureReason"].startswith("ClientError: ")
    assert described()["SecondaryStatus"] == "Failed"


def test_a_text_training_publishes_its_validation_accuracy_alone(make: Make, local: Local, until: Any) -> None:
    captions(local, "train.manifest")
    request = training(make, "s3://bucket/train.manifest")
    request["InputDataConfig"].append(channel("validation", "s3://bucket/train.manifest"))
    local.sagemaker.create_training_job(TrainingJobName="job", **request)

    def described() -> dict[str, Any]:
        answer: dict[str, Any] = local.sagemaker.describe_training_job(TrainingJobName="job")
        return answer

    until(lambda: described()["TrainingJobStatus"] == "Completed")
    (metric,) = described()["FinalMetricDataList"]
    assert metric["MetricName"] == "validation:accuracy"
    assert 0 <= metric["Value"] <= 1
    assert metric["Timestamp"] >= described()["TrainingStartTime"].replace(microsecond=0)
    assert [definition["Name"] for definition in described()["AlgorithmSpecification"]["MetricDefinitions"]] == [
        "validation:accuracy"
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AlgorithmSpecification": {"TrainingImage": "exotic:1", "TrainingInputMode": "File"}}, "exotic"),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "Pipe",
                    "ContainerEntrypoint": ["python3", "train.py"],
                }
            },
            "leave ContainerEntrypoint",
        ),
        ({"InputDataConfig": [{"ChannelName": "train", "DataSource": SHARED}]}, "channel 'train': .* an S3DataSource"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}}, "EnableManagedSpotTraining"),
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 599},
            },
            "less than MaxRuntimeInSeconds, which is 600",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3601},
            },
            "3600",
        ),
    ],
)
def test_a_training_that_the_service_refuses_is_refused(
    make: Make, local: Local, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        local.sagemaker.create_training_job(TrainingJobName="job", **training(make, "s3://bucket/x") | changes)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_checkpoints_are_restored_and_go_up_once_they_are_written(tmp_path: Path, cloud: Cloud) -> None:
    (cloud.home.buckets / "bucket").mkdir(parents=True)
    put_bytes(cloud.home, "bucket", "saved/1.pt", b"one")
    mirror = Mirror(cloud.home, tmp_path / "checkpoints", "s3://bucket/saved")
    mirror.restore()
    assert (tmp_path / "checkpoints" / "1.pt").read_bytes() == b"one"

    stored = cloud.home.buckets / "bucket" / "saved"
    (tmp_path / "checkpoints" / "2.pt").write_bytes(b"half")
    mirror.send_settled()
    assert not (stored / "2.pt").exists(), "it may still be written to"
    (tmp_path / "checkpoints" / "2.pt").write_bytes(b"a whole one")
    mirror.send_settled()
    mirror.send_settled()
    assert (stored / "2.pt").read_bytes() == b"a whole one"
    before = (stored / "1.pt").stat().st_mtime_ns
    mirror.send()
    assert (stored / "1.pt").stat().st_mtime_ns == before, "what has not changed is not sent again"


def test_an_upload_keeps_folders_and_leaves_out_nothing(tmp_path: Path, cloud: Cloud) -> None:
    (cloud.home.buckets / "bucket").mkdir(parents=True)
    (tmp_path / "out" / "a" / "b").mkdir(parents=True)
    (tmp_path / "out" / "a" / "b" / "c.txt").write_text("c")
    (tmp_path / "out" / ".hidden").write_text("h")
    upload(cloud.home, tmp_path / "out", "s3://bucket/to/")
    stored = cloud.home.buckets / "bucket" / "to"
    assert sorted(str(path.relative_to(stored)) for path in stored.rglob("*") if path.is_file()) == [
        ".hidden",
        "a/b/c.txt",
    ]


def test_the_same_model_makes_the_same_bytes_whenever_it_is_packed(tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "code").mkdir(parents=True)
    for name in ("b.bin", "a.bin", "code/serve.py"):
        (model / name).write_text(name)
    pack(model, tmp_path / "one.tar.gz")
    time.sleep(1.1)
    (model / "a.bin").touch()
    pack(model, tmp_path / "other.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "other.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "one.tar.gz") as tar:
        assert tar.getnames() == ["a.bin", "b.bin", "code/serve.py"]
