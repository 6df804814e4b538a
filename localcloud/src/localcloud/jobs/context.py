"""What the module of a kind of job is given, and what it gives back.

Each kind is a module `localcloud.jobs.{processing,training,transform}` with one function,

    run(job: JobContext) -> dict[str, Any]

that does the whole job: builds `job.ml`, fetches its inputs, works, uploads its outputs. It answers what the job's
Describe says beyond its request once it is completed (`ModelArtifacts`, say), or raises JobFailed with the text of the
FailureReason. It writes no record: `python -m localcloud.jobs` does, last of all.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.cloud import Cloud


class JobEnded(Exception):  # noqa: N818 - as JobFailed
    """The job has to end now: it was stopped, it ran out of its time, or whoever started it is gone."""


@dataclass(frozen=True)
class JobContext:
    """One job.

    `request` is the job's record, that is what Describe answers: its Create request and more. `log` is the file of its
    CloudWatch stream; its folder is there, and lines are appended to it. `ending` is set when the job has to end.
    """

    cloud: Cloud
    kind: str
    name: str
    request: dict[str, Any]
    log: Path
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def folder(self) -> Path:
        """What lies on disk of the job, `HOME/jobs/KIND/NAME`. Empty when a job begins."""
        return self.cloud.home.job(self.kind, self.name)

    @property
    def ml(self) -> Path:
        """The job's /opt/ml."""
        return self.folder / "ml"

    def go_on(self) -> None:
        """To be called between two pieces of work. Raises JobEnded where the job has to end."""
        if self.ending.is_set():
            raise JobEnded(f"{self.kind} {self.name} has to end")
