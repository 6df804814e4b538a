"""The steps of an execution on a line of time: what ran side by side, and where the time went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.executions import step_text

# A step that took no time is seen, too.
THINNEST = 0.004
# From tick to tick, in seconds: what one reads at a glance.
STRIDES = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
MOST_TICKS = 6
Step = Mapping[str, Any]


@dataclass(frozen=True)
class Bar:
    """`left` and `width` in [0, 1] of the whole time; `began` how long after the first one."""

    name: str
    status: str
    left: float
    width: float
    began: str
    took: str


@dataclass(frozen=True)
class Timeline:
    """`ticks` are a few times since the beginning, each with its place in [0, 1]."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]

    def of(self, name: str) -> Bar | None:
        """Return the bar of a step; None where it has not begun."""
        return next((bar for bar in self.bars if bar.name == name), None)


def timeline(steps: Sequence[Step], now: datetime) -> Timeline:
    """In the order in which the steps began; one that has not ended goes on until `now`."""
    started = [step for step in steps if step.get("StartTime")]
    if not started:
        return Timeline((), ())
    begin = min(step["StartTime"] for step in started)
    seconds = max(max((_end(step, now) - begin).total_seconds() for step in started), 1.0)
    bars = tuple(_bar(step, begin, seconds, now) for step in started)
    return Timeline(bars, tuple(_ticks(seconds)))


def _bar(step: Step, begin: datetime, seconds: float, now: datetime) -> Bar:
    after = (step["StartTime"] - begin).total_seconds()
    left = after / seconds
    width = (_end(step, now) - step["StartTime"]).total_seconds() / seconds
    left = min(left, 1 - THINNEST)
    return Bar(
        step["StepName"],
        step["StepStatus"],
        left,
        min(max(width, THINNEST), 1 - left),
        _clock(round(after, 1)),
        step_text.took(step, now),
    )


def _end(step: Step, now: datetime) -> datetime:
    end: datetime = max(step.get("EndTime") or now, step["StartTime"])
    return end


def _ticks(seconds: float) -> Iterator[tuple[float, str]]:
    stride = next((each for each in STRIDES if seconds / each < MOST_TICKS), seconds)
    for tick in range(int(seconds / stride) + 1):
        yield tick * stride / seconds, _clock(tick * stride)


def _clock(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
