"""Where a pipeline's executions are kept track of: its experiment and MLflow, which have a training job's shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.expressions.references import references
from localcloud.definition.finding import Finding, Problem
from localcloud.definition.rules.references import missing_target
from localcloud.service_model.constraints import check_shape
from localcloud.service_model.shapes import operation_model

SHAPES = {"PipelineExperimentConfig": "ExperimentConfig", "MlflowConfig": "MlflowConfig"}


def check_tracking(definition: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    for member in SHAPES:
        if definition.get(member) is not None:
            for path, message in _check(definition[member], member, context):
                yield Finding("", path, message)


def _check(configuration: Any, member: str, context: Context) -> Iterator[Problem]:
    shape = operation_model("sagemaker", "CreateTrainingJob").input_shape.members[SHAPES[member]]
    yield from check_shape(configuration, shape, member, context)
    for reference in references(configuration, member):
        if missing := missing_target(reference, context):
            yield reference.place, missing
