"""What a step's resource says of itself: the Describe call of whatever the step's Metadata names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.clients import sagemaker_client

if TYPE_CHECKING:
    from boto3 import Session

# The member of Metadata: the call, and the member of its request that takes the name.
CALLS = {
    "ProcessingJob": ("describe_processing_job", "ProcessingJobName"),
    "TrainingJob": ("describe_training_job", "TrainingJobName"),
    "TransformJob": ("describe_transform_job", "TransformJobName"),
    "Model": ("describe_model", "ModelName"),
    "EndpointConfig": ("describe_endpoint_config", "EndpointConfigName"),
    "Endpoint": ("describe_endpoint", "EndpointName"),
}


def described(session: Session, step: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for the resource that a step made; empty for a step that makes none, or has not yet."""
    metadata = step.get("Metadata", {})
    sagemaker = sagemaker_client(session)
    for kind, (call, member) in CALLS.items():
        arn = metadata.get(kind, {}).get("Arn")
        if arn:
            answer: dict[str, Any] = getattr(sagemaker, call)(**{member: arn.rpartition("/")[2]})
            return answer
    package = metadata.get("RegisterModel", {}).get("Arn")
    return dict(sagemaker.describe_model_package(ModelPackageName=package)) if package else {}
