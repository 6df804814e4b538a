"""How it is said that nothing of a name is there, operation by operation."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import localcloud

ARN = "arn:aws:sagemaker:us-east-1:000000000000:"


@pytest.mark.parametrize(
    ("operation", "request_", "code", "words"),
    [
        ("describe_training_job", {"TrainingJobName": "x"}, "ValidationException", "Requested resource not found"),
        ("describe_processing_job", {"ProcessingJobName": "x"}, "ResourceNotFound", "does not exist"),
        ("describe_transform_job", {"TransformJobName": "x"}, "ResourceNotFound", "does not exist"),
        ("describe_pipeline", {"PipelineName": "x"}, "ResourceNotFound", "does not exist"),
        ("describe_image", {"ImageName": "x"}, "ResourceNotFound", "Could not find image"),
        ("describe_model", {"ModelName": "x"}, "ValidationException", "Could not find model"),
        ("describe_endpoint", {"EndpointName": "x"}, "ValidationException", "Could not find endpoint"),
        ("describe_model_package", {"ModelPackageName": f"{ARN}model-package/x/1"}, "ValidationException", "not exist"),
    ],
)
def test_what_is_not_there_is_answered_as_that_operation_answers_it(
    tmp_path: Path, operation: str, request_: dict[str, str], code: str, words: str
) -> None:
    with pytest.raises(ClientError, match=words) as refusal:
        getattr(localcloud.session(tmp_path).client("sagemaker"), operation)(**request_)
    assert refusal.value.response["Error"]["Code"] == code
