"""A step's arguments and properties against the service's own description of the calls that they go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.definition.kinds import Kind
from localcloud.definition.references import Reference, function_of
from localcloud.errors import ValidationException

# Where an expression stands, its value is only known later.
_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "float": (int, float),
    "double": (int, float),
}


def check_arguments(kind: Kind, arguments: Any, where: str) -> None:
    """Raises ValidationException for a member that the call has not, lacks, or takes as another type."""
    _check_value(arguments, _shape(kind.create, "input_shape"), where, frozenset({kind.name, kind.role}))


def check_property(kind: Kind, reference: Reference, where: str) -> None:
    """Raises ValidationException unless the resource's Describe answer can have what the reference names."""
    shape = _shape(kind.describe, "output_shape")
    for part in reference.path:
        inner = _inner(shape, part)
        if inner is None:
            raise ValidationException(f"{where} refers to {reference.text}; {kind.describe} answers no {part!r} there")
        shape = inner


def check_literals(kind: Kind, arguments: Mapping[str, Any], where: str) -> None:
    """Raises ValidationException where arguments in which no expression stands are not what the call takes."""
    given = {} if kind.named else {kind.name: "name"}
    if kind.role:
        given[kind.role] = "arn:aws:iam::000000000000:role/name"
    try:
        check_request(kind.create, {**given, **arguments})
    except ValidationException as error:
        raise ValidationException(f"{where}: {error.message}") from None


def check_request(operation: str, request: dict[str, Any]) -> None:
    """What botocore, and then the service, would check of a call. Raises ValidationException."""
    from botocore.validate import ParamValidator

    from localcloud.constraints import check
    from localcloud.shapes import operation_model

    model = operation_model("sagemaker", operation)
    report = ParamValidator().validate(request, model.input_shape)
    if report.has_errors():
        raise ValidationException(f"{operation}: {report.generate_report()}")
    check(model, request)


def _shape(operation: str, side: str) -> Any:
    from localcloud.shapes import operation_model  # botocore's; a process that runs an execution does without

    return getattr(operation_model("sagemaker", operation), side)


def _inner(shape: Any, part: str | int) -> Any:
    if shape.type_name == "structure":
        return shape.members.get(part)
    if shape.type_name == "list":
        return shape.member
    return shape.value if shape.type_name == "map" else None


def _is_of(value: Any, shape: Any) -> bool:
    if isinstance(value, bool):
        return bool(shape.type_name == "boolean")
    return isinstance(value, _TYPES.get(shape.type_name, object))


def _check_value(value: Any, shape: Any, where: str, given: frozenset[str | None] = frozenset()) -> None:
    """`given` are members that the executor fills in."""
    if value is None or function_of(value) is not None:
        return
    if not _is_of(value, shape):
        raise ValidationException(f"{where}: {value!r} is no {shape.type_name}")
    if shape.type_name == "structure":
        _check_members(value, shape, where, given)
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            _check_value(item, shape.member, f"{where}[{number}]")
    elif shape.type_name == "map":
        for name, item in value.items():
            _check_value(item, shape.value, f"{where}.{name}")


def _check_members(value: dict[str, Any], shape: Any, where: str, given: frozenset[str | None]) -> None:
    for name in value:
        if name not in shape.members:
            raise ValidationException(f"{where}: {name!r} is unknown; it takes {', '.join(shape.members)}")
    for name in shape.required_members:
        if name not in given and value.get(name) is None:
            raise ValidationException(f"{where} has no {name}")
    for name, item in value.items():
        _check_value(item, shape.members[name], f"{where}: {name}" if given else f"{where}.{name}")
