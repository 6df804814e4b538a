"""Staging and production: whether they serve, which package, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from inference.errors import EndpointError
from inference.serving import ensemble_uri, serving_model
from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.definition.settings import Settings
from pipeline.errors import NotFoundError
from pipeline.releases import registry

if TYPE_CHECKING:
    from boto3 import Session

PACKAGE_TAG = "model-package"
Stage = Literal["production", "staging"]


@dataclass(frozen=True)
class Endpoint:
    """`answer` is DescribeEndpoint's, None where there is no such endpoint; `package` the ARN of what it serves."""

    stage: Stage
    name: str
    answer: Mapping[str, Any] | None
    package: str | None

    @property
    def status(self) -> str:
        return str(self.answer["EndpointStatus"]) if self.answer else "absent"

    def to_json(self) -> dict[str, Any]:
        return {**(self.answer or {}), "Stage": self.stage, "ModelPackageArn": self.package}


def both(session: Session, settings: Settings) -> list[Endpoint]:
    """Production, then staging."""
    names: dict[Stage, str] = {"production": settings.endpoint_name, "staging": settings.staging_endpoint_name}
    return [_endpoint(session, settings.model_package_group, stage, name) for stage, name in names.items()]


def serving(session: Session, settings: Settings) -> Endpoint:
    """Production if it is InService, else staging. Raises NotFoundError where neither serves."""
    for endpoint in both(session, settings):
        if endpoint.status in ("InService", "Updating"):
            return endpoint
    raise NotFoundError(
        f"neither {settings.endpoint_name} nor {settings.staging_endpoint_name} is InService: "
        "`python pipeline.py start --wait` deploys to staging"
    )


def version(package: str | None) -> str:
    """What stands at the end of a package's ARN; empty for none."""
    return package.rpartition("/")[2] if package else ""


def _endpoint(session: Session, group: str, stage: Stage, name: str) -> Endpoint:
    answer = describe(session, name)
    return Endpoint(stage, name, answer, package_of(session, group, name) if answer else None)


def describe(session: Session, name: str) -> dict[str, Any] | None:
    """DescribeEndpoint's answer, None where there is no such endpoint."""
    try:
        answer: dict[str, Any] = sagemaker_client(session).describe_endpoint(EndpointName=name)
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    answer.pop("ResponseMetadata", None)
    return answer


def package_of(session: Session, group: str, endpoint: str) -> str | None:
    """The ARN of the package that an endpoint serves; None where it cannot be told.

    By the tag that a deployment leaves on the model, else it is the newest package with the same ensemble.json.
    """
    try:
        model = serving_model(session, endpoint)
    except EndpointError:
        return None
    tags = sagemaker_client(session).list_tags(ResourceArn=model["ModelArn"])["Tags"]
    tagged = next((str(tag["Value"]) for tag in tags if tag["Key"] == PACKAGE_TAG), None)
    return tagged or _twin(session, group, ensemble_uri(model.get("Containers", [])))


def _twin(session: Session, group: str, uri: str | None) -> str | None:
    for package in registry.packages(session, group) if uri else ():
        if ensemble_uri(package.get("InferenceSpecification", {}).get("Containers", [])) == uri:
            return str(package["ModelPackageArn"])
    return None
