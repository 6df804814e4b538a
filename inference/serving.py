"""What an endpoint serves: endpoint -> config -> model -> its containers, and the ensemble.json that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from inference.errors import EndpointError
from memotion.layout import ENSEMBLE_VARIABLE

if TYPE_CHECKING:
    from boto3 import Session


def serving_model(session: Session, endpoint: str) -> dict[str, Any]:
    """DescribeModel's answer for the endpoint's first variant. Raises EndpointError where there is no such endpoint."""
    sagemaker = session.client("sagemaker")
    try:
        config_name = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        config = sagemaker.describe_endpoint_config(EndpointConfigName=config_name)
        model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
        raise EndpointError(f"endpoint {endpoint!r}: {error.response['Error']['Message']}") from error
    return dict(model)


def ensemble_uri(containers: list[dict[str, Any]]) -> str | None:
    """Where the ensemble.json lies that the containers of a model or a package name; None where they name none."""
    uris = (container.get("Environment", {}).get(ENSEMBLE_VARIABLE) for container in containers)
    return next((uri for uri in uris if uri), None)
