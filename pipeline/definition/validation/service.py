"""What each step type is to the service: the call that it becomes, the answer that its properties are read from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel


@dataclass(frozen=True)
class StepType:
    """`named` is the request's member that the execution fills in; `key` the members that make the cache key."""

    create: str | None
    describe: str | None = None
    named: str | None = None
    key: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()


STEP_RETRIES = ("Step.SERVICE_FAULT", "Step.THROTTLING")
JOB_RETRIES = (*STEP_RETRIES, "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT")

STEP_TYPES = {
    "Processing": StepType(
        "CreateProcessingJob",
        "DescribeProcessingJob",
        "ProcessingJobName",
        ("AppSpecification", "Environment", "ProcessingInputs"),
        JOB_RETRIES,
    ),
    "Training": StepType(
        "CreateTrainingJob",
        "DescribeTrainingJob",
        "TrainingJobName",
        ("AlgorithmSpecification", "CheckpointConfig", "Environment", "HyperParameters", "InputDataConfig"),
        JOB_RETRIES,
    ),
    "Transform": StepType(
        "CreateTransformJob",
        "DescribeTransformJob",
        "TransformJobName",
        ("TransformInput", "Environment", "ModelName"),
        JOB_RETRIES,
    ),
    "Model": StepType("CreateModel", "DescribeModel", "ModelName", retries=STEP_RETRIES),
    "RegisterModel": StepType("CreateModelPackage", "DescribeModelPackage", retries=STEP_RETRIES),
    "EndpointConfig": StepType("CreateEndpointConfig", "DescribeEndpointConfig", retries=STEP_RETRIES),
    "Endpoint": StepType("CreateEndpoint", "DescribeEndpoint"),
    "Condition": StepType(None),
    "Fail": StepType(None),
}


@cache
def operation(name: str) -> OperationModel:
    return _sagemaker().operation_model(name)


@cache
def _sagemaker() -> ServiceModel:
    return ServiceModel(botocore.session.Session().get_service_data("sagemaker"), "sagemaker")
