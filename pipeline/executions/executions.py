"""The pipeline's executions: the list, the newest, the steps of one, stop and retry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.errors import NotFoundError, RefusedError
from pipeline.executions import jobs, naming, step_progress

if TYPE_CHECKING:
    from boto3 import Session

Answer = dict[str, Any]

RUNNING = ("Executing", "Stopping")
ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:\d{12}:pipeline/.+/execution/.+")


def identifier(arn: str) -> str:
    """The short name of an execution: what follows `/execution/` in its ARN."""
    return arn.rpartition("/")[2]


def summaries(session: Session, pipeline: str) -> Iterator[Answer]:
    """Yield the executions, newest first, fetched as they are read. Raises NotFoundError without such a pipeline."""
    pages = sagemaker_client(session).get_paginator("list_pipeline_executions")
    try:
        for page in pages.paginate(PipelineName=pipeline, SortBy="CreationTime", SortOrder="Descending"):
            yield from page["PipelineExecutionSummaries"]
    except ClientError as error:
        if is_absent(error):
            raise NotFoundError(f"there is no pipeline {pipeline!r} yet: run `python pipeline.py upsert`") from None
        raise


def find(session: Session, pipeline: str, name: str | None = None) -> str:
    """The ARN of the execution that `name` is the ARN, the identifier or the display name of; else of the newest."""
    if name and name.startswith("arn:"):
        if not ARN.fullmatch(name):
            raise NotFoundError(f"{name} is no execution's ARN: `python pipeline.py executions` lists them")
        return name
    for summary in summaries(session, pipeline):
        names = (identifier(summary["PipelineExecutionArn"]), summary.get("PipelineExecutionDisplayName"))
        if name is None or name in names or name == naming.recorded_name(summary):
            return str(summary["PipelineExecutionArn"])
    if name is None:
        raise NotFoundError(f"pipeline {pipeline!r} has no execution yet: run `python pipeline.py start`")
    raise NotFoundError(f"pipeline {pipeline!r} has no execution {name!r}: `python pipeline.py executions` lists them")


def describe(session: Session, arn: str) -> Answer:
    """Raises NotFoundError."""
    try:
        answer: Answer = sagemaker_client(session).describe_pipeline_execution(PipelineExecutionArn=arn)
    except ClientError as error:
        if is_absent(error):
            raise NotFoundError(f"there is no execution {arn}: `python pipeline.py executions` lists them") from None
        raise
    return answer


def steps(session: Session, arn: str) -> list[Answer]:
    """Return the steps that were started, in the order in which they started."""
    pages = sagemaker_client(session).get_paginator("list_pipeline_execution_steps")
    answers = pages.paginate(PipelineExecutionArn=arn, SortOrder="Ascending")
    return [step for page in answers for step in page["PipelineExecutionSteps"]]


def steps_with_trainings(session: Session, arn: str) -> list[Answer]:
    """The same, with what DescribeTrainingJob says of a training that is under way in its Metadata.

    There is also how far a step is, where its log tells.
    """
    return step_progress.with_progress(session, jobs.with_secondary_status(session, steps(session, arn)))


def status(session: Session, arn: str) -> Answer:
    """`PipelineExecutionArn`, `PipelineExecutionStatus`, `FailureReason` (or None), `PipelineExecutionSteps`."""
    execution = describe(session, arn)
    return {
        "PipelineExecutionArn": execution["PipelineExecutionArn"],
        "PipelineExecutionStatus": execution["PipelineExecutionStatus"],
        "FailureReason": execution.get("FailureReason"),
        "PipelineExecutionSteps": steps_with_trainings(session, arn),
    }


def parameters(session: Session, arn: str) -> dict[str, str]:
    """Return the parameters that the execution was started with."""
    pages = (
        sagemaker_client(session)
        .get_paginator("list_pipeline_parameters_for_execution")
        .paginate(PipelineExecutionArn=arn)
    )
    return {entry["Name"]: entry["Value"] for page in pages for entry in page["PipelineParameters"]}


def stop(session: Session, arn: str) -> None:
    """Ask a running execution to stop. Raises RefusedError where it has ended."""
    state = describe(session, arn)["PipelineExecutionStatus"]
    if state not in RUNNING:
        raise RefusedError(f"execution {identifier(arn)} is {state}: there is nothing to stop")
    sagemaker_client(session).stop_pipeline_execution(PipelineExecutionArn=arn)


def retry(session: Session, arn: str) -> None:
    """Go on from the failed or stopped step. Raises RefusedError where nothing failed."""
    state = describe(session, arn)["PipelineExecutionStatus"]
    if state not in ("Failed", "Stopped"):
        raise RefusedError(f"execution {identifier(arn)} is {state}: only one that Failed or Stopped is retried")
    sagemaker_client(session).retry_pipeline_execution(PipelineExecutionArn=arn)


def newest(session: Session, pipeline: str, count: int) -> list[Answer]:
    """Return at most `count` summaries, newest first."""
    return list(islice(summaries(session, pipeline), count))


def definition(session: Session, arn: str) -> str:
    """Return the definition that the execution runs, whatever was upserted since."""
    answer = sagemaker_client(session).describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    return str(answer["PipelineDefinition"])
