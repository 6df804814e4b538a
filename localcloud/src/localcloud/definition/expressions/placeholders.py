"""References replaced by what they point to, as far as that is known before anything runs: a type, often a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.model import Shape

from localcloud.algorithms import algorithm_of
from localcloud.definition.expressions.references import (
    OUTPUT_PARAMETERS,
    PROPERTY_FILES,
    Key,
    Path,
    Reference,
    is_expression,
)
from localcloud.definition.kinds import CONDITION, KINDS, OUTPUT_TYPES, OUTSIDE
from localcloud.definition.model import EXPERIMENT, Step
from localcloud.definition.parameters import Parameter, text_of
from localcloud.definition.reading import items, structure, structures
from localcloud.errors import ValidationException
from localcloud.service_model.patterns import matches
from localcloud.service_model.shapes import operation_model

EXECUTION = {
    "PipelineExecutionId": "abcdefghijkl",
    "PipelineExecutionArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/placeholder/execution/abcdefghijkl",
    "PipelineName": "placeholder",
    "PipelineArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/placeholder",
    "StartDateTime": "2000-01-01T00:00:00Z",
    "CurrentDateTime": "2000-01-01T00:00:00Z",
    "TrainingJobName": "placeholder",
    "ProcessingJobName": "placeholder",
}
METRICS = "FinalMetricDataList"
TRAININGS = "TrainingJobSummaries"
"""Of a tuning, its trainings, the best one first."""

LITERAL_TYPES = {str: "string", bool: "boolean", int: "integer", float: "float", list: "list"}
PARAMETER_TYPES = {"String": "string", "Integer": "integer", "Float": "float", "Boolean": "boolean"}
SAMPLES = (
    "placeholder",
    "s3://placeholder/key",
    "arn:aws:iam::000000000000:role/placeholder",
    *(
        f"arn:aws:sagemaker:us-east-1:000000000000:{kind}/placeholder"
        for kind in ("model", "model-package", "endpoint")
    ),
)


class MissingTargetError(Exception):
    """A reference to what is not there; the text says what is missing."""


@dataclass(frozen=True)
class Placeholder:
    """`type` as botocore names types, None for whatever a JSON file holds; `value` None where it is not known."""

    type: str | None
    value: Any = None


UNKNOWN = Placeholder(None)


@dataclass(frozen=True)
class Context:
    """What a reference can point to: declared parameters and steps, by name, and the pipeline's experiment.

    `values` are those that parameters are started with, in place of their defaults.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    experiment: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, expression: Mapping[str, Any]) -> Placeholder:
        """`expression` is one; what points nowhere has neither type nor value."""
        if "Std:JsonGet" in expression:
            return UNKNOWN
        if "Std:Join" in expression:
            return self._join(expression["Std:Join"])
        try:
            return self.target(Reference(expression["Get"]))
        except MissingTargetError:
            return UNKNOWN

    def known(self, value: Any) -> Any:
        """`value` itself, or the value of the expression that it is; None where that is not known."""
        return self.resolve(value).value if is_expression(value) else value

    def type_of(self, value: Any) -> str | None:
        """As botocore names types, of a value or of the expression that it is; None where that is not known."""
        return self.resolve(value).type if is_expression(value) else LITERAL_TYPES.get(type(value), "structure")

    def is_scalar(self, value: Any) -> bool:
        """Whether `value` is a text, a number or a truth, or may become one."""
        return self.type_of(value) not in {"structure", "list", "map"}

    def step_behind(self, value: Any) -> Step | None:
        """The step that `value` is a property of, if it is one."""
        name = Reference(str(value.get("Get"))).step if isinstance(value, Mapping) else None
        return self.steps.get(name or "")

    def target(self, reference: Reference) -> Placeholder:
        """What `Parameters.X`, `Execution.X` or `Steps.X.Y` is. Raises MissingTargetError."""
        if reference.source == "Steps":
            return self._step_target(reference)
        if reference.source not in self._values:
            raise MissingTargetError(f"{reference.text} begins with none of Steps, {', '.join(self._values)}")
        targets = self._values[reference.source]
        if reference.name not in targets:
            names = ", ".join(sorted(targets)) or "none"
            raise MissingTargetError(f"there is no {reference.text}: {reference.source} has {names}")
        return targets[reference.name]

    @cached_property
    def _values(self) -> dict[str, dict[str, Placeholder]]:
        """What is there whatever the steps do, by the word that a reference to it begins with."""
        return {
            "Parameters": {
                name: Placeholder(PARAMETER_TYPES.get(each.type), self.values.get(name, each.default))
                for name, each in self.parameters.items()
            },
            "Execution": {name: Placeholder("string", value) for name, value in EXECUTION.items()},
            EXPERIMENT: dict.fromkeys(self.experiment, Placeholder("string")),
        }

    def _join(self, join: Mapping[str, Any]) -> Placeholder:
        values = [self.known(value) for value in join["Values"]]
        if any(value is None or isinstance(value, Mapping | list) for value in values):
            return Placeholder("string")
        return Placeholder("string", str(join.get("On", "")).join(map(text_of, values)))

    def _step_target(self, reference: Reference) -> Placeholder:
        step = self.steps.get(reference.step or "")
        if step is None:
            there = ", ".join(self.steps)
            raise MissingTargetError(f"{reference.text} names a step that is not there; there are {there}")
        try:
            path = reference.path
        except ValidationException as error:
            raise MissingTargetError(error.message) from None
        if path[:1] == (PROPERTY_FILES,):
            return self._property_file(step, reference.text, path[1:])
        if step.type in OUTSIDE:
            return _output_parameter(step, reference.text, path)
        if step.type == CONDITION and path == ("Outcome",):
            return Placeholder("string")
        return _sample(property_shape(step, reference))

    @staticmethod
    def _property_file(step: Step, text: str, path: Path) -> Placeholder:
        if len(path) != 1 or path[0] not in step.property_files:
            there = ", ".join(step.property_files) or "none"
            raise MissingTargetError(f"there is no {text}: the property files of {step.name} are {there}")
        return Placeholder("structure")


def _output_parameter(step: Step, text: str, path: Path) -> Placeholder:
    if len(path) != 2 or path[0] != OUTPUT_PARAMETERS or path[1] not in step.output_types:
        there = ", ".join(step.output_types) or "none"
        raise MissingTargetError(f"there is no {text}: the OutputParameters of {step.name} are {there}")
    return Placeholder(OUTPUT_TYPES.get(step.output_types[str(path[1])]))


def property_shape(step: Step, reference: Reference) -> Shape:
    """The shape of a property in what describes `step`. Raises MissingTargetError."""
    kind = KINDS.get(step.type)
    if kind is None:
        raise MissingTargetError(f"{reference.text} names a property, and a {step.type} step has none")
    shape = operation_model("sagemaker", kind.describe).output_shape
    if step.type == "Tuning" and reference.path[:1] == (TRAININGS,):
        shape = operation_model("sagemaker", "ListTrainingJobsForHyperParameterTuningJob").output_shape
    added = shape.members.keys() - operation_model("sagemaker", kind.create).input_shape.members
    value: Any = {**step.arguments, **dict.fromkeys(added, UNKNOWN)}
    if step.type == "Training":
        value[METRICS] = _metrics(step)
    for part in reference.path:
        shape, value = _descend(shape, value, part, reference.text)
    return shape


def _metrics(step: Step) -> Any:
    """What a training can publish, as FinalMetricDataList names it; UNKNOWN where its image or its metrics are."""
    specification = structure(step.arguments, "AlgorithmSpecification")
    image, definitions = specification.get("TrainingImage"), specification.get("MetricDefinitions") or []
    algorithm = algorithm_of(image)
    if algorithm is not None:
        return [{"MetricName": name} for name in algorithm.metrics]
    names = [definition.get("Name") for definition in structures(specification, "MetricDefinitions")]
    if is_expression(image) or is_expression(definitions) or any(map(is_expression, names)):
        return UNKNOWN
    return [{"MetricName": name} for name in names]


def _descend(shape: Shape, value: Any, part: str | int, where: str) -> tuple[Shape, Any]:
    """One step down the path, in the shape and in what the step's own arguments say at the same place."""
    is_literal = value is not UNKNOWN and not is_expression(value)
    is_member = isinstance(part, str) and not isinstance(part, Key)
    if shape.type_name == "structure" and is_member and part in shape.members:
        return shape.members[part], structure(value).get(str(part)) if is_literal else UNKNOWN
    if shape.type_name == "list" and not is_member:
        if is_literal and not (part < len(items(value)) if isinstance(part, int) else part in _names(value)):
            raise MissingTargetError(f"there is no {where}: the step has {', '.join(_names(value)) or 'none'} there")
        return shape.member, UNKNOWN
    if shape.type_name == "map" and isinstance(part, Key):
        if is_literal and part not in structure(value):
            raise MissingTargetError(f"there is no {where}: the step has {', '.join(structure(value)) or 'none'} there")
        return shape.value, UNKNOWN
    raise MissingTargetError(f"there is no {where}: {shape.name} has no {part!r}")


def _names(entries: Any) -> list[str]:
    """By what the items of a list can be told apart: OutputName, ContainerHostname and the like."""
    return [str(value) for each in structures(entries) for key, value in each.items() if key.lower().endswith("name")]


def _sample(shape: Shape) -> Placeholder:
    if shape.type_name != "string":
        return Placeholder(shape.type_name)
    pattern = shape.metadata.get("pattern")
    candidates = shape.enum or (sample for sample in SAMPLES if pattern and matches(pattern, sample))
    return Placeholder("string", next(iter(candidates), None))
