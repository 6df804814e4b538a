"""How answers look to a person: a table each. Programs get the answers themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline import executions

COLOURS = {
    "Succeeded": "green",
    "Completed": "green",
    "Approved": "green",
    "InService": "green",
    "Executing": "cyan",
    "Starting": "cyan",
    "Creating": "cyan",
    "Updating": "cyan",
    "PendingManualApproval": "yellow",
    "Stopping": "yellow",
    "Stopped": "yellow",
    "Failed": "red",
    "Rejected": "red",
}
Answer = Mapping[str, Any]


def steps(entries: Sequence[Answer]) -> Table:
    table = _table("STEP", "STATUS", "TOOK", "")
    for step in entries:
        table.add_row(step["StepName"], status(step["StepStatus"]), took(step), note(step))
    return table


def execution_list(summaries: Iterable[Answer]) -> Table:
    table = _table("EXECUTION", "STATUS", "STARTED", "REASON")
    for entry in summaries:
        table.add_row(
            executions.identifier(entry["PipelineExecutionArn"]),
            status(entry["PipelineExecutionStatus"]),
            moment(entry.get("StartTime")),
            entry.get("PipelineExecutionFailureReason", ""),
        )
    return table


def status(word: str) -> Text:
    return Text(word, style=COLOURS.get(word, ""))


def took(step: Answer, now: datetime | None = None) -> str:
    """How long a step took, or has taken until now: `0:07`, `1:02:03`; empty where it has not begun."""
    start = step.get("StartTime")
    if start is None:
        return ""
    end = step.get("EndTime") or now or datetime.now(UTC)
    minutes, seconds = divmod(max(0, int((end - start).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def note(step: Answer) -> str:
    """What is special about a step: taken from the cache or another execution, tried again, failed, which branch."""
    metadata = step.get("Metadata", {})
    notes = [
        _source("cached, from", step.get("CacheHitResult")),
        _source("reused, from", step.get("SelectiveExecutionResult")),
        f"attempt {step['AttemptCount']}" if step.get("AttemptCount", 0) > 1 else "",
        f"outcome {metadata['Condition']['Outcome']}" if metadata.get("Condition", {}).get("Outcome") else "",
        step.get("FailureReason") or metadata.get("Fail", {}).get("ErrorMessage", ""),
    ]
    return "; ".join(part for part in notes if part)


def moment(time: datetime | None) -> str:
    """In the reader's own time zone."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S") if time else ""


def _source(words: str, result: Answer | None) -> str:
    arn = (result or {}).get("SourcePipelineExecutionArn")
    return f"{words} {executions.identifier(arn)}" if arn else ""


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
