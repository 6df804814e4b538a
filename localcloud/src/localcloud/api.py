"""One call, whoever makes it: the botocore seam, the executor and the endpoint process all come through `dispatch`.

Handlers take the cloud and the request as the API spells it, and answer as the API spells it. Times are seconds since
1970 on both sides. What the operation's output shape does not have, boto3's callers do not see, so that a handler may
answer a whole record; `HTTPStatusCode` among it is the answer's status where it is not the usual one. A streaming body
is bytes or an open binary file. An operation without a handler of its own is answered by the generic one
(localcloud.services.resources).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from localcloud.home import Home
from localcloud.store import Store

ACCOUNT = "000000000000"
REGION = "us-east-1"

Request = dict[str, Any]
Answer = dict[str, Any]

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
        "localcloud.pipelines.pipelines",
        "localcloud.pipelines.starting",
        "localcloud.pipelines.executions",
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
}


@dataclass(frozen=True)
class Cloud:
    """What every handler is given. With `ends_with_process`, a job that it starts ends when this process does."""

    home: Home
    region: str = REGION
    account: str = ACCOUNT
    ends_with_process: bool = False
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "store", Store(self.home))

    def arn(self, service: str, resource: str) -> str:
        """Say `arn("sagemaker", "model/m-1")`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Handler = Callable[[Cloud, Request], Answer]
HANDLERS: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register the handler of one operation: `@operation("sagemaker", "CreateEndpoint")`."""

    def register(handler: Handler) -> Handler:
        other = HANDLERS.setdefault((service, name), handler)
        assert other is handler, f"{service}'s {name} has two handlers, in {other.__module__} and {handler.__module__}"
        return handler

    return register


def dispatch(cloud: Cloud, service: str, name: str, request: Request) -> Answer:
    """Answer one call. Raises ServiceError. Does not validate the request's shape: botocore did, or the caller must."""
    _import_handlers(service)
    handler = HANDLERS.get((service, name))
    if handler is not None:
        return handler(cloud, request)
    from localcloud.services.resources import answer  # which makes its handlers with this module

    return answer(cloud, service, name, request)


@cache
def _import_handlers(service: str) -> None:
    for module in MODULES.get(service, ()):
        importlib.import_module(module)
