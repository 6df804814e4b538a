"""The parameters that an execution is started with, checked against the live definition before anything starts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pipeline.definition.parameters import PipelineParameter
from pipeline.errors import ParameterError

LONGEST_VALUE = 1024
TRUTHS = ("true", "false")


def parse(pairs: Iterable[str]) -> dict[str, str]:
    """`Name=Value` pairs as the command line gives them. Raises ParameterError for another form, or a name twice."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(f"-p {pair!r} is not of the form Name=Value")
        if name in values:
            raise ParameterError(f"-p {name} is given twice")
        values[name] = value
    return values


def declared(definition: str) -> dict[str, dict[str, Any]]:
    """The parameters of a definition, by name."""
    return {parameter["Name"]: parameter for parameter in json.loads(definition).get("Parameters", ())}


def check(definition: str, values: Mapping[str, str], known: Iterable[PipelineParameter] = ()) -> None:
    """Raises ParameterError for the first name that the definition lacks, or value that it or `known` would refuse."""
    parameters = declared(definition)
    bounds = {parameter.name: parameter for parameter in known}
    for name, value in values.items():
        if name not in parameters:
            raise ParameterError(_unknown(name, parameters))
        problem = _problem(parameters[name], value) or (bounds[name].problem(value) if name in bounds else None)
        if problem:
            raise ParameterError(problem)


def _unknown(name: str, parameters: Mapping[str, object]) -> str:
    close = get_close_matches(name, parameters, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(sorted(parameters)) or 'none'}"
    return f"the pipeline has no parameter {name!r}: {hint}"


def _problem(parameter: Mapping[str, Any], value: str) -> str | None:
    name, kind, enumeration = parameter["Name"], parameter["Type"], parameter.get("EnumValues")
    if not value:
        return f"{name} has an empty value"
    if len(value) > LONGEST_VALUE:
        return f"{name} has a value of {len(value)} characters: at most {LONGEST_VALUE} can be sent"
    if not _is_of_type(kind, value):
        return f"{name} is {kind}: {value!r} is not"
    if enumeration and value not in map(str, enumeration):
        return f"{name} is one of {', '.join(map(str, enumeration))}: {value!r} is not"
    return None


def _is_of_type(kind: str, value: str) -> bool:
    try:
        if kind == "Integer":
            int(value)
        elif kind == "Float":
            return math.isfinite(float(value))
        elif kind == "Boolean":
            return value.lower() in TRUTHS
    except ValueError:
        return False
    return True
