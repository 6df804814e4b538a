"""A local cloud of each test's own, and programs put into archives as the SageMaker SDK puts them."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from localcloud_tests.archives import archive
from localcloud_tests.small_cloud import ROLE, LocalCloud, until

SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
ENDED = {"Completed", "Failed", "Stopped"}


class Trainings:
    """Training jobs of one local cloud, seen through boto3 alone."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def source(self, **files: str) -> str:
        self.cloud.s3.put_object(Bucket="bucket", Key="source/sourcedir.tar.gz", Body=archive(**files))
        return "s3://bucket/source/sourcedir.tar.gz"

    def request(self, name: str = "job", **more: Any) -> dict[str, Any]:
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": SCIKIT_LEARN, "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            **more,
        }

    def script_mode(
        self, program: str, hyperparameters: Mapping[str, Any] | None = None, **files: str
    ) -> dict[str, str]:
        """Hyperparameters as the SDK sends them, each as JSON."""
        values = {
            **(hyperparameters or {}),
            "sagemaker_program": program,
            "sagemaker_submit_directory": self.source(**files),
        }
        return {name: json.dumps(value) for name, value in values.items()}

    def run(self, name: str = "job", **more: Any) -> dict[str, Any]:
        self.cloud.sagemaker.create_training_job(**self.request(name, **more))
        until(lambda: self.describe(name)["TrainingJobStatus"] in ENDED)
        return self.describe(name)

    def describe(self, name: str = "job") -> dict[str, Any]:
        return dict(self.cloud.sagemaker.describe_training_job(TrainingJobName=name))

    def log(self, name: str = "job") -> str:
        (file,) = (self.cloud.home / "logs/aws/sagemaker/TrainingJobs" / name).iterdir()
        return file.read_text()

    def model(self, name: str = "job") -> dict[str, str]:
        """The texts of a model's files."""
        key = self.describe(name)["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://bucket/")
        body = self.cloud.s3.get_object(Bucket="bucket", Key=key)["Body"].read()
        with tarfile.open(fileobj=BytesIO(body)) as tar:
            return {member.name: tar.extractfile(member).read().decode() for member in tar}  # type: ignore[union-attr]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    local = LocalCloud(tmp_path / "home", {})
    yield local
    local.close()


@pytest.fixture
def trainings(cloud: LocalCloud) -> Trainings:
    return Trainings(cloud)
