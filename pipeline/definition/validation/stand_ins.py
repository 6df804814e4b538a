"""References replaced by what they point to, as far as that is known before anything runs: a type, often a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.model import Shape

from pipeline.definition.document import STEP_TARGET, Reference, Step
from pipeline.definition.validation.patterns import matches
from pipeline.definition.validation.reading import items, structure, structures
from pipeline.definition.validation.service import STEP_TYPES, operation

EXECUTION = {
    "PipelineExecutionId": "abcdefghijkl",
    "PipelineExecutionArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/stand-in/execution/abcdefghijkl",
    "PipelineName": "stand-in",
    "PipelineArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/stand-in",
    "StartDateTime": "2000-01-01T00:00:00Z",
    "CurrentDateTime": "2000-01-01T00:00:00Z",
    "TrainingJobName": "stand-in",
    "ProcessingJobName": "stand-in",
}
LITERAL_TYPES = {str: "string", bool: "boolean", int: "integer", float: "float", list: "list"}
PARAMETER_TYPES = {"String": "string", "Integer": "integer", "Float": "float", "Boolean": "boolean"}
SAMPLES = (
    "stand-in",
    "s3://stand-in/key",
    "arn:aws:iam::000000000000:role/stand-in",
    *(f"arn:aws:sagemaker:us-east-1:000000000000:{kind}/stand-in" for kind in ("model", "model-package", "endpoint")),
)
PATH_PART = re.compile(r"\.?(?:(?P<member>\w+)|\['(?P<key>[^']*)'\]|\[(?P<index>\d+)\])")


class MissingTargetError(Exception):
    """A reference to what is not there; the text says what is missing."""


@dataclass(frozen=True)
class StandIn:
    """`type` as botocore names types, None for whatever a JSON file holds; `value` None where it is not known."""

    type: str | None
    value: Any = None


UNKNOWN = StandIn(None)


@dataclass(frozen=True)
class Surroundings:
    """What a reference can point to: declared parameters and steps, by name, and the pipeline's experiment."""

    parameters: Mapping[str, Mapping[str, Any]]
    steps: Mapping[str, Step]
    experiment: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, expression: Mapping[str, Any]) -> StandIn:
        """`expression` is one; what points nowhere has neither type nor value."""
        if "Std:JsonGet" in expression:
            return UNKNOWN
        if "Std:Join" in expression:
            return self._join(expression["Std:Join"])
        try:
            return self.target(str(expression["Get"]))
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
        name = Reference("", str(value.get("Get"))).step if isinstance(value, Mapping) else None
        return self.steps.get(name or "")

    def target(self, target: str) -> StandIn:
        """What `Parameters.X`, `Execution.X` or `Steps.X.Y` is. Raises MissingTargetError."""
        root, _, name = target.partition(".")
        if root == "Steps":
            return self._step_target(target)
        if root not in self._values:
            raise MissingTargetError(f"{target} begins with none of Steps, {', '.join(self._values)}")
        if name not in self._values[root]:
            there = ", ".join(sorted(self._values[root])) or "none"
            raise MissingTargetError(f"there is no {target}: {root} has {there}")
        return self._values[root][name]

    @cached_property
    def _values(self) -> dict[str, dict[str, StandIn]]:
        """What is there whatever the steps do, by the word that a reference to it begins with."""
        return {
            "Parameters": {
                name: StandIn(PARAMETER_TYPES.get(str(declared.get("Type"))), declared.get("DefaultValue"))
                for name, declared in self.parameters.items()
            },
            "Execution": {name: StandIn("string", value) for name, value in EXECUTION.items()},
            "PipelineExperimentConfig": dict.fromkeys(self.experiment, StandIn("string")),
        }

    def _join(self, join: Mapping[str, Any]) -> StandIn:
        values = [self.known(value) for value in join["Values"]]
        if any(value is None or isinstance(value, Mapping | list) for value in values):
            return StandIn("string")
        return StandIn("string", str(join.get("On", "")).join(map(str, values)))

    def _step_target(self, target: str) -> StandIn:
        found = STEP_TARGET.fullmatch(target)
        if found is None or found[1] not in self.steps:
            raise MissingTargetError(f"{target} names a step that is not there; there are {', '.join(self.steps)}")
        step, path = self.steps[found[1]], found[2]
        if path.startswith("PropertyFiles."):
            return self._property_file(step, path.partition(".")[2])
        if step.type == "Condition" and path == "Outcome":
            return StandIn("string")
        return _sample(property_shape(step, path))

    @staticmethod
    def _property_file(step: Step, name: str) -> StandIn:
        files = [file.get("PropertyFileName") for file in structures(step.body, "PropertyFiles")]
        if name not in files:
            raise MissingTargetError(f"{step.name} has no property file {name!r}; it has {files or 'none'}")
        return StandIn("structure")


def is_expression(value: object) -> bool:
    """A reference, or a function over references, in the service's form."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    ((name, body),) = value.items()
    if name == "Std:Join":
        return isinstance(body, Mapping) and isinstance(body.get("Values"), list)
    return (name == "Get" and isinstance(body, str)) or (name == "Std:JsonGet" and isinstance(body, Mapping))


def property_shape(step: Step, path: str) -> Shape:
    """The shape of a property in what describes `step`. Raises MissingTargetError."""
    kind = STEP_TYPES.get(step.type)
    if kind is None or kind.create is None or kind.describe is None:
        raise MissingTargetError(f"{step.name} is a {step.type} step, which has no property {path!r}")
    shape, position = operation(kind.describe).output_shape, 0
    added = shape.members.keys() - operation(kind.create).input_shape.members
    given: Any = {**step.arguments, **dict.fromkeys(added, UNKNOWN)}
    while position < len(path):
        part = PATH_PART.match(path, position)
        if part is None:
            raise MissingTargetError(f"{path!r} is no path to a property of {step.name}")
        shape, given = _descend(shape, given, part, f"{step.name}.{path[: part.end()]}")
        position = part.end()
    return shape


def _descend(shape: Shape, given: Any, part: re.Match[str], where: str) -> tuple[Shape, Any]:
    """One step down the path, in the shape and in what the step's own arguments say at the same place."""
    member, key, is_said = part["member"], part["key"], given is not UNKNOWN and not is_expression(given)
    if shape.type_name == "structure" and member in shape.members:
        return shape.members[member], structure(given).get(member) if is_said else UNKNOWN
    if shape.type_name == "list" and member is None:
        if is_said and not (key in _names(given) if part["index"] is None else int(part["index"]) < len(items(given))):
            raise MissingTargetError(f"there is no {where}: the step has {', '.join(_names(given)) or 'none'} there")
        return shape.member, UNKNOWN
    if shape.type_name == "map" and key is not None:
        if is_said and key not in structure(given):
            raise MissingTargetError(f"there is no {where}: the step has {', '.join(structure(given)) or 'none'} there")
        return shape.value, UNKNOWN
    raise MissingTargetError(f"there is no {where}: {shape.name} has no such member")


def _names(given: Any) -> list[str]:
    """By what the items of a list can be told apart: OutputName, ContainerHostname and the like."""
    return [str(value) for each in structures(given) for key, value in each.items() if key.lower().endswith("name")]


def _sample(shape: Shape) -> StandIn:
    if shape.type_name != "string":
        return StandIn(shape.type_name)
    pattern = shape.metadata.get("pattern")
    candidates = shape.enum or (sample for sample in SAMPLES if pattern and matches(pattern, sample))
    return StandIn("string", next(iter(candidates), None))
