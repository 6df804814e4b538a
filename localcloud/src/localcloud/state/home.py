"""Where the local cloud keeps its state: every path under its home, in one place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "LOCALCLOUD_HOME"
DEFAULT = ".localcloud"


@dataclass(frozen=True)
class Home:
    """The folder of one local cloud.

    state.sqlite3                 records
    buckets/BUCKET/KEY            objects, plain files; `%incoming` beside the buckets holds what is being written
    logs/GROUP/STREAM             CloudWatch logs, plain files (GROUP begins with "/": its first slash is dropped)
    jobs/KIND/NAME/               a job's folder; `ml/` in it is its /opt/ml
    executions/ID/                an execution's lock and the log of its process
    functions/NAME.zip            the code of a function
    endpoints/NAME/               an endpoint's lock, address, containers' folders and the log of its process
    """

    root: Path

    @classmethod
    def find(cls, root: Path | None = None) -> Home:
        """`root`, or what `LOCALCLOUD_HOME` names, or `.localcloud` where the process works; absolute, not made."""
        return cls(Path(root or os.environ.get(VARIABLE) or DEFAULT).absolute())

    @property
    def database(self) -> Path:
        return self.root / "state.sqlite3"

    @property
    def buckets(self) -> Path:
        return self.root / "buckets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def job(self, kind: str, name: str) -> Path:
        return self.root / "jobs" / kind / name

    def execution(self, execution_id: str) -> Path:
        return self.root / "executions" / execution_id

    def endpoint(self, name: str) -> Path:
        return self.root / "endpoints" / name

    def log(self, group: str, stream: str) -> Path:
        """The file of a log stream, say group `/aws/sagemaker/TrainingJobs` and stream `NAME/algo-1-1700000000`."""
        return self.logs / group.lstrip("/") / stream
