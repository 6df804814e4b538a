"""What costs money, listed and then deleted in the order that the service demands; can be run twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline import s3_objects
from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.definition import live
from pipeline.definition.settings import Settings
from pipeline.errors import NotFoundError
from pipeline.executions import executions, watch
from pipeline.releases import endpoints, registry, rollout
from pipeline.releases.production import VARIANT, if_there

if TYPE_CHECKING:
    from boto3 import Session

Say = Callable[[str], None]
RUNNING = "running execution"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@dataclass(frozen=True)
class Resource:
    """One thing to delete: `kind` in a person's words, and the call that deletes it."""

    kind: str
    name: str
    operation: str
    request: Mapping[str, str]
    service: str = "sagemaker"


def resources(session: Session, settings: Settings, everything: bool) -> list[Resource]:
    """Return what there is in the order of deletion; `everything` takes the registry and the bucket too."""
    listed = [*_running(session, settings), *_scaling(session, settings), *_endpoints(session, settings)]
    listed += [*_serving(session, settings), *_pipeline(session, settings)]
    return [*listed, *_packages(session, settings), *staying(session, settings)] if everything else listed


def staying(session: Session, settings: Settings) -> list[Resource]:
    """Return the package group and the bucket, which only `everything` takes."""
    return [*_group(session, settings), *_bucket(session, settings)]


def delete(session: Session, settings: Settings, listed: list[Resource], everything: bool, say: Say) -> list[Resource]:
    """What is gone by now is passed over; what a running execution made until it stopped goes too. All that went."""
    running = [resource for resource in listed if resource.kind == RUNNING]
    for resource in running:
        _delete(session, resource, say)
    rest = resources(session, settings, everything) if running else listed
    for resource in rest:
        _delete(session, resource, say)
    return [*running, *rest]


def _client(session: Any, service: str) -> Any:
    """The client of a service that a resource names: which one, no type can say."""
    return session.client(service)


def _delete(session: Session, resource: Resource, say: Say) -> None:
    if before := BEFORE.get(resource.kind):
        before(session, resource.name)
    existed = if_there(getattr(_client(session, resource.service), resource.operation), resource.request)
    if existed and (after := AFTER.get(resource.kind)):
        after(session, resource.name)
    done = "stopped" if resource.kind == RUNNING else "deleted"
    say(f"{done if existed else 'gone already:'} {resource.kind} {resource.name}")


def _running(session: Session, settings: Settings) -> Iterator[Resource]:
    for summary in _summaries(session, settings):
        if summary["PipelineExecutionStatus"] in executions.RUNNING:
            arn = summary["PipelineExecutionArn"]
            yield Resource(RUNNING, arn, "stop_pipeline_execution", {"PipelineExecutionArn": arn})


def _scaling(session: Session, settings: Settings) -> Iterator[Resource]:
    ids = [f"endpoint/{name}/variant/{VARIANT}" for name in (settings.endpoint_name, settings.staging_endpoint_name)]
    client = session.client("application-autoscaling")
    answer = client.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=ids)
    for target in answer["ScalableTargets"]:
        name = target["ResourceId"]
        request = {"ServiceNamespace": "sagemaker", "ResourceId": name, "ScalableDimension": DIMENSION}
        yield Resource("scaling target", name, "deregister_scalable_target", request, "application-autoscaling")


def _endpoints(session: Session, settings: Settings) -> Iterator[Resource]:
    for name in (settings.endpoint_name, settings.staging_endpoint_name):
        if endpoints.describe(session, name):
            yield Resource("endpoint", name, "delete_endpoint", {"EndpointName": name})


def _serving(session: Session, settings: Settings) -> Iterator[Resource]:
    """The configs and models of deployments, `ENDPOINT-vVERSION`, and of executions, whose identifier they bear."""
    deployed = re.compile(rf"{re.escape(settings.endpoint_name)}-v\d+")
    runs = [executions.identifier(each["PipelineExecutionArn"]) for each in _summaries(session, settings)]
    for kind, noun in (("endpoint_config", "EndpointConfig"), ("model", "Model")):
        pages = sagemaker_client(session).get_paginator(f"list_{kind}s").paginate()
        for name in (entry[f"{noun}Name"] for page in pages for entry in page[f"{noun}s"]):
            if deployed.fullmatch(name) or any(run in name for run in runs):
                yield Resource(kind.replace("_", " "), name, f"delete_{kind}", {f"{noun}Name": name})


def _summaries(session: Session, settings: Settings) -> list[dict[str, Any]]:
    try:
        return list(executions.summaries(session, settings.pipeline_name))
    except NotFoundError:
        return []


def _pipeline(session: Session, settings: Settings) -> Iterator[Resource]:
    name = settings.pipeline_name
    try:
        live.describe_pipeline(session, name)
    except NotFoundError:
        return
    yield Resource("pipeline", name, "delete_pipeline", {"PipelineName": name})


def _packages(session: Session, settings: Settings) -> Iterator[Resource]:
    for package in registry.packages(session, settings.model_package_group):
        arn = package["ModelPackageArn"]
        yield Resource("package", registry.name(package), "delete_model_package", {"ModelPackageName": arn})


def _group(session: Session, settings: Settings) -> Iterator[Resource]:
    group = settings.model_package_group
    request = {"ModelPackageGroupName": group}
    try:
        sagemaker_client(session).describe_model_package_group(**request)
    except ClientError as error:
        if is_absent(error):
            return
        raise
    yield Resource("package group", group, "delete_model_package_group", request)


def _bucket(session: Session, settings: Settings) -> Iterator[Resource]:
    if s3_objects.has_bucket(session, settings.bucket):
        yield Resource("bucket", settings.bucket, "delete_bucket", {"Bucket": settings.bucket}, "s3")


def _until_settled(session: Session, endpoint: str) -> None:
    """An endpoint that is being created or updated cannot be deleted."""
    if endpoints.describe(session, endpoint):
        rollout.settled(session, endpoint, lambda _: None)


def _until_stopped(session: Session, arn: str) -> None:
    watch.watch(session, arn, lambda _: None, lambda _: None)


# What has to be so before something is deleted, and what has to be waited for after it.
BEFORE: dict[str, Callable[[Any, str], None]] = {"endpoint": _until_settled, "bucket": s3_objects.empty}
AFTER: dict[str, Callable[[Any, str], None]] = {"endpoint": rollout.until_gone, RUNNING: _until_stopped}
