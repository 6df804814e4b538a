"""The alarms watch the containers that the definition makes; what scales is the variant that it names."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from pipeline.definition.settings import load_settings
from pipeline.releases import rollout


def test_errors_and_latency_of_each_container_have_an_alarm(stack: Callable[..., Any], steps: dict[str, Any]) -> None:
    hosts = [container["ContainerHostname"] for container in steps["CreateEnsembleModel"]["Arguments"]["Containers"]]
    (variant,) = steps["ConfigureEndpoint"]["Arguments"]["ProductionVariants"]
    endpoint = load_settings().endpoint_name
    expected = {
        (endpoint, variant["VariantName"], host, metric)
        for host, metric in itertools.product(hosts, ("Invocation5XXErrors", "ContainerLatency"))
    }
    watched_metrics = {watched(alarm) for alarm in stack("alarms").of_type("AWS::CloudWatch::Alarm")}
    assert watched_metrics == expected


def watched(alarm: dict[str, Any]) -> tuple[str, str, str, str]:
    assert alarm["Namespace"] == "AWS/SageMaker"
    dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
    assert dimensions.keys() == {"EndpointName", "VariantName", "ContainerName"}
    return (*dimensions.values(), alarm["MetricName"])


def test_an_endpoint_that_nobody_asks_anything_raises_no_alarm(stack: Callable[..., Any]) -> None:
    alarms = stack("alarms").of_type("AWS::CloudWatch::Alarm")
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}


def test_a_deployment_waits_until_an_alarm_can_have_rung(stack: Callable[..., Any]) -> None:
    """A minute's figures come up to a minute after it."""
    for instances in (1, 2):
        policy = rollout.deployment(instances, [])["BlueGreenUpdatePolicy"]
        waits = policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"], policy["TerminationWaitInSeconds"]
        assert policy["MaximumExecutionTimeoutInSeconds"] > sum(waits)
        for alarm in stack("alarms").of_type("AWS::CloudWatch::Alarm"):
            assert min(waits) >= alarm["Period"] * (alarm["EvaluationPeriods"] + 1)


def test_alarms_tell_the_topic_of_the_notices(stack: Callable[..., Any]) -> None:
    (topic,) = stack("notices").of_type("AWS::SNS::Topic")
    for alarm in stack("alarms").of_type("AWS::CloudWatch::Alarm"):
        assert alarm["AlarmActions"] == [f"arn:aws:sns:us-east-1:123456789012:{topic['TopicName']}"]


def test_scaling_follows_the_cpu_of_the_production_variant(stack: Callable[..., Any], steps: dict[str, Any]) -> None:
    scaling = stack("scaling")
    (target,) = scaling.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    (policy,) = scaling.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    (variant,) = steps["ConfigureEndpoint"]["Arguments"]["ProductionVariants"]
    endpoint = load_settings().endpoint_name
    metric = policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert target["ResourceId"] == f"endpoint/{endpoint}/variant/{variant['VariantName']}"
    assert metric["MetricName"] == "CPUUtilization"
    assert {each["Value"] for each in metric["Dimensions"]} == {endpoint, variant["VariantName"]}
