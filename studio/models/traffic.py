"""What an endpoint's containers were asked lately: CloudWatch's own figures, a line a container."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from inference.serving import serving_model
from pipeline.releases.production import VARIANT

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef, MetricTypeDef

HOURS = 24
PERIOD = 3600
# CloudWatch's name, its statistic, and what to do with a value an hour.
METRICS = (
    ("Invocations", "Sum"),
    ("Invocation4XXErrors", "Sum"),
    ("Invocation5XXErrors", "Sum"),
    ("ContainerLatency", "Average"),
)


@dataclass(frozen=True)
class Traffic:
    """Of the last HOURS hours; `latency_ms` is the mean of the hours that had any, None where none had."""

    container: str
    invocations: int
    errors_4xx: int
    errors_5xx: int
    latency_ms: float | None


def traffic(session: Session, endpoint: str, variant: str = VARIANT) -> list[Traffic]:
    """In the order of the containers."""
    hostnames = [each["ContainerHostname"] for each in serving_model(session, endpoint).get("Containers", ())]
    if not hostnames:
        return []
    now = datetime.now(UTC)
    answer = session.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            _query(f"m{row}_{column}", endpoint, variant, hostname, *metric)
            for row, hostname in enumerate(hostnames)
            for column, metric in enumerate(METRICS)
        ],
        StartTime=now - timedelta(hours=HOURS),
        EndTime=now + timedelta(minutes=1),
    )
    values = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    return [_row(hostname, [values.get(f"m{row}_{column}", []) for column in range(len(METRICS))])
            for row, hostname in enumerate(hostnames)]  # fmt: skip


def _query(
    name: str, endpoint: str, variant: str, container: str, metric: str, statistic: str
) -> MetricDataQueryTypeDef:
    dimensions = {"EndpointName": endpoint, "VariantName": variant, "ContainerName": container}
    named: list[DimensionTypeDef] = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    measured: MetricTypeDef = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": named}
    return {"Id": name, "MetricStat": {"Metric": measured, "Period": PERIOD, "Stat": statistic}}


def _row(container: str, values: list[list[float]]) -> Traffic:
    invocations, bad, failed, latency = values
    mean = sum(latency) / len(latency) / 1000 if latency else None
    return Traffic(container, int(sum(invocations)), int(sum(bad)), int(sum(failed)), mean)
