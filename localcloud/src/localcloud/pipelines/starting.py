"""StartPipelineExecution and RetryPipelineExecution: a record that asks for a run, and the process that does it."""

from __future__ import annotations

import secrets
import string
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.definition.document import read
from localcloud.definition.model import Definition
from localcloud.definition.parameters import bind, text_of
from localcloud.errors import ResourceInUse, ServiceError, ValidationException
from localcloud.pipelines import attempts, records, selection, tokens
from localcloud.pipelines.images import check_images
from localcloud.pipelines.pipelines import find_pipeline, refuse_other_version, refuse_unoffered
from localcloud.pipelines.records import CREATED, Execution
from localcloud.processes import ending, start
from localcloud.services.identity import creator
from localcloud.state.store import Record

START, RETRY = "StartPipelineExecution", "RetryPipelineExecution"
POLL_SECONDS = 0.005
_ID_LETTERS = string.ascii_lowercase + string.digits


@operation("sagemaker", START)
def start_execution(cloud: Cloud, request: Request) -> Answer:
    """Answers once the execution's record says Executing, and the process that runs it holds its lock."""
    refuse_unoffered(request)
    with cloud.store.read() as connection:
        arn = tokens.answered(connection, START, request)
    if arn is None:
        pipeline = find_pipeline(cloud, request["PipelineName"])
        refuse_other_version(pipeline, request)
        arn = _record(cloud, request, pipeline)
    _run(cloud, arn)
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", RETRY)
def retry_execution(cloud: Cloud, request: Request) -> Answer:
    """Goes on from what has not succeeded, with the definition and the parameters that the execution started with."""
    execution = records.find(cloud, request["PipelineExecutionArn"])
    with cloud.store.write() as connection:
        if tokens.answered(connection, RETRY, request) is None:
            try:
                records.ask(connection, execution)
            except ResourceInUse as error:
                raise ValidationException(f"it cannot be retried: {error.message}") from None
            tokens.remember(connection, RETRY, request, execution.arn)
    if "ParallelismConfiguration" in request:
        body = {**execution.body, "ParallelismConfiguration": request["ParallelismConfiguration"]}
        records.change_body(cloud.store, execution, body)
    _run(cloud, execution.arn)
    return {"PipelineExecutionArn": execution.arn}


def _record(cloud: Cloud, request: Request, pipeline: Record) -> str:
    """Check all that can be checked, record the execution, and what a selection takes from an earlier one; its ARN."""
    from localcloud.definition.validation import refuse_findings  # imports botocore

    definition = read(pipeline.body["PipelineDefinition"])
    selected = selection.steps_of(request)
    earlier = _source(cloud, request, pipeline.name)
    reused = _reused_attempts(cloud, definition, selected, earlier)
    before = {item["Name"]: item["Value"] for item in earlier.body["Parameters"]} if earlier else None
    values = bind(definition.parameters, request.get("PipelineParameters") or (), before)
    refuse_findings(definition.text, {name: text_of(value) for name, value in values.items()})
    check_images(definition, list(definition.steps) if selected is None else selected, values)
    execution = _execution(cloud, request, pipeline, values)
    with cloud.store.write() as connection:
        arn = tokens.answered(connection, START, request)
        if arn is None:
            arn = execution.arn
            records.insert(connection, execution)
            for attempt in reused:
                attempts.take(connection, execution.id, attempt, request["SelectiveExecutionConfig"])
            tokens.remember(connection, START, request, arn)
    return arn


def _execution(cloud: Cloud, request: Request, pipeline: Record, values: Mapping[str, Any]) -> Execution:
    now, identifier = time.time(), "".join(secrets.choice(_ID_LETTERS) for _ in range(12))
    members = ("PipelineExecutionDescription", "SelectiveExecutionConfig")
    body = {member: request[member] for member in members if member in request} | {
        "PipelineExecutionDisplayName": request.get("PipelineExecutionDisplayName", f"execution-{round(now * 1000)}"),
        "ParallelismConfiguration": request.get("ParallelismConfiguration")
        or pipeline.body.get("ParallelismConfiguration"),
        "RoleArn": request.get("RoleArn") or pipeline.body["RoleArn"],
        "CreatedBy": creator(cloud),
        "Parameters": [{"Name": name, "Value": text_of(value)} for name, value in values.items()],
    }
    return Execution(
        id=identifier,
        pipeline=pipeline.name,
        arn=f"{pipeline.arn}/execution/{identifier}",
        status=CREATED,
        asked=True,
        definition=pipeline.body["PipelineDefinition"],
        body=body,
        reason=None,
        created=now,
        modified=now,
    )


def _source(cloud: Cloud, request: Request, pipeline: str) -> Execution | None:
    """The execution that a selection takes results from."""
    arn = (request.get("SelectiveExecutionConfig") or {}).get("SourcePipelineExecutionArn")
    if arn is None:
        return None
    earlier = records.find(cloud, arn)
    if earlier.pipeline != pipeline:
        raise ValidationException(f"{arn} is an execution of another pipeline than {pipeline!r}")
    if earlier.status in records.ALIVE:
        raise ValidationException(f"{arn} is {earlier.status}; wait for its end, or name another execution")
    return earlier


def _reused_attempts(
    cloud: Cloud, definition: Definition, selected: list[str] | None, earlier: Execution | None
) -> list[attempts.Attempt]:
    if selected is None:
        return []
    selection.check(definition, selected)
    needed = selection.needed(definition, selected)
    if needed and earlier is None:
        raise ValidationException(
            f"the selected steps need the results of {', '.join(needed)}; name the execution that has them as "
            f"SourcePipelineExecutionArn"
        )
    if earlier is None:
        return []
    latest = {attempt.step: attempt for attempt in attempts.latest(cloud.store, earlier.id)}
    return selection.results(definition, selected, latest, earlier.arn)


def _run(cloud: Cloud, arn: str) -> None:
    """Start the process of an execution that asks for a run, and wait until it has begun."""
    execution = records.read(cloud.store, arn)
    if not execution.asked:
        return
    log = records.log_file(cloud, execution)
    process = start("localcloud.execution", [arn], cloud.home, log, tied=False)
    while records.read(cloud.store, arn).asked:
        try:
            code = process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        if records.read(cloud.store, arn).asked:
            raise ServiceError(f"the process of {arn} {ending(code)} before it began; its log is {log}")
