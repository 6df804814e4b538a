"""Expressions to values, once the steps that they read have ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.definition.expressions.references import Path, Reference, function_of, parse_path
from localcloud.definition.model import EXPERIMENT, Definition, PropertyFile
from localcloud.definition.parameters import text_of
from localcloud.errors import ValidationException

# A list of the API is a dict to a reference: by whichever of these members its items have.
_NAMES = ("OutputName", "InputName", "ChannelName", "VariantName", "ContainerHostname", "MetricName", "Name", "Key")


@dataclass(frozen=True)
class Scope:
    """What the expressions of one step are resolved against.

    `properties` answers a step's Describe answer, `read` the JSON document at an S3 URI; either raises a ServiceError
    where there is none.
    """

    definition: Definition
    parameters: Mapping[str, Any]
    variables: Mapping[str, str]
    properties: Callable[[str], Mapping[str, Any]]
    read: Callable[[str], Any]


def resolve(value: Any, scope: Scope) -> Any:
    """The value with every expression replaced, and members that are null left out.

    Raises ValidationException where something that is referred to is not there, and what `scope` raises.
    """
    function = function_of(value)
    if function == "Get":
        return _get(Reference(value["Get"]), scope)
    if function == "Std:Join":
        return _join(value[function], scope)
    if function == "Std:JsonGet":
        return _json_get(value[function], scope)
    if isinstance(value, dict):
        return {name: resolve(member, scope) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    return value


def _get(reference: Reference, scope: Scope) -> Any:
    if reference.source == "Parameters":
        return scope.parameters[reference.name]
    if reference.source == "Execution":
        if reference.name not in scope.variables:
            raise ValidationException(f"{reference.text} has no value in this step")
        return scope.variables[reference.name]
    if reference.source == EXPERIMENT:
        return resolve(scope.definition.document[EXPERIMENT][reference.name], scope)
    return look_up(scope.properties(reference.name), reference.path, reference.text)


def _join(arguments: Mapping[str, Any], scope: Scope) -> str:
    values = [resolve(value, scope) for value in arguments["Values"]]
    return str(arguments.get("On", "")).join(text_of(value) for value in values)


def _json_get(arguments: Mapping[str, Any], scope: Scope) -> Any:
    if "S3Uri" in arguments:
        uri = resolve(arguments["S3Uri"], scope)
    else:
        uri = property_file_uri(Reference(arguments["PropertyFile"]["Get"]), scope)
    return look_up(scope.read(uri), parse_path(arguments["Path"]), f"{arguments['Path']!r} in {uri}")


def property_file_uri(reference: Reference, scope: Scope) -> str:
    """Where the property file `Steps.NAME.PropertyFiles.FILE` lies: in the output that the step gave."""
    file: PropertyFile = scope.definition.steps[reference.name].property_files[str(reference.path[1])]
    output: Path = ("ProcessingOutputConfig", "Outputs", file.output, "S3Output", "S3Uri")
    uri: str = look_up(scope.properties(reference.name), output, reference.text)
    return f"{uri.rstrip('/')}/{file.path}"


def look_up(document: Any, path: Path, what: str) -> Any:
    """The value at a path. Raises ValidationException, saying as far as which part there is one."""
    value = document
    for number, part in enumerate(path):
        try:
            value = _item(value, part)
        except LookupError:
            parent = "".join(f"[{key!r}]" for key in path[:number]) or "the top"
            raise ValidationException(f"{what} is not there: {parent} has no {part!r}") from None
    return value


def _item(value: Any, part: str | int) -> Any:
    """Raises LookupError."""
    if isinstance(value, dict):
        return value[part]
    if isinstance(value, list) and isinstance(part, int):
        return value[part]
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and part in (item.get(name) for name in _NAMES):
                return item
    raise LookupError(part)
