"""The records of jobs: what Describe answers, from InProgress to the terminal one, which is written once and last."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from localcloud.cloud import Cloud
from localcloud.errors import ResourceInUse, ResourceNotFound, ServiceError, ValidationException
from localcloud.jobs.command import last_line
from localcloud.processes import ending
from localcloud.state.home import Home
from localcloud.state.lock import is_held
from localcloud.state.store import Record

KINDS = ("ProcessingJob", "TrainingJob", "TransformJob", "HyperParameterTuningJob")
RUNNING = ("InProgress", "Stopping")
MAX_REASON = 1_024

# The processes that this one started, by the ARN of their job: only a parent learns how its child ended.
PROCESSES: dict[str, subprocess.Popen[bytes]] = {}


def lock_file(home: Home, kind: str, name: str) -> Path:
    """The lock that is held as long as a job's process lives."""
    return home.job(kind, f"{name}.lock")


def log_file(home: Home, record: Record) -> Path:
    """The file of the job's log stream, named as the service names it."""
    host = f"algo-1-{round(record.created)}"
    if record.kind == "TransformJob":
        host = f"i-{hashlib.sha256(record.name.encode()).hexdigest()[:17]}"
    return home.log(f"/aws/sagemaker/{record.kind}s", f"{record.name}/{host}")


def current(cloud: Cloud, kind: str, name: str) -> Record:
    """A job's record; one whose process is gone is marked Failed first.

    Raises ResourceNotFound; for a training job the ValidationException that the service was reported to answer.
    """
    record = cloud.store.find(kind, name)
    if record is None:
        raise _unknown(kind, name)
    if record.status not in RUNNING or is_held(lock_file(cloud.home, kind, name)):
        return record
    with suppress(ResourceInUse):  # it ended well between our two looks
        reason = f"InternalServerError: the job's process {_end_of(record)} before it had a result"
        reason += f"; its last words: {last_line(log_file(cloud.home, record))}"
        end(cloud, record, "Failed", {"FailureReason": reason})
    return cloud.store.get(kind, name)


def _unknown(kind: str, name: str) -> ServiceError:
    if kind == "TrainingJob":
        return ValidationException("Requested resource not found.")
    return ResourceNotFound(f"{kind} {name!r} does not exist")


def begin(cloud: Cloud, record: Record) -> None:
    """Note that the job's work begins now."""
    now = time.time()
    changes: dict[str, Any] = {f"{_work(record.kind)}StartTime": now, "LastModifiedTime": now}
    if record.kind == "TrainingJob":
        changes |= {"SecondaryStatus": "Training"}
    cloud.store.change(record.kind, record.name, changes, expected=RUNNING)


def end(cloud: Cloud, record: Record, status: str, changes: Mapping[str, Any]) -> None:
    """Write the terminal record. Raises ResourceInUse where it has one."""
    now = time.time()
    work = _work(record.kind)
    members = {f"{record.kind}Status": status, f"{work}EndTime": now, "LastModifiedTime": now, **changes}
    if "FailureReason" in members:
        members["FailureReason"] = members["FailureReason"][:MAX_REASON]
    if record.kind == "TrainingJob":
        seconds = max(round(now - record.created), 1)
        members = {
            "SecondaryStatus": status,
            "TrainingTimeInSeconds": seconds,
            "BillableTimeInSeconds": seconds,
            **members,
        }
    cloud.store.change(record.kind, record.name, members, status=status, expected=RUNNING)


def _work(kind: str) -> str:
    """`Training` of `TrainingJob`, as the names of its times begin."""
    return kind.removesuffix("Job")


def _end_of(record: Record) -> str:
    process = PROCESSES.get(record.arn)
    if process is None:
        return "ended"
    with suppress(subprocess.TimeoutExpired):
        return ending(process.wait(1))
    return "ended"
