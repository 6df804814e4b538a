"""What a training's log says of its metrics, by the job's MetricDefinitions: `{"Name": …, "Regex": "loss: (\\S+)"}`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from localcloud.errors import ValidationException
from localcloud.jobs.training.programs import algorithm_of
from localcloud.services.cloudwatch.log_streams import Stream


def metric_definitions(request: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the metrics of a CreateTrainingJob request: an emulated algorithm's own, else those that it gives.

    Raises ValidationException for an expression that is none, and where an algorithm's own are given anew.
    """
    definitions, algorithm = request["AlgorithmSpecification"].get("MetricDefinitions"), algorithm_of(request)
    if algorithm is not None:
        if definitions:
            raise ValidationException(
                "the metrics of a built-in algorithm are its own; leave MetricDefinitions out of AlgorithmSpecification"
            )
        return [{"Name": name, "Regex": regex} for name, regex in algorithm.metrics.items()]
    for definition in definitions or ():
        try:
            groups = re.compile(definition["Regex"]).groups
        except re.error as error:
            raise ValidationException(f"the Regex of metric {definition['Name']} cannot be read: {error}") from None
        if not groups:
            raise ValidationException(f"the Regex of metric {definition['Name']} has no group that holds the value")
    return [dict(definition) for definition in definitions or ()]


def final_metrics(log: Path, definitions: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return the last value of each metric in a log, as FinalMetricDataList has them; what never came is left out."""
    last = {name: (value, moment) for name, value, moment in published(log, definitions)}
    return [
        {"MetricName": name, "Value": last[name][0], "Timestamp": last[name][1]}
        for name in (definition["Name"] for definition in definitions)
        if name in last
    ]


def published(log: Path, definitions: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, float, float]]:
    """Yield the name, the value and the time, in seconds since 1970, of each metric that a log says, in its order."""
    expressions = {definition["Name"]: re.compile(definition["Regex"]) for definition in definitions}
    for event in Stream(log.name, log).events():
        for name, expression in expressions.items():
            for match in expression.finditer(event.message):
                value = _number(match[1])
                if value is not None:
                    yield name, value, event.time / 1000


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
