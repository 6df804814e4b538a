"""One question that only the service answers: does it take the ensemble's images side by side in one model?

CreateModel with several containers refuses an image without the label
`com.amazonaws.sagemaker.capabilities.accept-bind-to-port`, and CreateEnsembleModel comes after every training.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from localcloud import read
from pipeline.account.check import Check
from pipeline.aws_errors import DENIED, sentence
from pipeline.clients import sagemaker_client
from pipeline.definition.compile import compile_pipeline
from pipeline.definition.settings import Settings
from pipeline.releases.production import if_there

if TYPE_CHECKING:
    from boto3 import Session

NAME = "images side by side"
ENSEMBLE = "CreateEnsembleModel"
LABEL = "accept-bind-to-port"
ARTEFACT = "code/probe/model.tar.gz"


def probe(session: Session, settings: Settings) -> Check:
    """Create a Direct model of the ensemble's images over an empty artefact, and delete it; neither costs anything.

    Raises SettingsError where the region has no such images, and what botocore raises when the model is deleted.
    """
    containers = _containers(settings)
    name = f"{settings.endpoint_name}-probe-{uuid.uuid4().hex[:8]}"
    try:
        session.client("s3").put_object(Bucket=settings.bucket, Key=ARTEFACT, Body=_empty_archive())
        sagemaker_client(session).create_model(**_request(name, settings, containers))
    except ClientError as error:
        return _refused(error)
    if_there(sagemaker_client(session).delete_model, {"ModelName": name})
    images = " and ".join(container["Image"] for container in containers)
    return Check(NAME, "ok", f"CreateModel took {images}; the model was deleted again")


def _refused(error: ClientError) -> Check:
    if error.response["Error"]["Code"] in DENIED:
        return Check(
            NAME, "unknown", f"cannot be told without sagemaker:CreateModel and s3:PutObject: {sentence(error)}"
        )
    if LABEL in error.response["Error"].get("Message", ""):
        cure = (
            "an image without that label cannot share an endpoint: CreateEnsembleModel would fail after the trainings"
        )
        return Check(NAME, "wrong", f"{sentence(error)}; {cure}")
    return Check(NAME, "unknown", f"{sentence(error)}; that says nothing of the images")


def _containers(settings: Settings) -> list[dict[str, str]]:
    """Return those of the definition's ensemble, over the empty artefact."""
    ensemble = read(compile_pipeline(settings).definition).steps[ENSEMBLE]
    uri = f"s3://{settings.bucket}/{ARTEFACT}"
    return [
        {"ContainerHostname": each["ContainerHostname"], "Image": each["Image"], "ModelDataUrl": uri}
        for each in ensemble.arguments["Containers"]
    ]


def _request(name: str, settings: Settings, containers: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "ModelName": name,
        "Containers": containers,
        "InferenceExecutionConfig": {"Mode": "Direct"},
        "ExecutionRoleArn": settings.role_arn,
        "Tags": [{"Key": key, "Value": value} for key, value in settings.tags.items()],
    }


def _empty_archive() -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed, tarfile.open(fileobj=compressed, mode="w"):
        pass
    return packed.getvalue()
