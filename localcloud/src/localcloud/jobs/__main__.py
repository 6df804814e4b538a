"""`python -m localcloud.jobs KIND NAME`: do one job that is recorded InProgress, and write its terminal record.

Whoever starts it hands it the lock of the job. Where its standard input is a pipe, the job ends when that closes: who
started it is gone.
"""

from __future__ import annotations

import importlib
import os
import select
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from localcloud.cloud import Cloud
from localcloud.errors import JobFailed
from localcloud.jobs.context import JobContext, JobEnded
from localcloud.jobs.records import begin, end, log_file
from localcloud.jobs.training.metrics import final_metrics
from localcloud.state.home import Home

MODULES = {
    "ProcessingJob": "localcloud.jobs.processing",
    "TrainingJob": "localcloud.jobs.training.job",
    "TransformJob": "localcloud.jobs.transform",
    "HyperParameterTuningJob": "localcloud.jobs.tuning",
}
LOOK_SECONDS = 0.2
OVERTIME = "MaxRuntimeExceeded"
GONE = "InternalServerError: the process that started the job ended"


class Supervisor:
    """Watches for what ends a job before its work is done; `why` says what that was."""

    def __init__(self, job: JobContext) -> None:
        self.job = job
        self.why = ""
        seconds = (job.request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds")
        self.deadline = time.monotonic() + seconds if seconds else None

    def start(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.end("Stopped"))
        threading.Thread(target=self._watch, name="watch for the end", daemon=True).start()

    def end(self, why: str) -> None:
        self.why = self.why or why
        self.job.ending.set()

    def _watch(self) -> None:
        tied = stat.S_ISFIFO(os.fstat(0).st_mode)
        while not self.job.ending.is_set():
            if tied and select.select([0], [], [], LOOK_SECONDS)[0]:
                self.end(GONE)
            elif not tied:
                time.sleep(LOOK_SECONDS)
            if self.job.cloud.store.get(self.job.kind, self.job.name).status == "Stopping":
                self.end("Stopped")
            if self.deadline is not None and time.monotonic() > self.deadline:
                self.end(OVERTIME)


def main(kind: str, name: str) -> None:
    cloud = Cloud(Home.find())
    record = cloud.store.get(kind, name)
    job = JobContext(cloud, kind, name, record.body, log_file(cloud.home, record))
    shutil.rmtree(job.folder, ignore_errors=True)  # a deleted job's of the same name
    job.folder.mkdir(parents=True)
    supervisor = Supervisor(job)
    supervisor.start()
    begin(cloud, record)
    status, changes = _outcome(job, supervisor)
    if kind == "TrainingJob":
        metrics = record.body["AlgorithmSpecification"].get("MetricDefinitions") or ()
        changes = {**changes, "FinalMetricDataList": final_metrics(job.log, metrics)}
    end(cloud, record, status, changes)


def _outcome(job: JobContext, supervisor: Supervisor) -> tuple[str, Mapping[str, Any]]:
    """The job's last status, and what its record then says."""
    module = importlib.import_module(MODULES[job.kind])
    try:
        return "Completed", module.run(job)
    except JobFailed as error:
        return "Failed", {"FailureReason": str(error)}
    except JobEnded:
        if supervisor.why == GONE:
            return "Failed", {"FailureReason": GONE}
        if supervisor.why == OVERTIME:
            return "Stopped", {"SecondaryStatus": OVERTIME, "FailureReason": f"{OVERTIME}: it ran longer than it may"}
        return "Stopped", {}


if __name__ == "__main__":
    main(*sys.argv[1:])
