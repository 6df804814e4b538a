"""What an expression of a definition refers to.

A value is an expression where it is an object with one member, `Get` or `Std:…`:

    {"Get": "Parameters.NAME"}   {"Get": "Execution.VARIABLE"}   {"Get": "Steps.NAME.Member.List['name'].Member[0]"}
    {"Std:Join": {"On": TEXT, "Values": [VALUE…]}}
    {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.NAME.PropertyFiles.FILE"}, "Path": "member.list[0]"}}
    {"Std:JsonGet": {"S3Uri": VALUE, "Path": "member['other.member']"}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.errors import ValidationException

Path = tuple[str | int, ...]

EXECUTION_VARIABLES = (
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "StartDateTime",
    "CurrentDateTime",
    "TrainingJobName",
    "ProcessingJobName",
)
PROPERTY_FILES = "PropertyFiles"
FUNCTIONS = {"Std:Join": {"On", "Values"}, "Std:JsonGet": {"PropertyFile", "S3Uri", "Path"}}

_PART = re.compile(r"\.?(?P<member>[^.\[\]'\"\s][^.\[\]]*)|\[(?P<index>\d+)\]|\[(['\"])(?P<key>.*?)\3\]")


@dataclass(frozen=True)
class Reference:
    """What a `Get` names: `Steps.Train.ModelArtifacts.S3ModelArtifacts` has `source` Steps, `name` Train and a path."""

    text: str
    source: str
    name: str
    path: Path = ()


def parse_path(text: str) -> Path:
    """`a.b['c.d'][0]`, with or without a leading `$`, as ("a", "b", "c.d", 0). Raises ValidationException."""
    rest, parts = text.removeprefix("$"), list[str | int]()
    while rest:
        match = _PART.match(rest)
        if match is None:
            raise ValidationException(f"{text!r} is no path; write member.member['name'].member[0]")
        parts.append(int(match["index"]) if match["index"] else match["member"] or match["key"])
        rest = rest[match.end() :]
    return tuple(parts)


def parse_reference(text: Any) -> Reference:
    """Raises ValidationException where a `Get` names neither a parameter, nor a variable, nor a step's property."""
    source, _, rest = str(text).partition(".")
    if source in {"Parameters", "Execution"} and rest:
        return Reference(text, source, rest)
    name, _, path = rest.partition(".")
    if source == "Steps" and path:
        return Reference(text, source, name, parse_path(path))
    raise ValidationException(
        f"{{'Get': {text!r}}} refers to nothing; write Parameters.NAME, Execution.VARIABLE or Steps.NAME.PROPERTY"
    )


def function_of(value: Any) -> str | None:
    """`Get` or the name of the function where the value is an expression, otherwise None."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if name == "Get" or name.startswith("Std:"):
            return str(name)
    return None


def has_expression(value: Any) -> bool:
    """Whether an expression stands anywhere in a value, so that it is only known in a run."""
    if isinstance(value, Mapping):
        return function_of(value) is not None or any(map(has_expression, value.values()))
    return isinstance(value, list) and any(map(has_expression, value))


def references(value: Any) -> Iterator[Reference]:
    """Every reference in a value, however deep. Raises ValidationException for an expression that is none."""
    function = function_of(value)
    if function == "Get":
        yield parse_reference(value["Get"])
    elif function is not None:
        _check_function(function, value[function])
        yield from references(value[function])
    elif isinstance(value, dict):
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def _check_function(name: str, arguments: Any) -> None:
    known = FUNCTIONS.get(name)
    if known is None:
        raise ValidationException(f"{name} is no function; there are {' and '.join(FUNCTIONS)}")
    if not isinstance(arguments, dict) or not set(arguments) <= known:
        raise ValidationException(f"{name} takes {', '.join(sorted(known))}, not {arguments!r}")
    if name == "Std:Join" and not isinstance(arguments.get("Values"), list):
        raise ValidationException(f"Std:Join needs a list of Values, not {arguments!r}")
    if name == "Std:Join" and not isinstance(arguments.get("On", ""), str):
        raise ValidationException(f"Std:Join puts a text between its Values, not {arguments['On']!r}")
    if name == "Std:JsonGet" and ("PropertyFile" in arguments) == ("S3Uri" in arguments):
        raise ValidationException(f"Std:JsonGet needs a PropertyFile or an S3Uri, one of them, not {arguments!r}")
    if name == "Std:JsonGet" and not isinstance(arguments.get("Path"), str):
        raise ValidationException(f"Std:JsonGet needs a Path, not {arguments!r}")
    if name == "Std:JsonGet":
        parse_path(arguments["Path"])
    if "PropertyFile" in arguments and not _is_property_file(arguments["PropertyFile"]):
        raise ValidationException(
            f"Std:JsonGet reads the PropertyFile {{'Get': 'Steps.NAME.PropertyFiles.FILE'}} or an S3Uri, not "
            f"{arguments['PropertyFile']!r}"
        )


def _is_property_file(value: Any) -> bool:
    return function_of(value) == "Get" and parse_reference(value["Get"]).path[:1] == (PROPERTY_FILES,)
