"""Endpoints: Create, Update, Describe, List, Delete and Invoke. What takes time is done by the endpoint's own process.

Creating → InService or Failed          CreateEndpoint
InService → Updating → InService        UpdateEndpoint; the containers before serve until the new ones are ready,
                                        and go on serving if these do not come up: then FailureReason says why
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.containers.container_definition import containers_of
from localcloud.endpoint.start import ask, ensure_running, is_running, launch, lock_file, wait_for_end
from localcloud.errors import ResourceInUse, ResourceNotFound, ServiceError, ValidationException
from localcloud.http import Request as HttpRequest
from localcloud.http import Response
from localcloud.services.resources import create, describe, find, list_summaries
from localcloud.services.tags import remove_tags
from localcloud.state.lock import hold
from localcloud.state.store import Record

KIND = "Endpoint"
END_SECONDS = 30.0
GONE = "the process that brought it up ended"

# InvokeEndpoint's members and the headers that carry them (botocore's service model).
HEADERS = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "x-amzn-sagemaker-custom-attributes",
    "TargetModel": "x-amzn-sagemaker-target-model",
    "TargetVariant": "x-amzn-sagemaker-target-variant",
    "TargetContainerHostname": "x-amzn-sagemaker-target-container-hostname",
    "InferenceId": "x-amzn-sagemaker-inference-id",
}


@operation("sagemaker", "CreateEndpoint")
def create_endpoint(cloud: Cloud, request: Request) -> Answer:
    name = request["EndpointName"]
    if any(record.name.lower() == name.lower() for record in cloud.store.list(KIND)):  # their names are, but for case
        raise ResourceInUse(f'Cannot create already existing endpoint "{_arn(cloud, name)}".')
    config = _config(cloud, request["EndpointConfigName"])
    # The lock is taken before the record says Creating, and handed on to the process: it is never free between.
    with hold(lock_file(cloud.home, name)) as lock:
        answer = create(cloud, KIND, request, {"ProductionVariants": variants_of(cloud, config)}, "Creating")
        launch(cloud, name, lock)
    return answer


@operation("sagemaker", "UpdateEndpoint")
def update_endpoint(cloud: Cloud, request: Request) -> Answer:
    record = current(cloud, request["EndpointName"])
    config = _config(cloud, request["EndpointConfigName"])
    pending = {"EndpointConfigName": config["EndpointConfigName"], "StartTime": time.time()}
    changes = {"PendingDeploymentSummary": pending, "DeploymentConfig": request.get("DeploymentConfig")}
    if record.status == "InService":  # its process runs before the record says Updating: else it seems to have died
        ensure_running(cloud, record.name)
    try:
        cloud.store.change(KIND, record.name, changes, status="Updating", expected="InService")
    except ResourceInUse:
        raise ValidationException(
            f'Cannot update endpoint "{record.arn}": it is {record.status}, not InService.'
        ) from None
    ensure_running(cloud, record.name)  # again: it may just have been ending
    return {"EndpointArn": record.arn}


@operation("sagemaker", "DescribeEndpoint")
def describe_endpoint(cloud: Cloud, request: Request) -> Answer:
    current(cloud, request["EndpointName"])
    return describe(cloud, KIND, request)


@operation("sagemaker", "ListEndpoints")
def list_endpoints(cloud: Cloud, request: Request) -> Answer:
    for record in cloud.store.list(KIND):
        with suppress(ResourceNotFound):  # deleted meanwhile
            current(cloud, record.name)
    return list_summaries(cloud, KIND, request)


@operation("sagemaker", "DeleteEndpoint")
def delete_endpoint(cloud: Cloud, request: Request) -> Answer:
    """Returns once its process has ended, so that the name can be used again."""
    record = find(cloud, KIND, request["EndpointName"])
    cloud.store.delete(KIND, record.name)
    remove_tags(cloud, record.arn)
    wait_for_end(cloud, record.name, END_SECONDS)
    return {}


@operation("sagemaker-runtime", "InvokeEndpoint")
def invoke_endpoint(cloud: Cloud, request: Request) -> Answer:
    name, body = request["EndpointName"], request.get("Body", b"")
    headers = {header: str(request[member]) for member, header in HEADERS.items() if request.get(member) is not None}
    content = body.read() if hasattr(body, "read") else body
    data = content.encode() if isinstance(content, str) else bytes(content)
    response = invoked(cloud, name, headers, data)
    if response.status != 200:
        raise error_of(response)
    return {
        "Body": response.body,
        "ContentType": response.content_type,
        "InvokedProductionVariant": response.headers.get("x-amzn-invoked-production-variant"),
        "CustomAttributes": response.headers.get("x-amzn-sagemaker-custom-attributes"),
    }


def invoked(cloud: Cloud, name: str, headers: Mapping[str, str], body: bytes) -> Response:
    """What the endpoint's router answers. Raises ServiceError where there is none to ask."""
    record = cloud.store.find(KIND, name)
    if record is None or record.status not in {"InService", "Updating"}:
        raise ServiceError(f"Endpoint {name} of account {cloud.account} not found.", code="ValidationError", status=400)
    passed = {header: headers[header] for header in HEADERS.values() if header in headers}
    for header, value in passed.items():
        if not (value.isprintable() and value.isascii()):
            raise ServiceError(f"the header {header} holds {value!r}", code="ValidationError", status=400)
    return ask(cloud, record.name, HttpRequest("POST", f"/endpoints/{record.name}/invocations", passed, body))


def error_of(response: Response) -> ServiceError:
    """The error that a router answered, as its JSON and its headers spell it."""
    try:
        content = response.json()
    except ValueError:
        content = {"Message": response.body.decode(errors="replace")}
    code = response.headers.get("x-amzn-errortype", "InternalFailure")
    members = {name: value for name, value in content.items() if name != "Message"}
    return ServiceError(content.get("Message", ""), code=code, status=response.status, members=members)


def current(cloud: Cloud, name: str) -> Record:
    """An endpoint's record; if its process ended before it was up, that is noted first. Raises ResourceNotFound."""
    record = find(cloud, KIND, name)
    if record.status not in {"Creating", "Updating"} or is_running(cloud, record.name):
        return record
    status = "Failed" if record.status == "Creating" else "InService"
    changes = {"FailureReason": GONE, "PendingDeploymentSummary": None}
    with suppress(ResourceInUse):  # it came up between our two looks
        cloud.store.change(KIND, record.name, changes, status=status, expected=record.status)
    return find(cloud, KIND, name)


def variants_of(cloud: Cloud, config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The ProductionVariants of DescribeEndpoint. Raises ValidationException for what cannot be served here."""
    return [_variant(cloud, variant) for variant in config["ProductionVariants"]]


def _variant(cloud: Cloud, variant: Mapping[str, Any]) -> dict[str, Any]:
    images = [container.image for container in containers_of(cloud, variant["ModelName"])]
    weight, count = variant.get("InitialVariantWeight", 1.0), variant.get("InitialInstanceCount", 1)
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [
            {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": time.time()} for image in images
        ],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _config(cloud: Cloud, name: str) -> dict[str, Any]:
    try:
        config = find(cloud, "EndpointConfig", name).body
    except ResourceNotFound as error:
        raise ValidationException(error.message) from None
    variants_of(cloud, config)
    return config


def _arn(cloud: Cloud, name: str) -> str:
    return cloud.arn("sagemaker", f"endpoint/{name}")
