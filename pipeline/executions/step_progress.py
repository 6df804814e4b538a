"""How far a step is that is under way, by the end of its log: `epoch 7 of 20`, `1,200 of 3,000 pictures`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline.executions import logs

if TYPE_CHECKING:
    from boto3 import Session

Answer = dict[str, Any]
PROGRESS = "Progress"
EPOCH = re.compile(r"Epoch\[(\d+)\]")
END_OF_EPOCH = re.compile(r"End of epoch: (\d+)")
COUNTED = re.compile(r"(?:^|\s)(\d[\d,]*) of (\d[\d,]*) ([a-z]+)")
# The last lines of the log that are looked at.
LINES = 50


def with_progress(session: Session, steps: Sequence[Answer]) -> list[Answer]:
    """Return the steps, those that are under way with how far they are in their Metadata, where their log tells."""
    return [_with_progress(session, step) if step["StepStatus"] == "Executing" else step for step in steps]


def of_log(lines: Iterable[str], epochs: str = "") -> str:
    """Return how far the last line that tells it says that the job is; empty where none does.

    `epochs` is the training's hyperparameter, empty where it has none.

    >>> of_log(["Epoch[6] Train-accuracy=0.5"], "20"), of_log(["1200 of 3000 pictures, 355 a second"])
    ('epoch 7 of 20', '1,200 of 3,000 pictures')
    """
    progress = ""
    for line in lines:
        if match := EPOCH.search(line):
            progress = _epoch(int(match[1]) + 1, epochs)
        elif match := END_OF_EPOCH.search(line):
            progress = _epoch(int(match[1]), epochs)
        elif match := COUNTED.search(line):
            progress = f"{_grouped(match[1])} of {_grouped(match[2])} {match[3]}"
    return progress


def _with_progress(session: Session, step: Answer) -> Answer:
    try:
        place = logs.where(session, step)
        lines = logs.end(session, *place, LINES) if place else []
    except ClientError:  # who may not read the log still sees the step
        return step
    progress = of_log(lines, _epochs(step))
    return {**step, "Metadata": {**step["Metadata"], PROGRESS: progress}} if progress else step


def _epochs(step: Mapping[str, Any]) -> str:
    parameters = step["Metadata"].get("TrainingJob", {}).get("HyperParameters", {})
    return str(parameters.get("epochs", ""))


def _epoch(number: int, epochs: str) -> str:
    return f"epoch {number} of {epochs}" if epochs else f"epoch {number}"


def _grouped(digits: str) -> str:
    return f"{int(digits.replace(',', '')):,}"
