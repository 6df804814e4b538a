"""Why an execution failed: the step, its reason, and the lines of its log that matter."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipeline.executions import executions, logs

if TYPE_CHECKING:
    from boto3 import Session

LINES = 15
# What differs between lines that say the same of one row after another.
ROW = re.compile(r"row \d+ \([^)]*\)")
MOST_ALIKE = 2
TRACEBACK = "Traceback (most recent call last):"
TROUBLE = re.compile(r"\b(error|exception|fatal|critical|failed|killed|out of memory)\b", re.IGNORECASE)


@dataclass(frozen=True)
class FailedStep:
    """`log` is the part of the job's log that explains it; empty where the step writes none."""

    name: str
    reason: str
    log: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Why an execution stands where it stands. `reason` is the execution's own, all there is without a step."""

    arn: str
    status: str
    reason: str | None
    steps: tuple[FailedStep, ...]

    def to_json(self) -> dict[str, Any]:
        steps = [{"StepName": step.name, "FailureReason": step.reason, "Log": step.log} for step in self.steps]
        return {
            "PipelineExecutionArn": self.arn,
            "PipelineExecutionStatus": self.status,
            "FailureReason": self.reason,
            "FailedSteps": steps,
        }


def why(session: Session, arn: str) -> Explanation:
    """Look at every failed step of an execution."""
    state = executions.status(session, arn)
    failed = [step for step in state["PipelineExecutionSteps"] if step["StepStatus"] == "Failed"]
    return Explanation(
        arn,
        state["PipelineExecutionStatus"],
        state["FailureReason"],
        tuple(FailedStep(step["StepName"], _reason(step), _log(session, step)) for step in failed),
    )


def _reason(step: dict[str, Any]) -> str:
    message = step.get("Metadata", {}).get("Fail", {}).get("ErrorMessage")
    return str(step.get("FailureReason") or message or "the service gives no reason")


def _log(session: Session, step: dict[str, Any]) -> tuple[str, ...]:
    place = logs.where(session, step)
    if place is None:
        return ()
    return tuple(telling(event["message"] for event in logs.events(session, *place)))


def telling(lines: Iterable[str]) -> list[str]:
    """The last traceback, else what surrounds the last line that speaks of trouble, else the end; at most LINES lines.

    Reads the log as a stream: of a long one only the end is held.
    """
    end: deque[str] = deque(maxlen=10 * LINES)
    end.extend(line.rstrip() for line in lines)
    tail = grouped(line for line in end if line)
    traces = [number for number, line in enumerate(tail) if line.startswith(TRACEBACK)]
    if traces:
        return _traceback(tail[traces[-1] :])
    troubles = [number for number, line in enumerate(tail) if TROUBLE.search(line)]
    last = troubles[-1] if troubles else len(tail)
    return tail[max(0, last + 3 - LINES) : last + 3]


def grouped(lines: Iterable[str]) -> list[str]:
    """Return the lines; of many that say the same of one row after another, the first and a count."""
    shortened: list[str] = []
    for _, group in groupby(lines, key=lambda line: ROW.sub("row", line)):
        alike = list(group)
        is_long = len(alike) > MOST_ALIKE and ROW.search(alike[0])
        shortened += [alike[0], f"(and {len(alike) - 1} more like it)"] if is_long else alike
    return shortened


def _traceback(lines: Sequence[str]) -> list[str]:
    """From its heading to the line that names the error; the middle of a long one is left out."""
    length = next((i for i, line in enumerate(lines[1:], 2) if not line.startswith((" ", "\t"))), len(lines))
    trace = list(lines[:length])
    return trace if len(trace) <= LINES else [trace[0], "  ...", *trace[-LINES + 2 :]]
