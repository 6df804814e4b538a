"""What a training reached epoch by epoch: read from its log, and its last metrics as the service has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipeline.executions import executions, jobs, logs

if TYPE_CHECKING:
    from boto3 import Session

# Image Classification's lines, which scripts of one's own write as well: `Epoch[3] Validation-accuracy=0.71`.
EPOCH_METRIC = re.compile(r"Epoch\[(\d+)\] (Train|Validation)-([\w-]+)=(\S+)")
# BlazingText's, where it stops early: `-------------- End of epoch: 4`, then `Validation accuracy: 0.71`.
END_OF_EPOCH = re.compile(r"End of epoch: (\d+)")
VALIDATION_ACCURACY = re.compile(r"^(?:.* )?Validation accuracy: (\S+)")
EPOCHS_TRIED = re.compile(r"(\d+) epochs: validation accuracy (\S+)")

Points = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class LearningCurves:
    """The points (epoch from 1, value) of each metric, such as `validation:accuracy`; `final` its last values."""

    step: str
    curves: Mapping[str, Points]
    final: Mapping[str, float]

    @property
    def epochs(self) -> int:
        """The last epoch of any curve; 0 without one."""
        return max((points[-1][0] for points in self.curves.values()), default=0)

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value to be drawn: 0 and 1 where all lie between them."""
        values = [value for points in self.curves.values() for _, value in points]
        return min([0.0, *values]), max([1.0, *values])


def of_log(lines: Iterable[str], earlier: Mapping[str, Points] = MappingProxyType({})) -> dict[str, Points]:
    """Return the points of each metric that a log tells of, and those that are `earlier` from its beginning.

    Of an epoch that came again, after an interruption, the later value counts.
    """
    curves = {name: dict(points) for name, points in earlier.items()}
    epoch = 0
    for line in lines:
        if end := END_OF_EPOCH.search(line):
            epoch = int(end[1])
        name, at, text = _metric(line, epoch)
        value = _number(text)
        if name and value is not None:
            curves.setdefault(name, {})[at] = value
    return {name: tuple(sorted(points.items())) for name, points in curves.items()}


def of_step(session: Session, step: Mapping[str, Any]) -> LearningCurves | None:
    """Return the curves of a step that trains, as far as it is; None for any other."""
    place = logs.where(session, step) if "TrainingJob" in step.get("Metadata", {}) else None
    if place is None:
        return None
    lines = (str(event["message"]) for event in logs.events(session, *place))
    return LearningCurves(step["StepName"], of_log(lines), jobs.final_metrics(session, step))


def of_execution(session: Session, arn: str) -> list[LearningCurves]:
    """Return the curves of every training of an execution that has some, in the order in which they began."""
    curves = (of_step(session, step) for step in executions.steps(session, arn))
    return [each for each in curves if each is not None and (each.curves or each.final)]


def _metric(line: str, epoch: int) -> tuple[str, int, str]:
    """Return a metric's name, its epoch and its value in text; empty where the line tells of none."""
    if match := EPOCH_METRIC.search(line):
        return f"{match[2].lower()}:{match[3]}", int(match[1]) + 1, match[4]
    if match := EPOCHS_TRIED.search(line):
        return "validation:accuracy", int(match[1]), match[2]
    if epoch and (match := VALIDATION_ACCURACY.search(line)):
        return "validation:accuracy", epoch, match[1]
    return "", 0, ""


def _number(text: str) -> float | None:
    """Return the value; None for what is none, and for NaN and infinity, which cannot be drawn."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
