"""Models and endpoint configs: records, once they make sense. What they name is looked for here, as SageMaker does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud import s3
from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceNotFound, ValidationException
from localcloud.services.resources import create, find


@operation("sagemaker", "CreateModel")
def create_model(cloud: Cloud, request: Request) -> Answer:
    from localcloud.definition.validation import check_call  # imports botocore

    check_call("Model", request)
    for container in request.get("Containers") or [request["PrimaryContainer"]]:
        _find_contents(cloud, container)
    return create(cloud, "Model", request)


@operation("sagemaker", "CreateEndpointConfig")
def create_endpoint_config(cloud: Cloud, request: Request) -> Answer:
    from localcloud.definition.validation import check_call  # imports botocore

    check_call("EndpointConfig", request)
    for variant in [*request["ProductionVariants"], *request.get("ShadowProductionVariants", [])]:
        _find_model(cloud, variant)
    return create(cloud, "EndpointConfig", request)


def _find_contents(cloud: Cloud, container: Mapping[str, Any]) -> None:
    if "ModelPackageName" in container:
        find(cloud, "ModelPackage", container["ModelPackageName"])
    if "ModelDataUrl" in container:
        bucket, key = s3.parse_uri(container["ModelDataUrl"])
        if not s3.path_of(cloud.home, bucket, key).is_file():
            raise ValidationException(f"Could not find model data at {container['ModelDataUrl']}.")


def _find_model(cloud: Cloud, variant: Mapping[str, Any]) -> None:
    try:
        find(cloud, "Model", variant["ModelName"])
    except ResourceNotFound as error:
        raise ValidationException(error.message) from None
