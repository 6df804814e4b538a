"""Another config for an endpoint that serves: traffic shifting, alarms that turn it back, and the wait for its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.aws_errors import FROM_AWS, is_transient, sentence
from pipeline.clients import sagemaker_client
from pipeline.errors import PipelineError, RefusedError
from pipeline.releases import endpoints

if TYPE_CHECKING:
    from boto3 import Session

Say = Callable[[str], None]
Sleep = Callable[[float], None]

WATCHED = ("5xx", "latency")
CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack")
# How long alarms watch before the next shift of traffic, and again before the instances that served are given up.
BAKING_SECONDS = 300
LONGEST_SECONDS = 3600
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 15.0


def update(session: Session, endpoint: str, config: str, say: Say) -> None:
    """Ask for another config, shifting traffic by a canary where there are instances for it. Does not wait."""
    described = endpoints.describe(session, endpoint) or {}
    instances = sum(variant["CurrentInstanceCount"] for variant in described.get("ProductionVariants", ()))
    alarms = list(_alarms(session, endpoint, _hostnames(session, config), say))
    say(f"updating {endpoint} to {config}: {_how(instances)}; {len(alarms) or 'no'} alarms watch it")
    request: dict[str, Any] = {
        "EndpointName": endpoint,
        "EndpointConfigName": config,
        "RetainAllVariantProperties": True,
        "DeploymentConfig": deployment(instances, alarms),
    }
    sagemaker_client(session).update_endpoint(**request)


def deployment(instances: int, alarms: list[str]) -> dict[str, Any]:
    """The DeploymentConfig: a canary takes at most half of the instances, so one alone is replaced at once."""
    routing: dict[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": BAKING_SECONDS}
    if instances > 1:
        routing |= {"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}}
    config: dict[str, Any] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": BAKING_SECONDS,
            "MaximumExecutionTimeoutInSeconds": LONGEST_SECONDS,
        }
    }
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return config


def settled(session: Session, endpoint: str, say: Say, sleep: Sleep = time.sleep) -> Mapping[str, Any]:
    """Wait until the endpoint changes no more; DescribeEndpoint's answer. A lost connection is outlasted.

    Raises RefusedError where the endpoint is not there.
    """
    announced = ""
    began = time.monotonic()
    while True:
        seen, answer = _seen(session, endpoint)
        if seen != announced:
            say(seen)
            announced = seen
        if answer and answer["EndpointStatus"] not in CHANGING:
            return answer
        sleep(min(LONGEST_PAUSE, max(SHORTEST_PAUSE, (time.monotonic() - began) / 20)))


def delete(session: Session, endpoint: str) -> None:
    """Returns once it is gone: until then what it serves is in use, and its name is taken."""
    sagemaker_client(session).delete_endpoint(EndpointName=endpoint)
    until_gone(session, endpoint)


def until_gone(session: Session, endpoint: str) -> None:
    sagemaker_client(session).get_waiter("endpoint_deleted").wait(EndpointName=endpoint)


def require(answer: Mapping[str, Any], config: str) -> None:
    """Raises PipelineError where the endpoint did not end up serving `config`."""
    if answer["EndpointStatus"] == "InService" and answer["EndpointConfigName"] == config:
        return
    reason = answer.get("FailureReason", "the service gives no reason")
    raise PipelineError(
        f"{answer['EndpointName']} did not go over to {config}: it is {answer['EndpointStatus']} with "
        f"{answer['EndpointConfigName']} ({reason})"
    )


def _seen(session: Session, endpoint: str) -> tuple[str, Mapping[str, Any]]:
    """What there is to say of the endpoint, and DescribeEndpoint's answer; empty where none came this time."""
    try:
        answer = endpoints.describe(session, endpoint)
    except FROM_AWS as error:
        if not is_transient(error):
            raise
        return f"{sentence(error)}; trying again", {}
    if answer is None:
        raise RefusedError(f"there is no endpoint {endpoint!r}: `python pipeline.py deploy` creates it")
    return f"{endpoint}: {answer['EndpointStatus']}", answer


def _hostnames(session: Session, config: str) -> list[str]:
    """The containers of what will serve: a model is called as its config is."""
    model = sagemaker_client(session).describe_model(ModelName=config)
    return [container["ContainerHostname"] for container in model.get("Containers", ())]


def _alarms(session: Session, endpoint: str, hostnames: Sequence[str], say: Say) -> Iterator[str]:
    """Those of infra/alarms.yml that are there. One that rings already would turn every update back at once."""
    names = [f"{endpoint}-{hostname}-{watched}" for hostname in hostnames for watched in WATCHED]
    if not names:
        return
    for alarm in session.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]:
        if alarm["StateValue"] == "ALARM":
            say(f"alarm {alarm['AlarmName']} rings already and is not watched: {alarm.get('StateReason', '')}")
        else:
            yield alarm["AlarmName"]


def _how(instances: int) -> str:
    if instances > 1:
        return f"one of {instances} instances first, the others {BAKING_SECONDS} s later"
    return "all at once (a canary needs two instances)"
