"""A request against the shape that the service publishes for it: all that botocore's own validator leaves out, too.

That one checks members, types and minima. Here maxima, patterns and enumerations count as well, and an expression of a
pipeline definition is of the type of what it points to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from botocore.model import OperationModel, Shape

from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.expressions.references import is_expression
from localcloud.definition.finding import Problem
from localcloud.errors import ValidationException
from localcloud.service_model.patterns import matches
from localcloud.service_model.shapes import operation_model

# For each type of a shape: what stands for it in JSON or in a call, and what an expression there may be.
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float, Decimal),
    "double": (int, float, Decimal),
    "boolean": (bool,),
    "timestamp": (str, int, float),
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list, tuple),
}
COMPATIBLE = {
    "string": {"string", "timestamp"},
    "integer": {"integer", "long"},
    "long": {"integer", "long"},
    "float": {"integer", "long", "float", "double"},
    "double": {"integer", "long", "float", "double"},
}


def check_request(operation: str, request: Mapping[str, Any]) -> None:
    """Raises ValidationException for what SageMaker would refuse of a call, by its shape."""
    check(operation_model("sagemaker", operation), request)


def check(model: OperationModel, request: Mapping[str, Any], code: str = ValidationException.code) -> None:
    """Raises ValidationException, of that code, naming the first few members that the service would refuse, and why."""
    problems = list(check_shape(request, model.input_shape, "")) if model.input_shape is not None else []
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        places = "; ".join(
            f"Value at '{path}' failed to satisfy constraint: {message}" for path, message in problems[:10]
        )
        raise ValidationException(f"{model.name}: {count}: {places}", code=code)


def check_shape(
    value: Any,
    shape: Shape,
    path: str,
    context: Context | None = None,
    supplied: frozenset[str | None] = frozenset(),
) -> Iterator[Problem]:
    """Pairs of a path and what is wrong there.

    Without `context` there are no expressions; `supplied` are required members that the service fills in itself.
    """
    if context is not None and is_expression(value):
        yield from _check_expression(value, shape, path, context)
    elif not _is_of_type(value, shape):
        yield path, f"it is {_shown(value)}, where {shape.name} wants a {shape.type_name}"
    elif shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        yield from _check_structure(value, shape, path, context, supplied)
    elif shape.type_name == "map":
        yield from _check_map(value, shape, path, context)
    elif shape.type_name == "list":
        yield from _check_range(len(value), "items", shape, path)
        for index, item in enumerate(value):
            yield from check_shape(item, shape.member, f"{path}[{index}]", context)
    else:
        yield from _check_scalar(value, shape, path)


def _check_expression(expression: Mapping[str, Any], shape: Shape, path: str, context: Context) -> Iterator[Problem]:
    placeholder = context.resolve(expression)
    accepted = COMPATIBLE.get(shape.type_name, {shape.type_name})
    if placeholder.type is not None and placeholder.type not in accepted:
        hint = "; to_string() makes one" if shape.type_name == "string" else ""
        yield path, f"{_shown(expression)} is of type {placeholder.type}, where a {shape.type_name} is wanted{hint}"
    elif _is_of_type(placeholder.value, shape):
        yield from _check_scalar(placeholder.value, shape, path)


def _check_structure(
    value: Mapping[str, Any],
    shape: Shape,
    path: str,
    context: Context | None,
    supplied: frozenset[str | None],
) -> Iterator[Problem]:
    for member in shape.required_members:
        if member not in value and member not in supplied:
            yield _within(path, member), f"it is missing: {shape.name} requires it"
    for member, inner in value.items():
        if member not in shape.members:
            yield _within(path, member), f"{shape.name} has no such member; it has {', '.join(shape.members)}"
        else:
            yield from check_shape(inner, shape.members[member], _within(path, member), context)


def _check_map(value: Mapping[str, Any], shape: Shape, path: str, context: Context | None) -> Iterator[Problem]:
    yield from _check_range(len(value), "entries", shape, path)
    for key, inner in value.items():
        yield from check_shape(key, shape.key, f"{path}.{key}", context)
        yield from check_shape(inner, shape.value, f"{path}.{key}", context)


def _check_scalar(value: Any, shape: Shape, path: str) -> Iterator[Problem]:
    if shape.type_name == "string":
        yield from _check_string(str(value), shape, path)
    elif shape.type_name in {"integer", "long", "float", "double"}:
        yield from _check_range(value, "", shape, path)


def _check_string(text: str, shape: Shape, path: str) -> Iterator[Problem]:
    yield from _check_range(len(text), "characters", shape, path)
    pattern = shape.metadata.get("pattern")
    if shape.enum and text not in shape.enum:
        few = ", ".join(shape.enum) if len(shape.enum) <= 12 else f"one of {len(shape.enum)} that {shape.name} has"
        yield path, f"it is {_shown(text)}, none of its values: {few}"
    elif pattern and not matches(pattern, text):
        yield path, f"it is {_shown(text)}, which {shape.name}'s regular expression pattern {pattern} does not match"


def _check_range(number: float, unit: str, shape: Shape, path: str) -> Iterator[Problem]:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    counted = f"{number} {unit}".rstrip()
    if minimum is not None and number < minimum:
        yield path, f"it is {counted}: at least {minimum}"
    if maximum is not None and number > maximum:
        yield path, f"it is {counted}: at most {maximum}"


def _is_of_type(value: Any, shape: Shape) -> bool:
    is_truth = isinstance(value, bool)
    return isinstance(value, TYPES.get(shape.type_name, (object,))) and is_truth == (shape.type_name == "boolean")


def _within(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _shown(value: Any) -> str:
    """Short enough for a sentence."""
    if is_expression(value) and "Get" in value:
        return str(value["Get"])
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
