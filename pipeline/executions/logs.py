"""The logs of a step: the CloudWatch streams of the job that it ran, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline.aws_errors import is_absent
from pipeline.errors import NotFoundError
from pipeline.executions import jobs

if TYPE_CHECKING:
    from boto3 import Session

# The member of a step's Metadata, and the log group of what its ARN names.
GROUPS = {
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}
ENDPOINTS = "/aws/sagemaker/Endpoints"
Event = dict[str, Any]


def of_step(session: Session, steps: Sequence[Mapping[str, Any]], name: str) -> Iterator[Event]:
    """The log events of a step, each with its `logStreamName`, in the order of the streams and then of time.

    Raises NotFoundError where the execution has no such step, or the step has no log.
    """
    step = next((step for step in steps if step["StepName"] == name), None)
    if step is None:
        started = ", ".join(step["StepName"] for step in steps) or "none"
        raise NotFoundError(f"the execution has not started a step {name!r}; started: {started}")
    place = where(session, step)
    if place is None:
        raise NotFoundError(f"step {name} ({step['StepStatus']}) runs no job and writes no log")
    return events(session, *place)


def where(session: Session, step: Mapping[str, Any]) -> tuple[str, str] | None:
    """The log group and the beginning of the streams' names; None for a step without a log of its own."""
    metadata = step.get("Metadata", {})
    for kind, group in GROUPS.items():
        if "Arn" in metadata.get(kind, {}):
            return group, f"{jobs.name(session, kind, metadata[kind]['Arn'])}/"
    if "Arn" in metadata.get("Endpoint", {}):
        return f"{ENDPOINTS}/{metadata['Endpoint']['Arn'].rpartition('/')[2]}", ""
    return None


def events(session: Session, group: str, prefix: str, places: dict[str, str] | None = None) -> Iterator[Event]:
    """Every event of the group's streams whose names begin with `prefix`; nothing where there is no log yet.

    `places` keeps how far each stream was read: with the same one again, what came since.
    """
    logs = session.client("logs")
    for stream in _streams(logs, group, prefix):
        for event in _events(logs, group, stream, {} if places is None else places):
            yield {"logStreamName": stream, **event}


def end(session: Session, group: str, prefix: str, count: int) -> list[str]:
    """The last lines, at most `count`, of the last of the group's streams whose names begin with `prefix`."""
    logs = session.client("logs")
    streams = _streams(logs, group, prefix)
    if not streams:
        return []
    answer = logs.get_log_events(logGroupName=group, logStreamName=streams[-1], startFromHead=False, limit=count)
    return [str(event["message"]) for event in answer["events"]]


def _streams(logs: Any, group: str, prefix: str) -> list[str]:
    query = {"logGroupName": group, **({"logStreamNamePrefix": prefix} if prefix else {})}
    try:
        pages = list(logs.get_paginator("describe_log_streams").paginate(**query))
    except ClientError as error:
        if is_absent(error):
            return []
        raise
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]


def _events(logs: Any, group: str, stream: str, places: dict[str, str]) -> Iterator[Event]:
    """From the stream's place or its first on; the service ends by answering the token that it was asked with."""
    query: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    if stream in places:
        query["nextToken"] = places[stream]
    while True:
        answer = logs.get_log_events(**query)
        yield from answer["events"]
        token = answer.get("nextForwardToken")
        if token is None or token == query.get("nextToken"):
            return
        query["nextToken"] = places[stream] = token
