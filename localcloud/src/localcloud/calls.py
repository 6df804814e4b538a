"""Calls from outside this program, by botocore's hooks or over HTTP: checked, dispatched, refused as their API does."""

from __future__ import annotations

from botocore.model import OperationModel

from localcloud.cloud import Answer, Cloud, Request
from localcloud.dispatch import dispatch
from localcloud.errors import ServiceError
from localcloud.service_model.constraints import check

# The services that refuse what lies outside their description with one code for all of it, and that code.
_CHECKED = {
    "sagemaker": "ValidationException",
    "application-autoscaling": "ValidationException",
    "cloudwatch": "ValidationError",
    "logs": "InvalidParameterException",
}

_GLOBAL = {"iam", "sts"}
"""The services whose clients may be of any region."""


def answer_call(cloud: Cloud, model: OperationModel, request: Request, region: str | None = None) -> Answer:
    """Answer a call from outside, whose request botocore found valid. Raises ServiceError as the operation spells it.

    Times are numbers on both sides. `region` is the client's, None where that is not known.
    """
    service = model.service_model.service_name
    _check_region(cloud, service, region)
    try:
        if service in _CHECKED:
            check(model, request, _CHECKED[service])
        return dispatch(cloud, service, model.name, request)
    except ServiceError as error:
        error.code = _declared_code(error, model)
        raise


def _check_region(cloud: Cloud, service: str, region: str | None) -> None:
    """Raises ServiceError for a client of another region than the only one: it would find there what lies here."""
    if region not in {None, cloud.region} and service not in _GLOBAL and not str(region).startswith("aws-"):
        raise ServiceError(
            f"the local cloud has one region, {cloud.region}, and this client is of {region}: make the client for "
            f"{cloud.region}, or set LOCALCLOUD_REGION={region} before the program starts",
            code="InvalidRegion",
            status=400,
        )


def _declared_code(error: ServiceError, model: OperationModel) -> str:
    """SageMaker says ValidationException wherever an operation does not declare that it finds nothing, or something."""
    declared = {code for shape in model.error_shapes for code in (shape.name, shape.error_code)}
    if model.service_model.service_name == "sagemaker" and error.code in {"ResourceNotFound", "ResourceInUse"}:
        return error.code if error.code in declared else "ValidationException"
    return error.code
