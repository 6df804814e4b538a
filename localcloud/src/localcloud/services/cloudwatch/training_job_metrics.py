"""CloudWatch metrics of training jobs: what a job's MetricDefinitions find in its log, as its log stands now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.cloud import Cloud
from localcloud.jobs.records import log_file
from localcloud.jobs.training.metrics import published
from localcloud.services.cloudwatch.statistics import Statistics, refused

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
_JOB, _MINUTE = "TrainingJobName", 60


def training_statistics(
    cloud: Cloud, metric: Mapping[str, Any], period: int, start: float, end: float
) -> list[Statistics]:
    """Return the statistics of each period that has any, oldest first; none for a job or metric that is unknown."""
    if period <= 0 or period % _MINUTE:
        raise refused(f"Period is a multiple of {_MINUTE} seconds, not {period}")
    job_name = next((pair["Value"] for pair in metric.get("Dimensions", ()) if pair["Name"] == _JOB), None)
    job = cloud.store.find("TrainingJob", job_name) if job_name else None
    log = log_file(cloud.home, job) if job else None
    if job is None or log is None or not log.is_file():
        return []
    periods: dict[int, list[float]] = {}
    for name, value, moment in published(log, job.body["AlgorithmSpecification"].get("MetricDefinitions") or ()):
        begun = int(moment) // period * period
        if name == metric["MetricName"] and start // period * period <= begun < end:
            periods.setdefault(begun, []).append(value)
    return [Statistics.of(begun, values) for begun, values in sorted(periods.items())]
