"""A package as production serves it: a Direct model and an endpoint config, both named ENDPOINT-vVERSION."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.definition.parameters import pipeline_parameters
from pipeline.definition.settings import Settings
from pipeline.releases.endpoints import PACKAGE_TAG

if TYPE_CHECKING:
    from boto3 import Session

VARIANT = "AllTraffic"
Package = Mapping[str, Any]


@dataclass(frozen=True)
class Capacity:
    """What a production variant runs on."""

    instance_type: str
    count: int


def resource_name(endpoint: str, package: Package) -> str:
    return f"{endpoint}-v{package['ModelPackageVersion']}"


def containers(package: Package) -> list[dict[str, Any]]:
    """Return the package's containers with what a container needs: what else a package's has CreateModel may refuse.

    The artefact comes in one of its two forms: with both CreateModel refuses it.
    """
    return [_container(container) for container in package["InferenceSpecification"]["Containers"]]


def _container(described: Mapping[str, Any]) -> dict[str, Any]:
    artefact = "ModelDataUrl" if described.get("ModelDataUrl") else "ModelDataSource"
    needed = ("ContainerHostname", "Image", "Environment", artefact)
    return {member: described[member] for member in needed if member in described}


def create_model(session: Session, settings: Settings, package: Package) -> str:
    """The model's name. One that is there already was made of the same package, by whoever was told of it before."""
    name = resource_name(settings.endpoint_name, package)
    request: dict[str, Any] = {
        "ModelName": name,
        "Containers": containers(package),
        "InferenceExecutionConfig": {"Mode": "Direct"},
        "ExecutionRoleArn": settings.role_arn,
        "Tags": _tags({**settings.tags, PACKAGE_TAG: package["ModelPackageArn"]}),
    }
    if settings.subnets:
        request["VpcConfig"] = {"Subnets": list(settings.subnets), "SecurityGroupIds": list(settings.security_groups)}
    unless_there(sagemaker_client(session).create_model, request)
    return name


def create_config(session: Session, settings: Settings, package: Package, capacity: Capacity) -> str:
    """The config's name; it is the model's."""
    name = resource_name(settings.endpoint_name, package)
    request: dict[str, Any] = {
        "EndpointConfigName": name,
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": name,
                "InstanceType": capacity.instance_type,
                "InitialInstanceCount": capacity.count,
            }
        ],
        "Tags": _tags(settings.tags),
    }
    if settings.kms_key_arn:
        request["KmsKeyId"] = settings.kms_key_arn
    unless_there(sagemaker_client(session).create_endpoint_config, request)
    return name


def delete(session: Session, config: str) -> None:
    """A config and the model of the same name, as far as they are there."""
    sagemaker = sagemaker_client(session)
    if_there(sagemaker.delete_endpoint_config, {"EndpointConfigName": config})
    if_there(sagemaker.delete_model, {"ModelName": config})


def unless_there(create: Any, request: Mapping[str, Any]) -> bool:
    """Create it; False where something of that name is there already."""
    try:
        create(**request)
    except ClientError as error:
        message = error.response["Error"].get("Message", "").lower()
        if error.response["Error"]["Code"] == "ResourceInUse" or "already exist" in message:
            return False
        raise
    return True


def if_there(delete: Any, request: Mapping[str, Any]) -> bool:
    """Delete it; False where it is not there (any more)."""
    try:
        delete(**request)
    except ClientError as error:
        if is_absent(error):
            return False
        raise
    return True


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def usual_instance(settings: Settings) -> str:
    """Return the instance type that the pipeline's parameters name for an endpoint."""
    return next(str(each.default) for each in pipeline_parameters(settings) if each.name == "EndpointInstanceType")
