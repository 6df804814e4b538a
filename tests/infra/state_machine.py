"""An approval on its way to a build: the event, the rule that sees it, the state machine that it starts.

Patterns are evaluated by moto's EventBridge, the machine by its interpreter of the States language.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.validate import ParamValidator
from moto import mock_aws
from moto.events.models import EventPattern

ACCOUNT = "123456789012"
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
INTERPRETED: Any = {"stepfunctions": {"execute_state_machine": True}}
Event = dict[str, Any]


def event(source: str, kind: str, **detail: object) -> Event:
    """The envelope that EventBridge puts around every event."""
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2026-02-24T17:00:14Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


def package(status: str = "Approved") -> Event:
    return event(
        "aws.sagemaker",
        "SageMaker Model Package State Change",
        ModelPackageGroupName="memotion",
        ModelPackageVersion=2,
        ModelPackageArn=f"{SAGEMAKER}:model-package/memotion/2",
        ModelPackageStatus="Completed",
        ModelApprovalStatus=status,
    )


def matches(rule: dict[str, Any], candidate: Event) -> bool:
    pattern = rule["EventPattern"]
    return bool(EventPattern(json.dumps(pattern), pattern).matches_event(candidate))


def interpreted(definition: dict[str, Any], event: Event) -> dict[str, Any]:
    """The StartBuild request that the definition makes of an event, as botocore knows that request."""
    with mock_aws(config=INTERPRETED):
        client = boto3.client("stepfunctions", region_name="us-east-1")
        created = client.create_state_machine(
            name="deployments", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/any"
        )
        started = client.start_execution(stateMachineArn=created["stateMachineArn"], input=json.dumps(event))
        (scheduled,) = scheduled_tasks(client, started["executionArn"])
    request = lower_first(json.loads(scheduled["parameters"]))
    shape = botocore.session.get_session().get_service_model("codebuild").operation_model("StartBuild").input_shape
    assert not ParamValidator().validate(request, shape).has_errors()
    assert scheduled["resourceType"] == "codebuild"
    assert scheduled["resource"] == "startBuild"
    return dict(request)


def scheduled_tasks(client: Any, execution: str) -> list[dict[str, Any]]:
    """What the interpreter scheduled; the task itself is not one that it can run."""
    until = time.monotonic() + 20
    while time.monotonic() < until and client.describe_execution(executionArn=execution)["status"] == "RUNNING":
        time.sleep(0.05)
    history = client.get_execution_history(executionArn=execution)["events"]
    return [each["taskScheduledEventDetails"] for each in history if each["type"] == "TaskScheduled"]


def lower_first(node: Any) -> Any:
    """Step Functions spells a service's members with a capital; CodeBuild without."""
    if isinstance(node, list):
        return [lower_first(value) for value in node]
    if isinstance(node, dict):
        return {key[0].lower() + key[1:]: lower_first(value) for key, value in node.items()}
    return node


@dataclass(frozen=True)
class Ran:
    """The states that were entered, the error that the execution failed with, and what the topic was told."""

    entered: list[str]
    error: str | None
    notices: list[str]


def run_from(state: str, definition: dict[str, Any], event: Event) -> Ran:
    """Interpret the definition from one of its states on; moto cannot start a build, which ends it."""
    unretried = {name: {k: v for k, v in each.items() if k != "Retry"} for name, each in definition["States"].items()}
    with mock_aws(config=INTERPRETED):
        session = boto3.Session(region_name="us-east-1")
        queue = listening(session)
        client = session.client("stepfunctions")
        text = json.dumps({**definition, "StartAt": state, "States": unretried})
        created = client.create_state_machine(name="m", definition=text, roleArn=f"arn:aws:iam::{ACCOUNT}:role/any")
        started = client.start_execution(stateMachineArn=created["stateMachineArn"], input=json.dumps(event))
        scheduled_tasks(client, started["executionArn"])
        history = client.get_execution_history(executionArn=started["executionArn"])["events"]
        messages = session.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    entered = [each["stateEnteredEventDetails"]["name"] for each in history if "stateEnteredEventDetails" in each]
    failures = [each["executionFailedEventDetails"] for each in history if "executionFailedEventDetails" in each]
    notices = [json.loads(message["Body"])["Message"] for message in messages]
    return Ran(entered, failures[0].get("error") if failures else None, notices)


def listening(session: boto3.Session) -> str:
    """Make the topic of notices, and a queue that hears of them; its URL."""
    topic = session.client("sns").create_topic(Name="memotion-notices")["TopicArn"]
    queue: str = session.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    session.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:heard")
    return queue
