"""Is a definition one that SageMaker would take, and run? Found out offline, as well as what is published allows.

Every finding names a step (empty: the pipeline itself) and the field, a path in the step's own JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.definition.document import read
from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Finding, Problem
from localcloud.definition.model import EXPERIMENT, Definition, Step
from localcloud.definition.parameters import bind, unknown_parameter
from localcloud.definition.reading import structure
from localcloud.definition.rules.conditions import check_condition, check_failure
from localcloud.definition.rules.flow import check_cycle, check_dependencies, check_names
from localcloud.definition.rules.outside import check_outside
from localcloud.definition.rules.parameters import check_parameters
from localcloud.definition.rules.policies import check_cache, check_retries
from localcloud.definition.rules.processing import check_processing
from localcloud.definition.rules.references import check_functions, check_property_files, check_references
from localcloud.definition.rules.requests import check_arguments, check_counts, check_tags, check_volume_keys
from localcloud.definition.rules.serving import check_endpoint_config, check_model, check_model_data, check_package
from localcloud.definition.rules.skeleton import check_skeleton
from localcloud.definition.rules.tracking import check_tracking
from localcloud.definition.rules.training import check_training
from localcloud.definition.rules.transforms import check_transform
from localcloud.errors import ValidationException

_MOST_SHOWN = 10
Rule = Callable[[Step, Context], Iterator[Problem]]
# What a request is refused for, whether a step sends it or a program.
REQUEST_RULES: tuple[Rule, ...] = (
    check_counts,
    check_volume_keys,
    check_tags,
    check_processing,
    check_training,
    check_transform,
    check_model,
    check_package,
    check_endpoint_config,
)
STEP_RULES: tuple[Rule, ...] = (
    check_references,
    check_functions,
    check_dependencies,
    check_arguments,
    check_property_files,
    check_retries,
    check_cache,
    check_condition,
    check_failure,
    check_outside,
    check_model_data,
    *REQUEST_RULES,
)


def validate(definition: str | bytes, parameters: Mapping[str, str] | None = None) -> list[Finding]:
    """What is wrong with a definition, as JSON; nothing is sent anywhere. An empty list: nothing was found.

    With `parameters`, the values of a start by name, what is wrong with it when it is started with them.

        >>> validate(text, {"InstanceType": "ml.imaginary.large"})
        [Finding(step='Train', field='Arguments.ResourceConfig.InstanceType', message='it is …')]
    """
    try:
        return list(_findings(read(definition), parameters))
    except ValidationException as error:
        return [Finding("", "", error.message)]
    except RecursionError:
        return [Finding("", "", "the definition is nested more deeply than any request of the service")]


def refuse_findings(definition: str, parameters: Mapping[str, str] | None = None) -> None:
    """Raises ValidationException, naming step and field, for what `validate` finds."""
    findings = validate(definition, parameters)
    if findings:
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        raise ValidationException(f"the definition has {count}: {'; '.join(map(str, findings[:_MOST_SHOWN]))}")


def check_call(kind: str, request: Mapping[str, Any]) -> None:
    """Raises ValidationException for what a call is refused for beyond its shape; `kind` is that of a step.

    What is wrong with its hyperparameters a training job says itself.
    """
    step, context = Step({"Type": kind, "Arguments": request}), Context()
    for path, message in (problem for rule in REQUEST_RULES for problem in rule(step, context)):
        if not path.startswith("Arguments.HyperParameters"):
            raise ValidationException(f"{path.removeprefix('Arguments.')}: {message}")


def _findings(definition: Definition, overrides: Mapping[str, str] | None) -> Iterator[Finding]:
    skeleton = list(check_skeleton(definition.document))
    yield from skeleton
    if skeleton:
        return
    declared = list(check_parameters(definition.document.get("Parameters", [])))
    yield from declared
    yield from check_names(definition.every_step)
    yield from check_cycle(definition.every_step)
    values = {}
    if overrides is not None and not declared:
        problems = list(_check_values(definition, overrides))
        yield from problems
        values = (
            {} if problems else bind(definition.parameters, [{"Name": k, "Value": v} for k, v in overrides.items()])
        )
    experiment = structure(definition.document, EXPERIMENT)
    context = Context(definition.parameters, definition.steps, experiment, values)
    yield from check_tracking(definition.document, context)
    for step in definition.every_step:
        yield from dict.fromkeys(
            Finding(step.name, path, message) for rule in STEP_RULES for path, message in rule(step, context)
        )


def _check_values(definition: Definition, overrides: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with the values of a start themselves."""
    for name, value in overrides.items():
        parameter = definition.parameters.get(name)
        problem = unknown_parameter(name, definition.parameters) if parameter is None else parameter.problem(value)
        if problem:
            yield Finding("", f"PipelineParameters.{name}", problem)
    for name, parameter in definition.parameters.items():
        if name not in overrides and parameter.default is None:
            yield Finding("", f"PipelineParameters.{name}", f"parameter {name!r} has no default; give it a value")
