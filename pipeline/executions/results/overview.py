"""What tells executions apart at a glance: how long each took, where it failed, what it scored, on which data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.aws_errors import FROM_AWS
from pipeline.errors import PipelineError
from pipeline.executions import executions, naming
from pipeline.executions.results import report

if TYPE_CHECKING:
    from boto3 import Session

Summary = Mapping[str, Any]
T = TypeVar("T")
THREADS = 8


@dataclass(frozen=True)
class Failing:
    """The step at which an execution failed; `by_gate` where a step was there to say no, and said it."""

    step: str
    by_gate: bool

    @property
    def words(self) -> str:
        return "the gate said no" if self.by_gate else f"failed in {self.step}"


@dataclass(frozen=True)
class Overview:
    """`ended` is None while it runs; `data` is empty where it has none; `figures` are None where it has none (yet)."""

    name: str
    began: datetime | None
    ended: datetime | None
    data: str
    failing: Failing | None
    figures: report.Evaluation | None


def overview(session: Session, arn: str) -> Overview:
    """Raises NotFoundError for an execution that is not there; what cannot be read of it is left out."""
    described = executions.describe(session, arn)
    status = described["PipelineExecutionStatus"]
    ended = None if status in executions.RUNNING else described.get("LastModifiedTime")
    return Overview(
        naming.recorded_name(described),
        described.get("CreationTime"),
        ended,
        naming.data_name(described, _read(lambda: executions.parameters(session, arn)) or {}),
        _read(lambda: failing(session, arn)) if status == "Failed" else None,
        _read(lambda: report.evaluation(session, arn)) if ended else None,
    )


def overviews(session: Session, summaries: Iterable[Summary]) -> list[Overview]:
    """In the order of the summaries; asked for side by side."""
    arns = [str(each["PipelineExecutionArn"]) for each in summaries]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda arn: overview(session, arn), arns))


def failing(session: Session, arn: str) -> Failing | None:
    """Return the first step of an execution that failed; None where none did."""
    for step in executions.steps(session, arn):
        if step["StepStatus"] == "Failed":
            return Failing(str(step["StepName"]), "Fail" in step.get("Metadata", {}))
    return None


def _read(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (PipelineError, *FROM_AWS):
        return None
