"""How a step reads, in a table and on a page: when, how long, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.executions import step_progress
from pipeline.executions.executions import identifier

Answer = Mapping[str, Any]
# The SecondaryStatus of a training that has no instance (yet), in words.
WAITING = {
    "Starting": "waits for",
    "LaunchingMLInstances": "waits for",
    "Pending": "waits for",
    "PreparingTrainingStack": "prepares",
    "Interrupted": "was interrupted, waits for",
}
LONG_SECONDS = 15 * 60
CURE = (
    "`python pipeline.py doctor` shows what can be had; to go on, `python pipeline.py stop`, then start with another "
    "instance type by -p"
)


def took(step: Answer, now: datetime | None = None) -> str:
    """How long a step took, or has taken until now: `0:07`, `1:02:03`; empty where it has not begun."""
    start = step.get("StartTime")
    if start is None:
        return ""
    end = step.get("EndTime") or now or datetime.now(UTC)
    minutes, seconds = divmod(max(0, int((end - start).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def phase(step: Answer, now: datetime | None = None) -> tuple[str, bool]:
    """What a training that is under way does, and whether it has waited for an instance for long; empty for others."""
    secondary = str(step.get("Metadata", {}).get("TrainingJob", {}).get("SecondaryStatus", ""))
    if step["StepStatus"] != "Executing":
        return "", False
    return secondary, secondary in WAITING and _waited(step, now) >= LONG_SECONDS


def note(step: Answer, now: datetime | None = None) -> str:
    """What is special about a step: taken from the cache or another execution, tried again, failed, which branch.

    Of a training also whether it runs or waits for an instance, and after a while what to do.
    """
    metadata = step.get("Metadata", {})
    notes = [
        _source("cached, from", step.get("CacheHitResult")),
        _source("reused, from", step.get("SelectiveExecutionResult")),
        f"attempt {step['AttemptCount']}" if step.get("AttemptCount", 0) > 1 else "",
        f"outcome {metadata['Condition']['Outcome']}" if metadata.get("Condition", {}).get("Outcome") else "",
        _training(step, now),
        progress(step),
        step.get("FailureReason") or metadata.get("Fail", {}).get("ErrorMessage", ""),
    ]
    return "; ".join(part for part in notes if part)


def progress(step: Answer) -> str:
    """How far a step is that is under way, as `epoch 7 of 20`; empty where its log does not tell."""
    return str(step.get("Metadata", {}).get(step_progress.PROGRESS, ""))


def _training(step: Answer, now: datetime | None) -> str:
    """What a training does: `Training`; or that it waits, and for how long it should."""
    secondary, is_long = phase(step, now)
    if secondary not in WAITING:
        return secondary
    job = step["Metadata"]["TrainingJob"]
    instance = job.get("ResourceConfig", {}).get("InstanceType", "an instance")
    spot = "spot capacity of " if job.get("EnableManagedSpotTraining") else ""
    waiting = f"{WAITING[secondary]} {spot}{instance} ({secondary})"
    if not is_long:
        return waiting
    without = " or without spot (MEMOTION_IMAGE_TRAINING_SPOT=false, then upsert)" if spot else ""
    return f"{waiting} for {_waited(step, now) // 60:.0f} min: {CURE}{without}"


def _waited(step: Answer, now: datetime | None) -> float:
    """Return the seconds since the training's present status began, since the step did where that is not said."""
    transitions = step["Metadata"]["TrainingJob"].get("SecondaryStatusTransitions") or [{}]
    since = transitions[-1].get("StartTime") or step.get("StartTime")
    return ((now or datetime.now(UTC)) - since).total_seconds() if since else 0.0


def moment(time: datetime | None) -> str:
    """In the reader's own time zone."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z") if time else ""


def _source(words: str, result: Answer | None) -> str:
    arn = (result or {}).get("SourcePipelineExecutionArn")
    return f"{words} {identifier(arn)}" if arn else ""
