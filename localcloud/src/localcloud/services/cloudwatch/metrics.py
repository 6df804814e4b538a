"""CloudWatch metrics of endpoints, from what their containers count: a row a container and minute.

As SageMaker publishes them for a multi-container endpoint, in the namespace AWS/SageMaker: with the dimensions
EndpointName, VariantName and, for one container, ContainerName. Latencies are microseconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.services.cloudwatch.statistics import Statistics, refused
from localcloud.services.cloudwatch.training_job_metrics import TRAINING_NAMESPACE, training_statistics

NAMESPACE = "AWS/SageMaker"
MINUTE = 60
_COLUMNS = {"EndpointName": "endpoint", "VariantName": "variant", "ContainerName": "container"}
_DIMENSIONS = ({"EndpointName", "VariantName"}, _COLUMNS.keys())
_COUNTS = {
    "Invocations": "invocations",
    "Invocation4XXErrors": "errors_4xx",
    "Invocation5XXErrors": "errors_5xx",
}
_LATENCIES = {"ModelLatency", "ContainerLatency"}


def count_invocation(
    cloud: Cloud, endpoint: str, variant: str, container: str, *, status: int, milliseconds: float
) -> None:
    """Count one request that a container answered with this HTTP status, in this time."""
    minute = int(time.time()) // MINUTE * MINUTE
    with cloud.store.write() as connection:
        connection.execute(
            """
            INSERT INTO endpoint_metrics
            VALUES (:endpoint, :variant, :container, :minute, 1, :bad, :failed, :ms, :ms, :ms)
            ON CONFLICT DO UPDATE SET
                invocations = invocations + 1,
                errors_4xx = errors_4xx + excluded.errors_4xx,
                errors_5xx = errors_5xx + excluded.errors_5xx,
                latency_sum_ms = latency_sum_ms + excluded.latency_sum_ms,
                latency_min_ms = min(latency_min_ms, excluded.latency_min_ms),
                latency_max_ms = max(latency_max_ms, excluded.latency_max_ms)
            """,
            {
                "endpoint": endpoint,
                "variant": variant,
                "container": container,
                "minute": minute,
                "bad": 400 <= status < 500,
                "failed": status >= 500,
                "ms": milliseconds,
            },
        )


@operation("cloudwatch", "GetMetricData")
def get_metric_data(cloud: Cloud, request: Request) -> Answer:
    """Newest first, as the service answers unless asked otherwise."""
    is_descending = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in request["MetricDataQueries"]:
        if "MetricStat" not in query:
            raise refused(f"query {query['Id']!r}: expressions are not computed here; ask for a MetricStat")
        stat = query["MetricStat"]
        datapoints = _statistics(cloud, stat["Metric"], stat["Period"], request["StartTime"], request["EndTime"])
        datapoints.sort(key=lambda statistics: statistics.start, reverse=is_descending)
        if query.get("ReturnData", True):
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", stat["Metric"]["MetricName"]),
                    "Timestamps": [statistics.start for statistics in datapoints],
                    "Values": [statistics.value(stat["Stat"]) for statistics in datapoints],
                    "StatusCode": "Complete",
                }
            )
    return {"MetricDataResults": results, "Messages": []}


@operation("cloudwatch", "GetMetricStatistics")
def get_metric_statistics(cloud: Cloud, request: Request) -> Answer:
    if "ExtendedStatistics" in request:
        raise refused("percentiles are not kept here; ask for Statistics")
    datapoints = _statistics(cloud, request, request["Period"], request["StartTime"], request["EndTime"])
    unit = "Microseconds" if request["MetricName"] in _LATENCIES else "None"
    return {
        "Label": request["MetricName"],
        "Datapoints": [
            {
                "Timestamp": statistics.start,
                "Unit": unit,
                **{name: statistics.value(name) for name in request.get("Statistics", [])},
            }
            for statistics in datapoints
        ],
    }


@operation("cloudwatch", "ListMetrics")
def list_metrics(cloud: Cloud, request: Request) -> Answer:
    filters = {(dimension["Name"], dimension.get("Value")) for dimension in request.get("Dimensions", [])}
    metrics = [
        {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
        for dimensions in _dimensions(cloud)
        for metric in _metrics(dimensions)
        if request.get("Namespace") in {None, NAMESPACE}
        and request.get("MetricName") in {None, metric}
        and all(_has(dimensions, name, value) for name, value in filters)
    ]
    return {"Metrics": metrics}


def _dimensions(cloud: Cloud) -> Iterable[list[dict[str, str]]]:
    """Every variant's, then each of its containers'."""
    with cloud.store.read() as connection:
        rows = connection.execute("SELECT DISTINCT endpoint, variant, container FROM endpoint_metrics").fetchall()
    containers = [[{"Name": name, "Value": row[column]} for name, column in _COLUMNS.items()] for row in rows]
    variants = {tuple(pair["Value"] for pair in pairs[:2]): pairs[:2] for pairs in containers}
    return [*variants.values(), *containers]


def _metrics(dimensions: list[dict[str, str]]) -> list[str]:
    return [*_COUNTS, "ContainerLatency" if len(dimensions) == len(_COLUMNS) else "ModelLatency"]


def _has(dimensions: list[dict[str, str]], name: str, value: str | None) -> bool:
    return any(pair["Name"] == name and value in {None, pair["Value"]} for pair in dimensions)


def _statistics(cloud: Cloud, metric: Mapping[str, Any], period: int, start: float, end: float) -> list[Statistics]:
    """Of each period that has any; none for a metric that nobody publishes here."""
    if metric["Namespace"] == TRAINING_NAMESPACE:
        return training_statistics(cloud, metric, period, start, end)
    dimensions = {pair["Name"]: pair["Value"] for pair in metric.get("Dimensions", [])}
    name, is_ours = metric["MetricName"], metric["Namespace"] == NAMESPACE and dimensions.keys() in _DIMENSIONS
    if period % MINUTE or period <= 0:
        raise refused(f"Period is a multiple of {MINUTE} seconds, not {period}")
    if not is_ours or name not in _COUNTS.keys() | _LATENCIES:
        return []
    where = " AND ".join(["minute >= ?", "minute < ?", *(f"{_COLUMNS[name]} = ?" for name in dimensions)])
    with cloud.store.read() as connection:
        rows = connection.execute(
            f"SELECT minute / ? * ? AS start, {_aggregates(name)} FROM endpoint_metrics"  # noqa: S608 - our own names
            f" WHERE {where} GROUP BY 1 ORDER BY 1",
            (period, period, start // period * period, end, *dimensions.values()),
        )
        return [Statistics(*row) for row in rows]


def _aggregates(metric: str) -> str:
    """Sum, number, least and greatest of what the metric's samples are: one an invocation."""
    if metric in _LATENCIES:
        return "sum(latency_sum_ms) * 1000, sum(invocations), min(latency_min_ms) * 1000, max(latency_max_ms) * 1000"
    count = _COUNTS[metric]
    return f"sum({count}), sum(invocations), min({count} = invocations), max({count} > 0)"
