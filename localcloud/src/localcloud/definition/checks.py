"""What CreatePipeline and UpdatePipeline refuse: a definition of which some step could never run."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any

from localcloud.definition import conditions, service
from localcloud.definition.kinds import CONDITION, FAIL, KINDS
from localcloud.definition.model import Definition, Step
from localcloud.definition.parameters import bind
from localcloud.definition.references import EXECUTION_VARIABLES, PROPERTY_FILES, Reference, has_expression, references
from localcloud.errors import ValidationException


def check(definition: Definition) -> None:
    """Raises ValidationException with the name of the first step or parameter that is wrong."""
    bind({name: item for name, item in definition.parameters.items() if item.default is not None}, ())
    for step in definition.steps.values():
        _check_step(step, definition)
    _check_order(definition)


def _check_step(step: Step, definition: Definition) -> None:
    where = f"step {step.name!r}"
    try:
        found = list(references(step.own_arguments))
    except ValidationException as error:
        raise ValidationException(f"{where}: {error.message}") from None
    for dependency in step.depends_on:
        if dependency.step not in definition.steps:
            raise ValidationException(f"{where} depends on {dependency.step!r}, which is no step of the pipeline")
    for reference in found:
        _check_reference(reference, definition, where)
    if step.type == CONDITION:
        _check_condition(step.arguments.get("Conditions"), where)
    elif step.type in KINDS:
        service.check_arguments(KINDS[step.type], step.arguments, where)
        if not has_expression(step.arguments):
            service.check_literals(KINDS[step.type], step.arguments, where)
    for name, file in step.property_files.items():
        if file.output not in _outputs(step):
            raise ValidationException(
                f"{where}: its property file {name!r} is in {file.output!r}, which is no output of it"
            )


def _check_condition(items: Any, where: str) -> None:
    if not isinstance(items, list) or not items:
        raise ValidationException(f"{where} has no Conditions")
    for item in items:
        conditions.check(item, where)


def _check_reference(reference: Reference, definition: Definition, where: str) -> None:
    if reference.source == "Parameters" and reference.name not in definition.parameters:
        known = ", ".join(definition.parameters) or "none"
        raise ValidationException(f"{where} refers to {reference.text}; the pipeline's parameters are {known}")
    if reference.source == "Execution" and reference.name not in EXECUTION_VARIABLES:
        raise ValidationException(
            f"{where} refers to {reference.text}; an execution's variables are {', '.join(EXECUTION_VARIABLES)}"
        )
    if reference.source == "Steps":
        _check_property(reference, definition, where)


def _check_property(reference: Reference, definition: Definition, where: str) -> None:
    step = definition.steps.get(reference.name)
    if step is None:
        raise ValidationException(
            f"{where} refers to {reference.text}, and {reference.name!r} is no step of the pipeline"
        )
    if step.type in {CONDITION, FAIL}:
        raise ValidationException(f"{where} refers to {reference.text}, and a {step.type} step has no properties")
    if reference.path[:1] != (PROPERTY_FILES,):
        service.check_property(KINDS[step.type], reference, where)
    elif len(reference.path) != 2 or reference.path[1] not in step.property_files:
        known = ", ".join(step.property_files) or "none"
        raise ValidationException(
            f"{where} refers to {reference.text}; the property files of {step.name!r} are {known}"
        )


def _check_order(definition: Definition) -> None:
    before = {
        step.name: [dependency.step for dependency in step.needs] + ([step.branch.condition] if step.branch else [])
        for step in definition.steps.values()
    }
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise ValidationException(f"the steps wait for each other in a cycle: {circle}") from None


def _outputs(step: Step) -> list[Any]:
    outputs = (step.arguments.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    return [output.get("OutputName") for output in outputs if isinstance(output, dict)]
