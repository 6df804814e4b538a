"""Callback steps: a message with a token goes into a queue, and whoever has the token says how it ended."""

from __future__ import annotations

import json
import secrets
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceNotFound, ValidationException
from localcloud.services.queues import send_message
from localcloud.state.store import Record

KIND = "StepCallback"
WAITING, SUCCEEDED, FAILED, STOPPED = "Executing", "Succeeded", "Failed", "Stopped"


def ask(cloud: Cloud, execution: str, url: str, arguments: Request) -> str:
    """Send the message of an execution's step, by the ARN; the token. Raises ServiceError where there is no queue."""
    token = secrets.token_hex(5)
    body = {"PipelineExecutionArn": execution}
    cloud.store.create(KIND, token, f"{execution}/callback/{token}", body, WAITING)
    message = {"token": token, "pipelineExecutionArn": execution, "status": WAITING, "arguments": arguments}
    send_message(cloud, {"QueueUrl": url, "MessageBody": json.dumps(message)})
    return token


def answered(cloud: Cloud, token: str) -> Record:
    """The record of a token, whose status says how it ended, or that it has not."""
    return cloud.store.get(KIND, token)


def give_up(cloud: Cloud, token: str) -> None:
    """Take no answer any more."""
    cloud.store.change(KIND, token, {}, status=STOPPED, expected=WAITING)


@operation("sagemaker", "SendPipelineExecutionStepSuccess")
def send_success(cloud: Cloud, request: Request) -> Answer:
    return _end(cloud, request, SUCCEEDED, {"OutputParameters": request.get("OutputParameters") or []})


@operation("sagemaker", "SendPipelineExecutionStepFailure")
def send_failure(cloud: Cloud, request: Request) -> Answer:
    return _end(
        cloud, request, FAILED, {"FailureReason": request.get("FailureReason") or "the callback gave no reason"}
    )


def _end(cloud: Cloud, request: Request, status: str, changes: dict[str, Any]) -> Answer:
    token = request["CallbackToken"]
    record = cloud.store.find(KIND, token)
    if record is None:
        raise ResourceNotFound(f"there is no callback {token!r}; its step's message has the token")
    if record.status != WAITING:
        raise ValidationException(f"the callback {token!r} has been answered: it is {record.status}")
    cloud.store.change(KIND, token, changes, status=status, expected=WAITING)
    return {"PipelineExecutionArn": record.body["PipelineExecutionArn"]}
