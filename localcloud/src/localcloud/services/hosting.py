"""Models and endpoint configs: records, once they make sense. What they name is looked for here, as SageMaker does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud import s3
from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceNotFound, ValidationException
from localcloud.services.resources import create, find

Container = Mapping[str, Any]

MAX_CONTAINERS = 15
MAX_VARIANTS = 10


@operation("sagemaker", "CreateModel")
def create_model(cloud: Cloud, request: Request) -> Answer:
    given = [name for name in ("PrimaryContainer", "Containers") if request.get(name)]
    if len(given) != 1:
        raise ValidationException("a model has either a PrimaryContainer or Containers; give one of the two")
    containers = request["Containers"] if "Containers" in given else [request["PrimaryContainer"]]
    _check_execution(request, containers)
    for container in containers:
        _check_container(cloud, container)
    return create(cloud, "Model", request)


@operation("sagemaker", "CreateEndpointConfig")
def create_endpoint_config(cloud: Cloud, request: Request) -> Answer:
    variants = request["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    if not 1 <= len(variants) <= MAX_VARIANTS or len(set(names)) < len(names):
        raise ValidationException(
            f"an endpoint config has 1 to {MAX_VARIANTS} variants of different names, not {names}"
        )
    for variant in [*variants, *request.get("ShadowProductionVariants", [])]:
        _check_variant(cloud, variant)
    return create(cloud, "EndpointConfig", request)


def _check_execution(request: Request, containers: Sequence[Container]) -> None:
    """Hostnames, their number, and what Direct invocation asks for."""
    if len(containers) > MAX_CONTAINERS:
        raise ValidationException(f"a model has at most {MAX_CONTAINERS} containers, not {len(containers)}")
    hostnames = [container["ContainerHostname"] for container in containers if "ContainerHostname" in container]
    if len(set(hostnames)) < len(hostnames):
        raise ValidationException(f"each container needs a ContainerHostname of its own, not {hostnames}")
    is_direct = request.get("InferenceExecutionConfig", {}).get("Mode") == "Direct"
    if is_direct and len(containers) < 2:
        raise ValidationException("InferenceExecutionConfig Mode Direct needs at least two Containers")
    needs_hostnames = is_direct or hostnames
    if needs_hostnames and len(containers) > 1 and len(hostnames) < len(containers):
        raise ValidationException("every container needs a ContainerHostname: an invocation names it")


def _check_container(cloud: Cloud, container: Container) -> None:
    if "ModelPackageName" in container:
        find(cloud, "ModelPackage", container["ModelPackageName"])
    elif "Image" not in container:
        raise ValidationException("a container has an Image or a ModelPackageName")
    if "ModelDataUrl" in container:
        bucket, key = s3.parse_uri(container["ModelDataUrl"])
        if not s3.path_of(cloud.home, bucket, key).is_file():
            raise ValidationException(f"Could not find model data at {container['ModelDataUrl']}.")


def _check_variant(cloud: Cloud, variant: Mapping[str, Any]) -> None:
    name = variant["VariantName"]
    if "ModelName" not in variant:
        raise ValidationException(f"the variant {name!r} has no ModelName")
    try:
        find(cloud, "Model", variant["ModelName"])
    except ResourceNotFound as error:
        raise ValidationException(error.message) from None
    if "ServerlessConfig" not in variant and "InstanceType" not in variant:
        raise ValidationException(f"the variant {name!r} needs an InstanceType or a ServerlessConfig")
