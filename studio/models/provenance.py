"""What goes into a step and comes out of it, each value with where it came from: the definition's own references."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from localcloud import Argument, Reference

Group = Literal["Inputs", "Outputs", "Hyperparameters and arguments", "Everything else"]
GROUPS: Mapping[str, Group] = {
    "ProcessingInputs": "Inputs",
    "InputDataConfig": "Inputs",
    "TransformInput": "Inputs",
    "ModelName": "Inputs",
    "Conditions": "Inputs",
    "Containers": "Inputs",
    "ProcessingOutputConfig": "Outputs",
    "OutputDataConfig": "Outputs",
    "TransformOutput": "Outputs",
    "ModelArtifacts": "Outputs",
    "CheckpointConfig": "Outputs",
    "HyperParameters": "Hyperparameters and arguments",
    "AppSpecification": "Hyperparameters and arguments",
    "Environment": "Hyperparameters and arguments",
}
ORDER: tuple[Group, ...] = ("Inputs", "Outputs", "Hyperparameters and arguments", "Everything else")
PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
# What a resource says of itself that no request asked for, and that one looks for.
MADE = ("ModelArtifacts.S3ModelArtifacts",)


@dataclass(frozen=True)
class Value:
    """One value of a step: its path, what it is, and what it was made of; without sources the definition has it.

    `is_made` where the job, and no request, says it.
    """

    path: str
    shown: str
    sources: tuple[Reference, ...]
    is_made: bool = False


def values(
    arguments: Iterable[Argument], described: Mapping[str, Any], given: Mapping[str, str]
) -> dict[Group, list[Value]]:
    """The values of a step's arguments by group, in their order.

    `described` is what the step's resource answers to Describe, or nothing: it has what a reference came to. `given`
    are the execution's parameters.
    """
    found: dict[Group, list[Value]] = {group: [] for group in ORDER}
    for each in arguments:
        shown = _resolved(described, each, given) if each.references else _text(each.value)
        found[_group(each.path)].append(Value(each.path, shown, each.references))
    for path in MADE:
        made = _at(described, path)
        if made is not None:
            found[_group(path)].append(Value(path, str(made), (), is_made=True))
    return {group: rows for group, rows in found.items() if rows}


def command(described: Mapping[str, Any]) -> str:
    """Return what a processing job runs, in one line that a shell would take; empty for what names no command."""
    application = described.get("AppSpecification", {})
    return shlex.join([*application.get("ContainerEntrypoint", ()), *application.get("ContainerArguments", ())])


def _group(path: str) -> Group:
    return GROUPS.get(re.split(r"[.\[]", path, maxsplit=1)[0], "Everything else")


def _resolved(described: Mapping[str, Any], argument: Argument, given: Mapping[str, str]) -> str:
    """What it came to: as the resource has it, else the parameter alone that it is; empty where neither says."""
    found = _at(described, argument.path)
    if found is not None and not isinstance(found, dict | list):
        return _text(found)
    parameter = argument.references[0].parameter if len(argument.references) == 1 else None
    return given.get(parameter, "") if parameter else ""


def _at(value: Any, path: str) -> Any:
    for name, index in PART.findall(path):
        if name and isinstance(value, Mapping):
            value = value.get(name)
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
