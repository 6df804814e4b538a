"""A tuning job: training jobs of one definition, each with other hyperparameters, so many at a time.

What it is to be judged by is the training jobs' last value of a metric; what it found is computed of their records.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.dispatch import dispatch
from localcloud.errors import JobFailed, ServiceError, ValidationException
from localcloud.jobs.context import JobContext
from localcloud.jobs.ranges import candidates
from localcloud.services.listing import page
from localcloud.state.store import Record

KIND = "HyperParameterTuningJob"
CONFIG, DEFINITION, SUMMARIES = f"{KIND}Config", "TrainingJobDefinition", "TrainingJobSummaries"
LOOK_SECONDS = 0.1
RUNNING = {"InProgress", "Stopping"}
# What of a definition is the tuning's, not each training's.
_OF_TUNING = {
    *("DefinitionName", "TuningObjective", "HyperParameterRanges", "StaticHyperParameters"),
    "HyperParameterTuningResourceConfig",
}


def run(job: JobContext) -> dict[str, Any]:
    """Answers nothing beyond the request. Raises JobFailed and JobEnded."""
    job = replace(job, cloud=Cloud(job.cloud.home, ends_with_process=True))  # and so do the trainings
    limits = job.request[CONFIG]["ResourceLimits"]
    waiting = list(islice(candidates(job.request[CONFIG], job.name), limits.get("MaxNumberOfTrainingJobs", 1)))
    try:
        for number, values in enumerate(waiting, 1):
            while len(_unended(job)) >= limits["MaxParallelTrainingJobs"]:
                _wait(job)
            _start(job, number, values)
        while _unended(job):
            _wait(job)
    finally:
        _stop_all(job)
    if not any(record.status == "Completed" for record in trainings(job.cloud, job.request[f"{KIND}Arn"])):
        raise JobFailed(
            "ClientError: All training jobs failed. Look at the training jobs' reasons to get more details."
        )
    return {}


def _start(job: JobContext, number: int, values: Mapping[str, str]) -> None:
    unique = hashlib.sha256(f"{job.name}/{number}".encode()).hexdigest()[:8]
    name = f"{job.name}-{number:03d}-{unique}"
    request = training_request(job.request, name, values)
    try:
        dispatch(job.cloud, "sagemaker", "CreateTrainingJob", request)
    except ServiceError as error:
        raise JobFailed(f"ClientError: {name} cannot be created: {error.message}") from None
    changes = {"TuningJobArn": job.request[f"{KIND}Arn"], "TunedHyperParameters": dict(values)}
    job.cloud.store.change("TrainingJob", name, changes)
    with job.log.open("a") as log:
        log.write(f"{name}: {', '.join(f'{key}={value}' for key, value in values.items())}\n")


def training_request(request: Request, name: str, values: Mapping[str, str]) -> Request:
    """One training of a tuning's request."""
    definition, objective = request[DEFINITION], request[CONFIG][f"{KIND}Objective"]
    given = {member: value for member, value in definition.items() if member not in _OF_TUNING}
    fixed = definition.get("StaticHyperParameters") or {}
    told = {"_tuning_objective_metric": objective["MetricName"]} if _is_told(definition) else {}
    return {**given, "TrainingJobName": name, "HyperParameters": {**fixed, **values, **told}}


def _is_told(definition: Mapping[str, Any]) -> bool:
    """Whether the training's own algorithm reads by what it is judged: XGBoost does."""
    from localcloud.jobs.training.programs import algorithm_of

    algorithm = algorithm_of({**definition, "HyperParameters": definition.get("StaticHyperParameters") or {}})
    return algorithm is not None and algorithm.name == "xgboost"


def _wait(job: JobContext) -> None:
    job.go_on()
    time.sleep(LOOK_SECONDS)


def _unended(job: JobContext) -> list[str]:
    """The trainings that run; one whose process is gone is Failed."""
    found = trainings(job.cloud, job.request[f"{KIND}Arn"])
    names = [record.name for record in found if record.status in RUNNING]
    described = (dispatch(job.cloud, "sagemaker", "DescribeTrainingJob", {"TrainingJobName": name}) for name in names)
    return [each["TrainingJobName"] for each in described if each["TrainingJobStatus"] in RUNNING]


def _stop_all(job: JobContext) -> None:
    for name in _unended(job):
        with suppress(ServiceError):  # it has ended meanwhile
            dispatch(job.cloud, "sagemaker", "StopTrainingJob", {"TrainingJobName": name})


def trainings(cloud: Cloud, arn: str) -> list[Record]:
    """The training jobs of a tuning, in the order in which they were created."""
    found = [record for record in cloud.store.list("TrainingJob") if record.body.get("TuningJobArn") == arn]
    return sorted(found, key=lambda record: record.created)


def described(cloud: Cloud, record: Record) -> Answer:
    """What a tuning's Describe says of its training jobs; the best comes first."""
    found = trainings(cloud, record.arn)
    summaries = _ranked(record, found)
    counts = Counter(each.status for each in found)
    judged = sum("FinalHyperParameterTuningJobObjectiveMetric" in each for each in summaries)
    best = next((each for each in summaries if "FinalHyperParameterTuningJobObjectiveMetric" in each), None)
    return {
        "TrainingJobStatusCounters": {
            "Completed": counts["Completed"],
            "InProgress": counts["InProgress"] + counts["Stopping"],
            "RetryableError": 0,
            "NonRetryableError": counts["Failed"],
            "Stopped": counts["Stopped"],
        },
        "ObjectiveStatusCounters": {
            "Succeeded": judged,
            "Pending": counts["InProgress"] + counts["Stopping"],
            "Failed": len(found) - judged - counts["InProgress"] - counts["Stopping"],
        },
        "BestTrainingJob": best,
        SUMMARIES: summaries,
    }


def _ranked(record: Record, found: list[Record]) -> list[dict[str, Any]]:
    objective = record.body[CONFIG][f"{KIND}Objective"]
    sign = -1 if objective["Type"] == "Maximize" else 1
    summaries = [_summary(each, objective) for each in found]

    def rank(summary: Mapping[str, Any]) -> tuple[bool, float]:
        metric = summary.get("FinalHyperParameterTuningJobObjectiveMetric")
        return metric is None, sign * metric["Value"] if metric else 0.0

    return sorted(summaries, key=rank)


def _summary(record: Record, objective: Mapping[str, str]) -> dict[str, Any]:
    body = record.body
    metrics = {metric["MetricName"]: metric["Value"] for metric in body.get("FinalMetricDataList") or ()}
    summary: dict[str, Any] = {
        "TrainingJobName": record.name,
        "TrainingJobArn": record.arn,
        "CreationTime": body["CreationTime"],
        "TrainingJobStatus": record.status,
        "TunedHyperParameters": body.get("TunedHyperParameters") or {},
        **{name: body[name] for name in ("TrainingStartTime", "TrainingEndTime", "FailureReason") if name in body},
    }
    if objective["MetricName"] in metrics:
        value = {**objective, "Value": metrics[objective["MetricName"]]}
        summary |= {"FinalHyperParameterTuningJobObjectiveMetric": value, "ObjectiveStatus": "Succeeded"}
    return summary


@operation("sagemaker", "ListTrainingJobsForHyperParameterTuningJob")
def list_trainings(cloud: Cloud, request: Request) -> Answer:
    """In the order of their creation, or of what they reached."""
    record = cloud.store.find(KIND, request[f"{KIND}Name"])
    if record is None:
        raise ValidationException(f"the tuning job {request[f'{KIND}Name']!r} does not exist")
    found = [
        each
        for each in _ranked(record, trainings(cloud, record.arn))
        if request.get("StatusEquals") in {None, each["TrainingJobStatus"]}
    ]
    by = request.get("SortBy", "Name")
    if by == "FinalObjectiveMetricValue":
        found = [each for each in found if "FinalHyperParameterTuningJobObjectiveMetric" in each]

    def key(each: Mapping[str, Any]) -> tuple[Any, ...]:
        value: Any = each["TrainingJobName"]
        if by == "FinalObjectiveMetricValue":
            value = each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        elif by in {"CreationTime", "Status"}:
            value = each["TrainingJobStatus" if by == "Status" else "CreationTime"]
        return value, each["TrainingJobName"]

    is_descending = request.get("SortOrder", "Ascending") == "Descending"
    given, token = page(found, request, key, is_descending=is_descending)
    return {SUMMARIES: given, "NextToken": token}
