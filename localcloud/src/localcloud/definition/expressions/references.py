"""What an expression of a definition refers to.

A value is an expression where it is an object with one member, `Get` or `Std:…`:

    {"Get": "Parameters.NAME"}   {"Get": "Execution.VARIABLE"}   {"Get": "Steps.NAME.Member.List['name'].Member[0]"}
    {"Get": "PipelineExperimentConfig.MEMBER"}
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

PROPERTY_FILES = "PropertyFiles"
OUTPUT_PARAMETERS = "OutputParameters"
FUNCTIONS = {"Std:Join": {"On", "Values"}, "Std:JsonGet": {"PropertyFile", "S3Uri", "Path"}}

_PART = re.compile(r"\.?(?P<member>[^.\[\]'\"\s][^.\[\]]*)|\[(?P<index>\d+)\]|\[(['\"])(?P<key>.*?)\3\]")
_STEP = re.compile(r"Steps\.([^.\[]+)\.?(.*)", re.DOTALL)


class Key(str):
    """A part of a path that stands in brackets and quotes: the name of a list's item, or a map's key."""

    __slots__ = ()


Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Reference:
    """What a `Get` names. `text` is say `Steps.Train.ModelArtifacts.S3ModelArtifacts`, `place` where it stands."""

    text: str
    place: str = ""

    @property
    def source(self) -> str:
        """`Parameters`, `Execution`, `PipelineExperimentConfig` or `Steps`, where it names something."""
        return self.text.partition(".")[0]

    @property
    def name(self) -> str:
        """Of a parameter, a variable, a member, or a step."""
        return self.step or self.text.partition(".")[2]

    @property
    def step(self) -> str | None:
        """The step whose property it is, if it is one."""
        match = _STEP.fullmatch(self.text)
        return match[1] if match else None

    @property
    def parameter(self) -> str | None:
        """The parameter that it is, if it is one."""
        return self.name if self.source == "Parameters" else None

    @property
    def path(self) -> Path:
        """The property of a step that it names. Raises ValidationException where that is no path."""
        match = _STEP.fullmatch(self.text)
        return parse_path(match[2]) if match else ()


@dataclass(frozen=True)
class Argument:
    """One value of a step: where it stands, what it is, and what it is made of; a constant refers to nothing."""

    path: str
    value: Any
    references: tuple[Reference, ...]


def parse_path(text: str) -> Path:
    """`a.b['c.d'][0]`, with or without a leading `$`, as ("a", "b", "c.d", 0). Raises ValidationException."""
    rest, parts = text.removeprefix("$"), list[str | int]()
    while rest:
        match = _PART.match(rest)
        if match is None:
            raise ValidationException(f"{text!r} is no path; write member.member['name'].member[0]")
        parts.append(int(match["index"]) if match["index"] else match["member"] or Key(match["key"]))
        rest = rest[match.end() :]
    return tuple(parts)


def function_of(value: Any) -> str | None:
    """`Get` or the name of the function where the value is an expression, otherwise None."""
    if isinstance(value, Mapping) and len(value) == 1:
        (name,) = value
        if name == "Get" or name.startswith("Std:"):
            return str(name)
    return None


def is_expression(value: Any) -> bool:
    """Whether a value is a reference, or a function of the form that the service evaluates."""
    function = function_of(value)
    body = value[function] if function else None
    if function == "Std:Join":
        return isinstance(body, Mapping) and isinstance(body.get("Values"), list)
    return (function == "Get" and isinstance(body, str)) or (function == "Std:JsonGet" and isinstance(body, Mapping))


def has_expression(value: Any) -> bool:
    """Whether an expression stands anywhere in a value, so that it is only known in a run."""
    if isinstance(value, Mapping):
        return function_of(value) is not None or any(map(has_expression, value.values()))
    return isinstance(value, list) and any(map(has_expression, value))


def references(value: Any, place: str = "") -> Iterator[Reference]:
    """Every reference in `value`, which stands at `place`, however deep."""
    for path, leaf in leaves(value, place):
        if function_of(leaf) == "Get":
            yield Reference(str(leaf["Get"]), path)
        elif isinstance(leaf, Mapping):
            ((name, body),) = leaf.items()
            yield from references(body, f"{path}.{name}")


def arguments(value: Any, place: str = "") -> Iterator[Argument]:
    """Every single value in `value`, with what it refers to."""
    for path, leaf in leaves(value, place):
        yield Argument(path, leaf, tuple(dict.fromkeys(Reference(occurrence.text) for occurrence in references(leaf))))


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Constants and expressions with where they stand: `A.B[0]`."""
    if isinstance(value, Mapping) and function_of(value) is None:
        for name, member in value.items():
            yield from leaves(member, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{place}[{index}]")
    else:
        yield place, value
