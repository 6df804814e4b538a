"""What is asked of an execution that is there: its state, its steps, its parameters, and that it stop."""

from __future__ import annotations

from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.definition.document import read
from localcloud.definition.model import Step
from localcloud.errors import ResourceInUse, ValidationException
from localcloud.pipelines import attempts, records
from localcloud.pipelines.pipelines import find_pipeline, refuse_unoffered
from localcloud.pipelines.records import Execution
from localcloud.services.listing import page

PAGE = 100


@operation("sagemaker", "DescribePipelineExecution")
def describe_execution(cloud: Cloud, request: Request) -> Answer:
    execution = records.find(cloud, request["PipelineExecutionArn"])
    return {
        **execution.body,
        "PipelineArn": execution.arn.rpartition("/execution/")[0],
        "PipelineExecutionArn": execution.arn,
        "PipelineExecutionStatus": execution.status,
        "FailureReason": execution.reason,
        "CreationTime": execution.created,
        "LastModifiedTime": execution.modified,
        "LastModifiedBy": execution.body["CreatedBy"],
    }


@operation("sagemaker", "DescribePipelineDefinitionForExecution")
def describe_definition(cloud: Cloud, request: Request) -> Answer:
    """The definition that the execution ran with, whatever the pipeline's is by now."""
    execution = records.find(cloud, request["PipelineExecutionArn"])
    return {"PipelineDefinition": execution.definition, "CreationTime": execution.created}


@operation("sagemaker", "ListPipelineExecutions")
def list_executions(cloud: Cloud, request: Request) -> Answer:
    """Newest first, unless the request says otherwise."""
    refuse_unoffered(request)
    pipeline = find_pipeline(cloud, request["PipelineName"])
    after, before = request.get("CreatedAfter", float("-inf")), request.get("CreatedBefore", float("inf"))
    executions = [item for item in records.listed(cloud, pipeline.name) if after < item[0] < before]
    by_arn = request.get("SortBy") == "PipelineExecutionArn"
    summaries, token = page(
        executions,
        request,
        lambda item: item[1:] if by_arn else item,
        size=PAGE,
    )
    return {
        "PipelineExecutionSummaries": [_summary(records.find(cloud, arn)) for _, arn in summaries],
        "NextToken": token,
    }


@operation("sagemaker", "ListPipelineExecutionSteps")
def list_steps(cloud: Cloud, request: Request) -> Answer:
    """The steps that were started, each with its last attempt; last first, unless the request says otherwise."""
    if "PipelineExecutionArn" not in request:
        raise ValidationException("PipelineExecutionArn is missing")
    execution = records.find(cloud, request["PipelineExecutionArn"])
    steps = read(execution.definition).steps
    latest, token = page(
        attempts.latest(cloud.store, execution.id),
        request,
        lambda attempt: (attempt.started, attempt.step),
        size=PAGE,
    )
    return {"PipelineExecutionSteps": [_step(steps[item.step], item) for item in latest], "NextToken": token}


@operation("sagemaker", "ListPipelineParametersForExecution")
def list_parameters(cloud: Cloud, request: Request) -> Answer:
    """Every parameter with the value that the execution has for it, in the definition's order."""
    execution = records.find(cloud, request["PipelineExecutionArn"])
    numbered = list(enumerate(execution.body["Parameters"]))
    parameters, token = page(numbered, request, lambda item: (item[0],), is_descending=False, size=PAGE)
    return {"PipelineParameters": [parameter for _, parameter in parameters], "NextToken": token}


@operation("sagemaker", "StopPipelineExecution")
def stop_execution(cloud: Cloud, request: Request) -> Answer:
    """Asks for the end; the execution's process stops what runs, and then says Stopped."""
    execution = records.find(cloud, request["PipelineExecutionArn"])
    if execution.status == records.STOPPING:
        return {"PipelineExecutionArn": execution.arn}
    try:
        with cloud.store.write() as connection:
            records.move(connection, execution, (records.EXECUTING,), records.STOPPING)
    except ResourceInUse as error:
        raise ValidationException(f"it cannot be stopped: {error.message}") from None
    return {"PipelineExecutionArn": execution.arn}


@operation("sagemaker", "UpdatePipelineExecution")
def update_execution(cloud: Cloud, request: Request) -> Answer:
    """Changes what an execution is called; its parallelism from its next run on."""
    execution = records.find(cloud, request["PipelineExecutionArn"])
    members = ("PipelineExecutionDescription", "PipelineExecutionDisplayName", "ParallelismConfiguration")
    changes = {member: request[member] for member in members if member in request}
    records.change_body(cloud.store, execution, {**execution.body, **changes})
    return {"PipelineExecutionArn": execution.arn}


def _summary(execution: Execution) -> dict[str, Any]:
    return {
        "PipelineExecutionArn": execution.arn,
        "StartTime": execution.created,
        "PipelineExecutionStatus": execution.status,
        "PipelineExecutionDescription": execution.body.get("PipelineExecutionDescription"),
        "PipelineExecutionDisplayName": execution.body["PipelineExecutionDisplayName"],
        "PipelineExecutionFailureReason": execution.reason,
    }


def _step(step: Step, attempt: attempts.Attempt) -> dict[str, Any]:
    source = {"SourcePipelineExecutionArn": attempt.source}
    return {
        "StepName": step.name,
        "StepDisplayName": step.display_name,
        "StepDescription": step.description,
        "StartTime": attempt.started,
        "EndTime": attempt.ended,
        "StepStatus": attempt.status,
        "CacheHitResult": source if attempt.reuse == "cache" else None,
        "SelectiveExecutionResult": source if attempt.reuse == "selection" else None,
        "FailureReason": attempt.reason,
        "Metadata": attempt.metadata,
        "AttemptCount": attempt.number,
    }
