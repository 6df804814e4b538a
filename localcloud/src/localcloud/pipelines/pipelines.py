"""CreatePipeline and its like. A pipeline is a record whose definition was checked."""

from __future__ import annotations

import time

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ConflictException, ResourceInUse, ResourceNotFound, ServiceError, ValidationException
from localcloud.pipelines import records, tokens
from localcloud.s3 import path_of
from localcloud.services.identity import creator
from localcloud.services.listing import in_order, matching, page
from localcloud.services.tags import add_tags, remove_tags
from localcloud.state.store import Record

CREATE = "CreatePipeline"
VERSION = "PipelineVersionId"
PAGE = 100
_ONE_VERSION = "a pipeline has one version, the one that it was updated to last"
_UNOFFERED = {
    "PipelineVersionAlias": _ONE_VERSION,
    "PipelineVersionAliases": _ONE_VERSION,
    "MlflowExperimentName": "no execution is tracked with MLflow",
}
_KEPT = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")


@operation("sagemaker", CREATE)
def create_pipeline(cloud: Cloud, request: Request) -> Answer:
    refuse_unoffered(request)
    with cloud.store.read() as connection:
        arn = tokens.answered(connection, CREATE, request)
    if arn is not None:
        return {"PipelineArn": arn}
    name = request["PipelineName"]
    arn = cloud.arn("sagemaker", f"pipeline/{name}")
    now, who = time.time(), creator(cloud)
    body = {
        "PipelineName": name,
        "PipelineArn": arn,
        "PipelineDisplayName": name,
        "PipelineStatus": "Active",
        VERSION: 1,
        "CreationTime": now,
        "LastModifiedTime": now,
        "CreatedBy": who,
        "LastModifiedBy": who,
        **_checked(cloud, request),
    }
    if "PipelineDefinition" not in body:
        raise ValidationException(
            f"pipeline {name!r} has neither a PipelineDefinition nor a PipelineDefinitionS3Location"
        )
    try:
        cloud.store.create("Pipeline", name, arn, body)
    except ResourceInUse:
        raise ValidationException(f"pipeline {name!r} already exists; UpdatePipeline changes it") from None
    add_tags(cloud, arn, request.get("Tags") or ())
    with cloud.store.write() as connection:
        tokens.remember(connection, CREATE, request, arn)
    return {"PipelineArn": arn}


@operation("sagemaker", "UpdatePipeline")
def update_pipeline(cloud: Cloud, request: Request) -> Answer:
    """An execution that is under way goes on with the definition that it started with."""
    refuse_unoffered(request)
    pipeline = find_pipeline(cloud, request["PipelineName"])
    version = version_of(pipeline) + 1
    changes = {
        VERSION: version,
        "LastModifiedTime": time.time(),
        "LastModifiedBy": creator(cloud),
        **_checked(cloud, request),
    }
    cloud.store.change("Pipeline", pipeline.name, changes)
    return {"PipelineArn": pipeline.arn, VERSION: version}


@operation("sagemaker", "DescribePipeline")
def describe_pipeline(cloud: Cloud, request: Request) -> Answer:
    refuse_unoffered(request)
    pipeline = find_pipeline(cloud, request["PipelineName"])
    refuse_other_version(pipeline, request)
    return {**pipeline.body, "LastRunTime": _last_run(cloud, pipeline.name)}


@operation("sagemaker", "DeletePipeline")
def delete_pipeline(cloud: Cloud, request: Request) -> Answer:
    """Deletes its executions with it. Raises ConflictException while one of them runs."""
    pipeline = find_pipeline(cloud, request["PipelineName"])
    running = [
        execution.arn for execution in records.of_pipeline(cloud, pipeline.name) if execution.status in records.ALIVE
    ]
    if running:
        raise ConflictException(f"pipeline {pipeline.name!r} is being executed; stop {', '.join(running)} first")
    records.delete_all(cloud.store, pipeline.name)
    cloud.store.delete("Pipeline", pipeline.name)
    remove_tags(cloud, pipeline.arn)
    return {"PipelineArn": pipeline.arn}


@operation("sagemaker", "ListPipelines")
def list_pipelines(cloud: Cloud, request: Request) -> Answer:
    items = ({**record.body, "LastExecutionTime": None} for record in cloud.store.list("Pipeline"))
    chosen = matching("Pipeline", items, {name: value for name, value in request.items() if name != "ManagedBy"})
    pipelines, token = page(chosen, request, in_order("Pipeline", request), size=PAGE)
    summaries = [{**item, "LastExecutionTime": _last_run(cloud, item["PipelineName"])} for item in pipelines]
    return {"PipelineSummaries": summaries, "NextToken": token}


def refuse_unoffered(request: Request) -> None:
    """Raises ValidationException for a member that would have to change what the call does, and does not here."""
    for member, reason in _UNOFFERED.items():
        if member in request:
            raise ValidationException(f"{member} is not offered here, {reason}; leave it out")


def version_of(pipeline: Record) -> int:
    """Return how often a pipeline was created or updated."""
    return int(pipeline.body.get(VERSION, 1))


def refuse_other_version(pipeline: Record, request: Request) -> None:
    """Raises ValidationException for a request that names a version other than the pipeline's last."""
    version = version_of(pipeline)
    if request.get(VERSION, version) != version:
        raise ValidationException(
            f"version {request[VERSION]} of pipeline {pipeline.name!r} is not offered here, {_ONE_VERSION}: {version}"
        )


def find_pipeline(cloud: Cloud, name: str) -> Record:
    """By name or ARN. Raises ResourceNotFound."""
    pipeline = cloud.store.find("Pipeline", name)
    if pipeline is None:
        raise ResourceNotFound(f"pipeline {name!r} does not exist; CreatePipeline makes it")
    return pipeline


def _checked(cloud: Cloud, request: Request) -> Request:
    """What a request says of a pipeline, its definition checked."""
    members = {member: request[member] for member in _KEPT if member in request}
    definition = _definition(cloud, request)
    if definition is None:
        return members
    from localcloud.definition.validation import refuse_findings  # imports botocore

    refuse_findings(definition)
    return {**members, "PipelineDefinition": definition}


def _definition(cloud: Cloud, request: Request) -> str | None:
    location = request.get("PipelineDefinitionS3Location")
    if location is None:
        return request.get("PipelineDefinition")
    try:
        return path_of(cloud.home, location["Bucket"], location["ObjectKey"]).read_text()
    except (OSError, ValueError, ServiceError):
        raise ValidationException(f"no definition can be read at {location}; upload it first") from None


def _last_run(cloud: Cloud, name: str) -> float | None:
    return max((created for created, _ in records.listed(cloud, name)), default=None)
