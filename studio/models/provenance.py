"""What goes into a step and comes out of it, each value with where it came from: the definition's own references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.definition.document import STEP_TARGET

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
EXPRESSIONS = ("Get", "Std:Join", "Std:JsonGet")
# What a resource says of itself that no request asked for, and that one looks for.
MADE = ("ModelArtifacts.S3ModelArtifacts",)


@dataclass(frozen=True)
class Source:
    """Where a value came from: a `step` that it waits for, a `parameter`, or the execution itself; `text` in full."""

    text: str
    step: str | None = None
    parameter: str | None = None


@dataclass(frozen=True)
class Value:
    """One value of a step: its path, what it is, and what it was made of; without sources the definition has it.

    `is_made` where the job, and no request, says it.
    """

    path: str
    shown: str
    sources: tuple[Source, ...]
    is_made: bool = False


def values(
    arguments: Mapping[str, Any], described: Mapping[str, Any], given: Mapping[str, str]
) -> dict[Group, list[Value]]:
    """The values of a step's arguments by group, in their order.

    `described` is what the step's resource answers to Describe, or nothing: it has what a reference came to. `given`
    are the execution's parameters.
    """
    found: dict[Group, list[Value]] = {group: [] for group in ORDER}
    for path, leaf in _leaves(arguments, ""):
        sources = tuple(dict.fromkeys(_sources(leaf)))
        shown = _text(leaf) if not sources else _resolved(described, path, sources, given)
        found[_group(path)].append(Value(path, shown, sources))
    for path in MADE:
        made = _at(described, path)
        if made is not None:
            found[_group(path)].append(Value(path, str(made), (), is_made=True))
    return {group: rows for group, rows in found.items() if rows}


def _group(path: str) -> Group:
    return GROUPS.get(re.split(r"[.\[]", path, maxsplit=1)[0], "Everything else")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and not (len(value) == 1 and next(iter(value)) in EXPRESSIONS):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _sources(value: Any) -> Iterator[Source]:
    """Every reference in an expression."""
    if isinstance(value, list):
        for item in value:
            yield from _sources(item)
    elif isinstance(value, Mapping):
        target = value.get("Get")
        if isinstance(target, str):
            yield _source(target)
        else:
            for member in value.values():
                yield from _sources(member)


def _source(target: str) -> Source:
    step = STEP_TARGET.fullmatch(target)
    if step:
        return Source(target, step=step[1])
    name = target.removeprefix("Parameters.")
    return Source(target, parameter=name) if name != target else Source(target)


def _resolved(described: Mapping[str, Any], path: str, sources: tuple[Source, ...], given: Mapping[str, str]) -> str:
    """What it came to: as the resource has it, else the parameter alone that it is; empty where neither says."""
    found = _at(described, path)
    if found is not None and not isinstance(found, dict | list):
        return _text(found)
    parameter = sources[0].parameter if len(sources) == 1 else None
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
