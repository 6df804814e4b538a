"""What an endpoint serves: endpoint -> config -> model -> its containers, and the combiner that they name."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from inference.errors import EndpointError
from memotion.ensemble import Combiner, CombinerError
from memotion.text import CLEANER_VERSION

ENSEMBLE_VARIABLE = "MEMOTION_ENSEMBLE_URI"
IMAGE_CONTAINER = "image-classification"
TEXT_CONTAINER = "blazingtext"


def serving_model(session: Any, endpoint: str) -> dict[str, Any]:
    """DescribeModel's answer for the endpoint's first variant. Raises EndpointError where there is no such endpoint."""
    sagemaker = session.client("sagemaker")
    try:
        config_name = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        config = sagemaker.describe_endpoint_config(EndpointConfigName=config_name)
        model: dict[str, Any] = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
        raise EndpointError(f"endpoint {endpoint!r}: {error.response['Error']['Message']}") from error
    return model


def ensemble_uri(containers: list[dict[str, Any]]) -> str | None:
    """Where the ensemble.json lies that the containers of a model or a package name; None where they name none."""
    uris = (container.get("Environment", {}).get(ENSEMBLE_VARIABLE) for container in containers)
    return next((uri for uri in uris if uri), None)


def combiner(session: Any, endpoint: str) -> Combiner:
    """How the endpoint's package combines its two models.

    Raises EndpointError where it does not say, or its captions were cleaned by other rules than this client's.
    """
    uri = ensemble_uri(serving_model(session, endpoint).get("Containers", []))
    if uri is None:
        raise EndpointError(
            f"the containers of endpoint {endpoint!r} have no {ENSEMBLE_VARIABLE}: it was not deployed by this pipeline"
        )
    try:
        found = Combiner.from_json(_read(session, uri))
    except CombinerError as error:
        raise EndpointError(f"{uri}: {error}") from error
    if found.cleaner_version != CLEANER_VERSION:
        raise EndpointError(
            f"the package was trained on captions of cleaner {found.cleaner_version}, this client has "
            f"{CLEANER_VERSION}: use the client of the package's commit, or deploy a newer package"
        )
    return found


def _read(session: Any, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content: bytes = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise EndpointError(f"{uri} cannot be read: {error.response['Error'].get('Message') or error}") from error
    return content
