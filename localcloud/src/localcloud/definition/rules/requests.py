"""Every step's arguments as the request that they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Problem
from localcloud.definition.kinds import KINDS, STEP_TYPES
from localcloud.definition.model import Step
from localcloud.definition.reading import repeated, structures
from localcloud.service_model.constraints import check_shape
from localcloud.service_model.instances import has_local_disks
from localcloud.service_model.shapes import operation_model

COUNTS = ("InstanceCount", "InitialInstanceCount")
LOCAL_STORAGE = "You can't request a VolumeKmsKeyId when using an instance type with local storage"
RESERVED = "aws:"


def check_arguments(step: Step, context: Context) -> Iterator[Problem]:
    if step.type not in STEP_TYPES:
        yield "Type", f"{step.type} is no step type that is known here; {', '.join(STEP_TYPES)} are"
        return
    if step.type in KINDS:
        kind = KINDS[step.type]
        supplied = frozenset({kind.role} if kind.is_named_by_definition else {kind.role, kind.name})
        shape = operation_model("sagemaker", kind.create).input_shape
        yield from check_shape(step.arguments, shape, "Arguments", context, supplied)


def check_counts(step: Step, context: Context) -> Iterator[Problem]:
    """The service model's minimum is nought where nothing would run."""
    for path, resources in _structures(step.arguments, "Arguments"):
        for member in COUNTS:
            count = context.known(resources.get(member))
            if isinstance(count, int) and count < 1:
                yield f"{path}.{member}", f"it is {count}: at least one instance"


def check_volume_keys(step: Step, context: Context) -> Iterator[Problem]:
    for path, resources in _structures(step.arguments, "Arguments"):
        if "VolumeKmsKeyId" in resources and has_own_disk(resources, context):
            kind = context.known(resources["InstanceType"])
            yield f"{path}.VolumeKmsKeyId", f"{LOCAL_STORAGE}: {kind} has its own"


def has_own_disk(resources: Mapping[str, Any], context: Context) -> bool:
    kind = context.known(resources.get("InstanceType"))
    return isinstance(kind, str) and has_local_disks(kind)


def check_tags(step: Step, context: Context) -> Iterator[Problem]:
    tags = structures(step.arguments, "Tags")
    yield from repeated(tags, "Arguments.Tags", "Key")
    for index, tag in enumerate(tags):
        if str(context.known(tag.get("Key"))).lower().startswith(RESERVED):
            yield f"Arguments.Tags[{index}].Key", f"keys that begin with {RESERVED} are AWS's own"


def _structures(value: object, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield path, value
        for key, inner in value.items():
            yield from _structures(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _structures(item, f"{path}[{index}]")
