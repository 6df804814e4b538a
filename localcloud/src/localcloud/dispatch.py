"""One call, whoever makes it: botocore's hooks, the executor and the endpoint process all come through `dispatch`.

An operation without a handler of its own is answered by the generic one (localcloud.services.resources).
"""

from __future__ import annotations

import importlib
from functools import cache

from localcloud.cloud import HANDLERS, Answer, Cloud, Request
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
        "localcloud.services.sagemaker.hosting",
        "localcloud.services.sagemaker.registry",
        "localcloud.services.sagemaker.model_cards",
        "localcloud.services.sagemaker.image_versions",
        "localcloud.services.sagemaker.experiments",
        "localcloud.services.sagemaker.search",
        "localcloud.pipelines.pipelines",
        "localcloud.pipelines.starting",
        "localcloud.pipelines.executions",
        "localcloud.pipelines.versions",
        "localcloud.pipelines.callbacks",
        "localcloud.jobs.api",
        "localcloud.endpoint.api",
    ),
    "sagemaker-runtime": ("localcloud.endpoint.api",),
    "lambda": ("localcloud.functions.api",),
    "sqs": ("localcloud.services.queues",),
    "logs": ("localcloud.services.cloudwatch.logs",),
    "rekognition": ("localcloud.services.rekognition",),
    "sts": ("localcloud.services.identity",),
    "iam": ("localcloud.services.identity",),
    "cloudwatch": (
        "localcloud.services.cloudwatch.metrics",
        "localcloud.services.cloudwatch.alarms",
        "localcloud.services.tags",
    ),
    "application-autoscaling": ("localcloud.services.autoscaling",),
    "ec2": ("localcloud.services.capacity",),
    "service-quotas": ("localcloud.services.capacity",),
}


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
