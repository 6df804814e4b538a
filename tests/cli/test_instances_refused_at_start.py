"""An instance type that the service would refuse when the training is created is refused when the execution starts."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError

from cli.main import main

Run = Callable[..., tuple[int, str, str]]
REFUSED = {
    "ImageTrainingInstanceType=ml.m5.xlarge": "only GPU instances are supported by algorithm image-classification",
    "TextTrainingInstanceType=ml.g5.xlarge": "blazingtext trains on a CPU where it reads augmented manifests",
    "ProcessingInstanceType=ml.imaginary.large": "ml.imaginary.large",
}


def test_a_start_with_an_instance_that_cannot_train_is_refused(cloud: boto3.Session, run: Run) -> None:
    assert main(["upsert"]) == 0
    for assignment, sentence in REFUSED.items():
        code, _, err = run("start", "-p", assignment)
        assert (code, sentence in err) == (2, True), err
        name, _, value = assignment.partition("=")
        with pytest.raises(ClientError, match=sentence):
            cloud.client("sagemaker").start_pipeline_execution(
                PipelineName="memotion", PipelineParameters=[{"Name": name, "Value": value}]
            )
    assert run("executions")[1].splitlines()[1:] == []
