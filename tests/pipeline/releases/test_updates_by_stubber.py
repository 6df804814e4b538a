"""UpdateEndpoint and what follows it, call by call, against botocore's stub of SageMaker and CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber

from pipeline.clients import sagemaker_client
from pipeline.errors import PipelineError
from pipeline.releases import rollout

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/memotion"
ALARMS = [
    f"memotion-{container}-{what}"
    for container in ("image-classification", "blazingtext")
    for what in ("5xx", "latency")
]


class Stubbed:
    """A session of one client a service, each with its stubber; nothing goes over the network."""

    def __init__(self) -> None:
        session = boto3.Session("key", "secret", region_name="us-east-1")
        self.clients = {name: session.client(name) for name in ("sagemaker", "cloudwatch")}
        self.sagemaker, self.cloudwatch = (Stubber(client) for client in self.clients.values())

    def client(self, service: str) -> Any:
        return self.clients[service]

    def described(self, status: str, config: str, instances: int = 2, reason: str = "") -> None:
        """The next answer to DescribeEndpoint."""
        variant = {"VariantName": "AllTraffic", "CurrentInstanceCount": instances}
        answer = {
            "EndpointName": "memotion",
            "EndpointArn": ARN,
            "EndpointConfigName": config,
            "EndpointStatus": status,
            "ProductionVariants": [variant],
            "CreationTime": datetime.now(UTC),
            "LastModifiedTime": datetime.now(UTC),
        }
        self.sagemaker.add_response(
            "describe_endpoint",
            {**answer, **({"FailureReason": reason} if reason else {})},
            {"EndpointName": "memotion"},
        )

    def alarms(self, *names: str) -> None:
        containers = [
            {"ContainerHostname": hostname, "Image": "image"} for hostname in ("image-classification", "blazingtext")
        ]
        model = {
            "ModelName": "memotion-v2",
            "Containers": containers,
            "ModelArn": ARN,
            "CreationTime": datetime.now(UTC),
        }
        self.sagemaker.add_response("describe_model", model, {"ModelName": "memotion-v2"})
        found = [{"AlarmName": name, "StateValue": "OK"} for name in names]
        self.cloudwatch.add_response("describe_alarms", {"MetricAlarms": found}, {"AlarmNames": ALARMS})


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubbed]:
    stubs = Stubbed()
    monkeypatch.setattr(rollout, "SHORTEST_PAUSE", 0.0)
    with stubs.sagemaker, stubs.cloudwatch:
        yield stubs
        stubs.sagemaker.assert_no_pending_responses()
        stubs.cloudwatch.assert_no_pending_responses()


def policy(routing: dict[str, Any]) -> dict[str, Any]:
    return {
        "TrafficRoutingConfiguration": routing,
        "TerminationWaitInSeconds": 300,
        "MaximumExecutionTimeoutInSeconds": 3600,
    }


CANARY = {
    "Type": "CANARY",
    "WaitIntervalInSeconds": 300,
    "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
}
AT_ONCE = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}


@pytest.mark.parametrize(("instances", "routing"), [(1, AT_ONCE), (2, CANARY), (5, CANARY)])
def test_traffic_is_shifted_by_a_canary_from_two_instances_on(
    stubbed: Stubbed, instances: int, routing: dict[str, Any]
) -> None:
    stubbed.described("InService", "memotion-v1", instances)
    stubbed.alarms(*ALARMS)
    request = {
        "EndpointName": "memotion",
        "EndpointConfigName": "memotion-v2",
        "RetainAllVariantProperties": True,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": policy(routing),
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in ALARMS]},
        },
    }
    stubbed.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, request)
    rollout.update(stubbed, "memotion", "memotion-v2", lambda _: None)


def test_without_alarms_the_service_is_asked_to_watch_none(stubbed: Stubbed) -> None:
    stubbed.described("InService", "memotion-v1", 1)
    stubbed.alarms()
    request = {
        "EndpointName": "memotion",
        "EndpointConfigName": "memotion-v2",
        "RetainAllVariantProperties": True,
        "DeploymentConfig": {"BlueGreenUpdatePolicy": policy(AT_ONCE)},
    }
    stubbed.sagemaker.add_response("update_endpoint", {"EndpointArn": ARN}, request)
    rollout.update(stubbed, "memotion", "memotion-v2", lambda _: None)


def test_an_alarm_that_turns_it_back_is_told_with_the_services_reason(stubbed: Stubbed) -> None:
    announced: list[str] = []
    stubbed.described("Updating", "memotion-v1")
    stubbed.described("RollingBack", "memotion-v1")
    stubbed.described("InService", "memotion-v1", reason="alarm memotion-blazingtext-5xx is in ALARM")
    answer = rollout.settled(stubbed, "memotion", announced.append)
    assert announced == ["memotion: Updating", "memotion: RollingBack", "memotion: InService"]
    sentence = (
        r"memotion did not go over to memotion-v2: it is InService with memotion-v1 "
        r"\(alarm memotion-blazingtext-5xx is in ALARM\)"
    )
    with pytest.raises(PipelineError, match=sentence):
        rollout.require(answer, "memotion-v2")


def test_throttling_while_it_is_watched_is_outlasted(stubbed: Stubbed) -> None:
    announced: list[str] = []
    stubbed.described("Updating", "memotion-v1")
    stubbed.sagemaker.add_client_error("describe_endpoint", "ThrottlingException", "Rate exceeded", 400)
    stubbed.sagemaker.add_client_error("describe_endpoint", "InternalFailure", "", 500)
    stubbed.sagemaker.add_client_error("describe_endpoint", "InternalFailure", "", 500)
    stubbed.described("InService", "memotion-v2")
    assert rollout.settled(stubbed, "memotion", announced.append)["EndpointConfigName"] == "memotion-v2"
    assert announced == [
        "memotion: Updating",
        "DescribeEndpoint was refused: Rate exceeded (ThrottlingException); trying again",
        "DescribeEndpoint was refused: InternalFailure; trying again",
        "memotion: InService",
    ]


def test_what_is_refused_for_good_is_not_tried_again(stubbed: Stubbed) -> None:
    stubbed.sagemaker.add_client_error("describe_endpoint", "AccessDeniedException", "not you", 403)
    with pytest.raises(stubbed.client("sagemaker").exceptions.ClientError, match="not you"):
        rollout.settled(stubbed, "memotion", lambda _: None)


class Raw:
    """The body of an answer, as botocore reads it from a connection."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self) -> Iterator[bytes]:
        yield self.content


def test_a_throttled_call_is_made_again_with_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stub answers above botocore's retries: this one answers below them, in place of the network."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    session = boto3.Session("key", "secret", region_name="us-east-1")
    throttled = AWSResponse("", 400, {}, Raw(b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'))
    updated = AWSResponse("", 200, {}, Raw(f'{{"EndpointArn": "{ARN}"}}'.encode()))
    answers = iter([throttled, throttled, updated])
    session.events.register("before-send.sagemaker.UpdateEndpoint", lambda **_: next(answers))
    request = {"EndpointName": "memotion", "EndpointConfigName": "memotion-v2"}
    assert sagemaker_client(session).update_endpoint(**request)["EndpointArn"] == ARN
    assert len(slept) == 2
