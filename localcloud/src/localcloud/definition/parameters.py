"""A definition's parameters, and the values of one execution's."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from localcloud.errors import ValidationException

MAX_CHARACTERS = 1_024
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a pipeline; a value of it is a text."""

    name: str
    type: str
    default: Any = None
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> Parameter:
        """An item of a definition's Parameters."""
        choices = declared.get("EnumValues")
        texts = tuple(map(text_of, choices)) if isinstance(choices, list) else ()
        return cls(str(declared.get("Name", "")), str(declared.get("Type", "")), declared.get("DefaultValue"), texts)

    def problem(self, text: str) -> str | None:
        """What a start would be refused for with this value, in a sentence; None if for nothing."""
        if text == self.default_text:
            return None
        if not text:
            return f"{self.name} has an empty value"
        if len(text) > MAX_CHARACTERS:
            return f"{self.name} has a value of {len(text)} characters: at most {MAX_CHARACTERS} can be sent"
        if self.choices and text not in self.choices:
            return f"{self.name} is one of {', '.join(self.choices)}: {text!r} is not"
        return f"{self.name} is {self.type}: {text!r} is not" if self.value(text) is None else None

    @property
    def default_text(self) -> str | None:
        return None if self.default is None else text_of(self.default)

    def value(self, text: str) -> Any:
        """A text as a value of its type; None where it is none."""
        reader = _READERS.get(self.type)
        return reader(text) if reader else None


def bind(
    parameters: Mapping[str, Parameter],
    overrides: Iterable[Mapping[str, str]],
    earlier: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every parameter's value, in the definition's order: an override, else the one `earlier`, else its default.

    `overrides` is a start's PipelineParameters. Raises ValidationException for a name that the definition does not
    have, a value that its type or its enumeration does not, and a parameter without any value.
    """
    texts = {**(earlier or {}), **{item["Name"]: item["Value"] for item in overrides}}
    for name in (item["Name"] for item in overrides):
        if name not in parameters:
            raise ValidationException(unknown_parameter(name, parameters))
    return {name: _value(parameter, texts.get(name)) for name, parameter in parameters.items()}


def unknown_parameter(name: str, parameters: Iterable[str]) -> str:
    """The sentence for a parameter that there is not."""
    names = sorted(parameters)
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(names) or 'none'}"
    return f"the pipeline has no parameter {name!r}: {hint}"


def text_of(value: Any) -> str:
    """A value as text, in a Join and where a parameter is listed: `0.01`, `true`, `[1, 2]`."""
    return value if isinstance(value, str) else json.dumps(value)


def _value(parameter: Parameter, text: str | None) -> Any:
    text = parameter.default_text if text is None else text
    if text is None:
        raise ValidationException(f"parameter {parameter.name!r} has no default; give it a value")
    if problem := parameter.problem(text):
        raise ValidationException(problem)
    return parameter.value(text)


def integer(text: str) -> int | None:
    """The whole number that a text spells in ASCII digits, with or without a sign; None where it spells none."""
    return int(text) if len(text) <= MAX_CHARACTERS and _INTEGER.fullmatch(text) else None


def number(text: str) -> float | None:
    """The finite number that a text spells; None where it spells none."""
    return float(text) if _FLOAT.fullmatch(text) and math.isfinite(float(text)) else None


def _boolean(text: str) -> bool | None:
    return _BOOLEANS.get(text.lower())


_READERS: dict[str, Callable[[str], Any]] = {"String": str, "Integer": integer, "Float": number, "Boolean": _boolean}
