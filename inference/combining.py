"""How an endpoint's answers become one: the combiner of the package that it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from inference.errors import EndpointError
from inference.serving import ensemble_uri, serving_model
from memotion.ensemble import Combiner, CombinerError
from memotion.layout import ENSEMBLE_VARIABLE, split_s3_uri
from memotion.text import CLEANER_VERSION

if TYPE_CHECKING:
    from boto3 import Session


def combiner(session: Session, endpoint: str) -> Combiner:
    """How the endpoint's package combines its models.

    Raises EndpointError where it does not say, or its captions were cleaned by other rules than this client's.
    """
    uri = ensemble_uri(serving_model(session, endpoint).get("Containers", []))
    if uri is None:
        raise EndpointError(
            f"the containers of endpoint {endpoint!r} have no {ENSEMBLE_VARIABLE}: it was not deployed by this pipeline"
        )
    try:
        package_combiner = Combiner.from_json(_read(session, uri))
    except CombinerError as error:
        raise EndpointError(f"{uri}: {error}") from error
    if package_combiner.cleaner_version != CLEANER_VERSION:
        raise EndpointError(
            f"the package was trained on captions of cleaner {package_combiner.cleaner_version}, this client has "
            f"{CLEANER_VERSION}: use the client of the package's commit, or deploy a newer package"
        )
    return package_combiner


def _read(session: Session, uri: str) -> bytes:
    bucket, key = split_s3_uri(uri)
    try:
        content: bytes = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise EndpointError(f"{uri} cannot be read: {error.response['Error'].get('Message') or error}") from error
    return content
