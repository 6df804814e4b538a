"""Calls from outside this program, by botocore's hooks or over HTTP: checked, dispatched, refused as their API does."""

from __future__ import annotations

from botocore.model import OperationModel

from localcloud.cloud import Answer, Cloud, Request
from localcloud.constraints import check
from localcloud.dispatch import dispatch
from localcloud.errors import ServiceError

# The services that refuse what lies outside their description with one code for all of it, and that code.
_CHECKED = {
    "sagemaker": "ValidationException",
    "application-autoscaling": "ValidationException",
    "cloudwatch": "ValidationError",
    "logs": "InvalidParameterException",
}


def answer_call(cloud: Cloud, model: OperationModel, request: Request) -> Answer:
    """Answer a call from outside, whose request botocore found valid. Raises ServiceError as the operation spells it.

    Times are numbers on both sides.
    """
    service = model.service_model.service_name
    try:
        if service in _CHECKED:
            check(model, request, _CHECKED[service])
        return dispatch(cloud, service, model.name, request)
    except ServiceError as error:
        error.code = _declared_code(error, model)
        raise


def _declared_code(error: ServiceError, model: OperationModel) -> str:
    """SageMaker says ValidationException wherever an operation does not declare that it finds nothing, or something."""
    declared = {code for shape in model.error_shapes for code in (shape.name, shape.error_code)}
    if model.service_model.service_name == "sagemaker" and error.code in {"ResourceNotFound", "ResourceInUse"}:
        return error.code if error.code in declared else "ValidationException"
    return error.code
