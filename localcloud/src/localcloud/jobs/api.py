"""CreateProcessingJob and its like: a job is recorded, and a process of its own does it.

Whoever describes or lists jobs sees them as they are: one whose process is gone is marked Failed first.
"""

from __future__ import annotations

import time

from localcloud.cloud import Answer, Cloud, Handler, Request, operation
from localcloud.errors import ResourceInUse, ValidationException
from localcloud.jobs import tuning
from localcloud.jobs.checks import check
from localcloud.jobs.records import KINDS, PROCESSES, RUNNING, current, lock_file, log_file
from localcloud.jobs.training.metrics import metric_definitions
from localcloud.jobs.training.outputs import model_uri
from localcloud.processes import start
from localcloud.services.resources import list_summaries
from localcloud.services.tags import add_tags
from localcloud.state.lock import hold

_ARNS = {
    "ProcessingJob": "processing-job",
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
    tuning.KIND: "hyper-parameter-tuning-job",
}


def _create(kind: str) -> Handler:
    def create(cloud: Cloud, request: Request) -> Answer:
        check(cloud, kind, request)
        name, now = request[f"{kind}Name"], time.time()
        arn = cloud.arn("sagemaker", f"{_ARNS[kind]}/{name}")
        body = {member: value for member, value in request.items() if member != "Tags"}
        body |= {f"{kind}Arn": arn, f"{kind}Status": "InProgress", "CreationTime": now, "LastModifiedTime": now}
        if kind == "TrainingJob":
            body |= _beginning(request)
        if kind == tuning.KIND:
            body["Strategy"] = request[tuning.CONFIG]["Strategy"]
        # The lock is taken before the record says InProgress, and handed on to the process: it is never free between.
        with hold(lock_file(cloud.home, kind, name)) as lock:
            record = cloud.store.create(kind, name, arn, body, "InProgress")
            add_tags(cloud, arn, request.get("Tags", ()))
            log = log_file(cloud.home, record)
            PROCESSES[arn] = start(
                "localcloud.jobs", [kind, name], cloud.home, log, tied=cloud.ends_with_process, keep=[lock.fileno()]
            )
        return {f"{kind}Arn": arn}

    return create


def _beginning(request: Request) -> Answer:
    """What the service answers of a training job from its start, beyond its request."""
    specification = request["AlgorithmSpecification"]
    metrics = metric_definitions(request)
    return {
        "SecondaryStatus": "Starting",
        "ModelArtifacts": {"S3ModelArtifacts": model_uri(request)},
        "OutputDataConfig": {"KmsKeyId": "", **request["OutputDataConfig"]},
        "AlgorithmSpecification": {**specification, "MetricDefinitions": metrics},
    }


def _describe(kind: str) -> Handler:
    def describe(cloud: Cloud, request: Request) -> Answer:
        record = current(cloud, kind, request[f"{kind}Name"])
        return record.body if kind != tuning.KIND else record.body | tuning.described(cloud, record)

    return describe


def _list(kind: str) -> Handler:
    def list_jobs(cloud: Cloud, request: Request) -> Answer:
        for record in cloud.store.list(kind):
            if record.status in RUNNING:
                current(cloud, kind, record.name)
        return list_summaries(cloud, kind, request)

    return list_jobs


def _stop(kind: str) -> Handler:
    def stop(cloud: Cloud, request: Request) -> Answer:
        record = current(cloud, kind, request[f"{kind}Name"])
        if record.status == "Stopping":
            return {}
        try:
            changes = {f"{kind}Status": "Stopping", "LastModifiedTime": time.time()}
            cloud.store.change(kind, record.name, changes, status="Stopping", expected="InProgress")
        except ResourceInUse as error:
            raise ValidationException(f"it cannot be stopped: {error.message}") from None
        return {}

    return stop


for _kind in KINDS:
    operation("sagemaker", f"Create{_kind}")(_create(_kind))
    operation("sagemaker", f"Describe{_kind}")(_describe(_kind))
    operation("sagemaker", f"List{_kind}s")(_list(_kind))
    operation("sagemaker", f"Stop{_kind}")(_stop(_kind))
