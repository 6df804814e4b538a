"""What IAM is asked when a program makes a call: actions, and the resources that they are on.

Which kinds of resource an action can be limited to is read in the service authorization reference, as cfn-lint has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint

ACCOUNT = "123456789012"
REGION = "us-east-1"
Asked = tuple[str, str]

# What a kind of resource is called in a request, and how its ARN ends.
NAMED_BY = {
    "endpoint": ("EndpointName", "endpoint/{}"),
    "endpoint-config": ("EndpointConfigName", "endpoint-config/{}"),
    "model": ("ModelName", "model/{}"),
    "model-card": ("ModelCardName", "model-card/{}"),
    "model-package": ("ModelPackageName", "{}"),
    "model-package-group": ("ModelPackageGroupName", "model-package-group/{}"),
    "pipeline": ("PipelineName", "pipeline/{}"),
    "pipeline-execution": ("PipelineExecutionArn", "{}"),
    "processing-job": ("ProcessingJobName", "processing-job/{}"),
    "training-job": ("TrainingJobName", "training-job/{}"),
    "transform-job": ("TransformJobName", "transform-job/{}"),
}
# Where IAM's name of a service is not botocore's.
PREFIXES = {"sagemaker-runtime": "sagemaker", "service-quotas": "servicequotas"}
# S3's actions are not named as its operations are.
OBJECT_ACTIONS = {
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "UploadPart": "s3:PutObject",
}
BUCKET_ACTIONS = {
    "DeleteBucket": "s3:DeleteBucket",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "HeadBucket": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjectsV2": "s3:ListBucket",
}


@cache
def reference() -> dict[str, Any]:
    path = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def kinds_of_resource(action: str) -> list[str]:
    """The kinds that the action can be limited to; none where it is all or nothing. KeyError for no such action."""
    service, _, name = action.partition(":")
    kinds: list[str] = reference()[service]["Actions"][name.lower()].get("Resources", [])
    return kinds


def permissions_of(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
    """Each (action, resource ARN) that must be allowed for the call to be made."""
    if service == "sts":
        return  # GetCallerIdentity needs no permission
    if service == "s3":
        yield from _asked_of_s3(operation, request)
        return
    prefix = PREFIXES.get(service, service)
    action = f"{prefix}:{operation}"
    resources = list(_resources(prefix, action, request)) or ["*"]
    yield from ((action, resource) for resource in resources)
    if "Tags" in request and operation.startswith("Create"):
        yield from ((f"{prefix}:AddTags", resource) for resource in resources)
    for member in ("RoleArn", "ExecutionRoleArn"):
        if member in request:
            yield "iam:PassRole", request[member]


def _asked_of_s3(operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
    bucket = f"arn:aws:s3:::{request['Bucket']}"
    if operation == "DeleteObjects":
        for each in request["Delete"]["Objects"]:
            yield "s3:DeleteObjectVersion" if "VersionId" in each else "s3:DeleteObject", f"{bucket}/{each['Key']}"
    elif operation in BUCKET_ACTIONS:
        yield BUCKET_ACTIONS[operation], bucket
    else:
        yield OBJECT_ACTIONS[operation], f"{bucket}/{request['Key']}"


def _resources(service: str, action: str, request: Mapping[str, Any]) -> Iterator[str]:
    arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}"
    kinds = kinds_of_resource(action)
    if "ResourceArn" in request:
        yield request["ResourceArn"].lower()
    elif service == "iam":
        yield request.get("PolicySourceArn") or f"arn:aws:iam::{ACCOUNT}:role/{request['RoleName']}"
    elif service == "logs":
        stream = f":log-stream:{request['logStreamName']}" if "log-stream" in kinds else ""
        yield f"{arn}:log-group:{request['logGroupName']}{stream}"
    elif service == "cloudwatch" and "alarm" in kinds:
        yield from (f"{arn}:alarm:{name}" for name in request.get("AlarmNames", ["*"]))
    elif service == "application-autoscaling" and kinds:
        yield f"{arn}:scalable-target/*"
    else:
        yield from (_named(arn, kind, request) for kind in kinds if _is_named(kind, request))


def _is_named(kind: str, request: Mapping[str, Any]) -> bool:
    return kind == "model-package" or NAMED_BY.get(kind, ("",))[0] in request


def _named(arn: str, kind: str, request: Mapping[str, Any]) -> str:
    """The ARN of what a request names, in lower case as SageMaker writes it; of a package whatever names it."""
    if kind == "model-package":
        package = request.get("ModelPackageName") or request.get("ModelPackageArn")
        return str(package) if package else f"{arn}:model-package/{request['ModelPackageGroupName']}/*"
    member, form = NAMED_BY[kind]
    value = request[member]
    return str(value) if value.startswith("arn:") else f"{arn}:{form.format(value)}".lower()
