"""CloudWatch metrics from what containers count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import Cloud
from localcloud.services.cloudwatch import metrics

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 2, tzinfo=UTC)
VARIANT = [{"Name": "EndpointName", "Value": "memotion"}, {"Name": "VariantName", "Value": "AllTraffic"}]
TEXT = [*VARIANT, {"Name": "ContainerName", "Value": "blazingtext"}]


@pytest.fixture
def cloudwatch(session: boto3.Session, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An endpoint of two containers: in its first minute three requests of the text, in the third one of each."""
    requests = [
        (10, "blazingtext", 200, 1.0),
        (20, "blazingtext", 400, 3.0),
        (59, "blazingtext", 503, 8.0),
        (121, "blazingtext", 200, 2.0),
        (122, "image-classification", 200, 60.0),
    ]
    for second, container, status, milliseconds in requests:
        monkeypatch.setattr(metrics.time, "time", lambda second=second: START.timestamp() + second)
        metrics.count_invocation(cloud, "memotion", "AllTraffic", container, status=status, milliseconds=milliseconds)
    return session.client("cloudwatch")


def series(cloudwatch: Any, metric: str, stat: str, dimensions: Any = TEXT, period: int = 60, **more: Any) -> list[Any]:
    query = {
        "Id": "q",
        "MetricStat": {
            "Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions},
            "Period": period,
            "Stat": stat,
        },
    }
    answer = cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=START, EndTime=END, **more)
    (result,) = answer["MetricDataResults"]
    assert result["StatusCode"] == "Complete"
    return [
        (int(moment.timestamp() - START.timestamp()), value)
        for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
    ]


@pytest.mark.parametrize(
    ("metric", "stat", "expected"),
    [
        ("Invocations", "Sum", [(120, 1), (0, 3)]),
        ("Invocation4XXErrors", "Sum", [(120, 0), (0, 1)]),
        ("Invocation4XXErrors", "Average", [(120, 0), (0, 1 / 3)]),
        ("Invocation5XXErrors", "Maximum", [(120, 0), (0, 1)]),
        ("Invocation5XXErrors", "Minimum", [(120, 0), (0, 0)]),
        ("ContainerLatency", "Average", [(120, 2000), (0, 4000)]),
        ("ContainerLatency", "Minimum", [(120, 2000), (0, 1000)]),
        ("ContainerLatency", "Maximum", [(120, 2000), (0, 8000)]),
        ("ContainerLatency", "SampleCount", [(120, 1), (0, 3)]),
    ],
)
def test_each_statistic_of_a_container_newest_minute_first(
    cloudwatch: Any, metric: str, stat: str, expected: list[Any]
) -> None:
    assert series(cloudwatch, metric, stat) == expected


def test_a_variant_sums_up_its_containers_and_a_period_its_minutes(cloudwatch: Any) -> None:
    assert series(cloudwatch, "Invocations", "Sum", VARIANT) == [(120, 2), (0, 3)]
    assert series(cloudwatch, "Invocations", "Sum", VARIANT, period=300) == [(0, 5)]
    assert series(cloudwatch, "ModelLatency", "Average", VARIANT, period=300) == [(0, 74_000 / 5)]
    assert series(cloudwatch, "Invocations", "Sum", ScanBy="TimestampAscending") == [(0, 3), (120, 1)]


def test_a_metric_that_nobody_publishes_has_no_values(cloudwatch: Any) -> None:
    assert series(cloudwatch, "GPUUtilization", "Average") == []
    assert series(cloudwatch, "Invocations", "Sum", VARIANT[:1]) == []


def test_statistics_are_asked_for_one_metric_too(cloudwatch: Any) -> None:
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="ContainerLatency",
        Dimensions=TEXT,
        StartTime=START,
        EndTime=END,
        Period=3600,
        Statistics=["Sum", "Average"],
    )
    (point,) = answer["Datapoints"]
    assert (point["Sum"], point["Average"], point["Unit"], point["Timestamp"]) == (14_000, 3500, "Microseconds", START)


def test_what_can_be_asked_for_is_listed(cloudwatch: Any) -> None:
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/SageMaker", Dimensions=TEXT[2:])
    names = [metric["MetricName"] for page in pages for metric in page["Metrics"]]
    assert names == ["Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "ContainerLatency"]
    assert cloudwatch.list_metrics(Namespace="AWS/EC2")["Metrics"] == []
    assert len(cloudwatch.list_metrics(MetricName="Invocations")["Metrics"]) == 3


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"Expression": "a / b"}, "expressions are not computed here"),
        (
            {
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": TEXT},
                    "Period": 60,
                    "Stat": "p99",
                }
            },
            "the statistic p99 is not kept here; ask for one of Sum",
        ),
        (
            {
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": TEXT},
                    "Period": 10,
                    "Stat": "Sum",
                }
            },
            "a multiple of 60",
        ),
    ],
)
def test_what_is_not_kept_is_refused(cloudwatch: Any, query: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "q", **query}], StartTime=START, EndTime=END)
