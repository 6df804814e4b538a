"""Where a pipeline's executions are kept track of: its experiment and MLflow, which have a training job's shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition.document import references
from pipeline.definition.validation.finding import Finding, Problem
from pipeline.definition.validation.references import missing_target
from pipeline.definition.validation.service import operation
from pipeline.definition.validation.shapes import check_shape
from pipeline.definition.validation.stand_ins import Surroundings

SHAPES = {"PipelineExperimentConfig": "ExperimentConfig", "MlflowConfig": "MlflowConfig"}


def check_tracking(definition: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Finding]:
    for member in SHAPES:
        if definition.get(member) is not None:
            for path, message in _check(definition[member], member, surroundings):
                yield Finding("", path, message)


def _check(given: Any, member: str, surroundings: Surroundings) -> Iterator[Problem]:
    shape = operation("CreateTrainingJob").input_shape.members[SHAPES[member]]
    yield from check_shape(given, shape, member, surroundings)
    for reference in references(given, member):
        if missing := missing_target(reference, surroundings):
            yield reference.path, missing
