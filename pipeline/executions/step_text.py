"""How a step reads, in a table and on a page: when, how long, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.executions.executions import identifier

Answer = Mapping[str, Any]


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
    return f"{words} {identifier(arn)}" if arn else ""
