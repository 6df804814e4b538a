"""Is a definition one that SageMaker would take, and run? Found out offline, as well as what is published allows.

Every finding names a step (empty: the pipeline itself) and the field, a path in the step's own JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pipeline.definition.document import Step, steps
from pipeline.definition.validation.conditions import check_condition, check_failure
from pipeline.definition.validation.finding import Finding, Problem
from pipeline.definition.validation.flow import check_cycle, check_dependencies, check_names
from pipeline.definition.validation.parameters import check_parameters
from pipeline.definition.validation.policies import check_cache, check_retries
from pipeline.definition.validation.processing import check_processing
from pipeline.definition.validation.reading import structure
from pipeline.definition.validation.references import check_functions, check_property_files, check_references
from pipeline.definition.validation.requests import check_counts, check_request, check_tags, check_volume_keys
from pipeline.definition.validation.serving import (
    check_endpoint,
    check_endpoint_config,
    check_model,
    check_package,
)
from pipeline.definition.validation.skeleton import check_skeleton
from pipeline.definition.validation.stand_ins import Surroundings
from pipeline.definition.validation.tracking import check_tracking
from pipeline.definition.validation.training import check_training
from pipeline.definition.validation.transforms import check_transform

__all__ = ["Finding", "validate"]

LONGEST_DEFINITION = 1_048_576
STEP_CHECKS: tuple[Callable[[Step, Surroundings], Iterator[Problem]], ...] = (
    check_references,
    check_functions,
    check_dependencies,
    check_request,
    check_counts,
    check_volume_keys,
    check_tags,
    check_property_files,
    check_retries,
    check_cache,
    check_processing,
    check_training,
    check_transform,
    check_model,
    check_package,
    check_endpoint_config,
    check_endpoint,
    check_condition,
    check_failure,
)


def validate(definition: str | bytes) -> list[Finding]:
    """What is wrong with `definition`, as JSON; nothing is sent anywhere. An empty list: nothing was found."""
    try:
        return list(_findings(definition))
    except RecursionError:
        return [Finding("", "", "the definition is nested more deeply than any request of the service")]


def _findings(definition: str | bytes) -> Iterable[Finding]:
    try:
        text = definition if isinstance(definition, str) else definition.decode("utf-8")
        if len(text) > LONGEST_DEFINITION:
            return [Finding("", "", f"the definition has {len(text)} characters: at most {LONGEST_DEFINITION}")]
        parsed = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        return [Finding("", "", f"the definition is not JSON: {error}")]
    return list(check_skeleton(parsed)) or _check(parsed)


def _refuse(constant: str) -> None:
    raise ValueError(f"it has no {constant}")


def _check(definition: Mapping[str, Any]) -> Iterator[Finding]:
    declared = definition.get("Parameters", [])
    every = tuple(steps(definition))
    yield from check_parameters(declared)
    yield from check_names(every)
    yield from check_cycle(every)
    parameters = {str(each["Name"]): each for each in declared if isinstance(each, Mapping) and "Name" in each}
    experiment = structure(definition, "PipelineExperimentConfig")
    surroundings = Surroundings(parameters, {step.name: step for step in every}, experiment)
    yield from check_tracking(definition, surroundings)
    for step in every:
        yield from dict.fromkeys(
            Finding(step.name, path, message) for check in STEP_CHECKS for path, message in check(step, surroundings)
        )
