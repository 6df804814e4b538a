"""One call, whoever makes it: botocore's hooks, the executor and the endpoint process all come through `dispatch`.

An operation without a handler of its own is answered by the generic one (localcloud.services.resources).
"""

from __future__ import annotations

import importlib
from functools import cache

from botocore.model import OperationModel

from localcloud.cloud import HANDLERS, Answer, Cloud, Request
from localcloud.constraints import check
from localcloud.errors import ServiceError
from localcloud.services import resources

# The modules whose handlers a service has, imported when it is first called.
MODULES = {
    "s3": (
        "localcloud.s3.buckets",
        "localcloud.s3.objects",
        "localcloud.s3.listing",
        "localcloud.s3.multipart",
        "localcloud.s3.tagging",
    ),
    "sagemaker": (
        "localcloud.services.tags",
        "localcloud.services.hosting",
        "localcloud.services.registry",
        "localcloud.services.model_cards",
        "localcloud.services.image_versions",
        "localcloud.pipelines.pipelines",
        "localcloud.pipelines.starting",
        "localcloud.pipelines.executions",
        "localcloud.pipelines.versions",
        "localcloud.jobs.api",
        "localcloud.endpoint.api",
    ),
    "sagemaker-runtime": ("localcloud.endpoint.api",),
    "logs": ("localcloud.services.logs",),
    "rekognition": ("localcloud.services.rekognition",),
    "sts": ("localcloud.services.identity",),
    "iam": ("localcloud.services.identity",),
    "cloudwatch": ("localcloud.services.metrics", "localcloud.services.alarms", "localcloud.services.tags"),
    "application-autoscaling": ("localcloud.services.autoscaling",),
    "ec2": ("localcloud.services.capacity",),
    "service-quotas": ("localcloud.services.capacity",),
}


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


def dispatch(cloud: Cloud, service: str, name: str, request: Request) -> Answer:
    """Answer one call. Raises ServiceError. Does not validate the request's shape: botocore did, or the caller must."""
    _import_handlers(service)
    handler = HANDLERS.get((service, name))
    if handler is not None:
        return handler(cloud, request)
    return resources.answer(cloud, service, name, request)


@cache
def _import_handlers(service: str) -> None:
    for module in MODULES.get(service, ()):
        importlib.import_module(module)


def _declared_code(error: ServiceError, model: OperationModel) -> str:
    """SageMaker says ValidationException wherever an operation does not declare that it finds nothing, or something."""
    declared = {code for shape in model.error_shapes for code in (shape.name, shape.error_code)}
    if model.service_model.service_name == "sagemaker" and error.code in {"ResourceNotFound", "ResourceInUse"}:
        return error.code if error.code in declared else "ValidationException"
    return error.code
