"""The values of one execution's parameters."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localcloud.definition.model import Parameter
from localcloud.errors import ValidationException

MAX_CHARACTERS = 1_024
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False}


def bind(
    parameters: Mapping[str, Parameter], given: Iterable[Mapping[str, str]], earlier: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Every parameter's value, in the definition's order: what is given, else what it had `earlier`, else its default.

    `given` is a start's PipelineParameters. Raises ValidationException for a name that the definition does not have, a
    value that its type or its enumeration does not, and a parameter without any value.
    """
    texts = dict(earlier or {})
    for item in given:
        if item["Name"] not in parameters:
            known = ", ".join(parameters) or "none"
            raise ValidationException(f"the pipeline has no parameter {item['Name']!r}; it has {known}")
        texts[item["Name"]] = item["Value"]
    return {name: _value(parameter, texts.get(name)) for name, parameter in parameters.items()}


def text_of(value: Any) -> str:
    """A value as text, in a Join and where a parameter is listed: `0.01`, `true`, `[1, 2]`."""
    return value if isinstance(value, str) else json.dumps(value)


def _value(parameter: Parameter, text: str | None) -> Any:
    if text is None:
        if parameter.default is None:
            raise ValidationException(f"parameter {parameter.name!r} has no default; give it a value")
        text = text_of(parameter.default)
    if len(text) > MAX_CHARACTERS:
        raise ValidationException(f"parameter {parameter.name!r} has more than {MAX_CHARACTERS} characters")
    if parameter.choices and text not in parameter.choices:
        raise ValidationException(
            f"parameter {parameter.name!r} is one of {', '.join(parameter.choices)}, not {text!r}"
        )
    value = _READERS[parameter.type](text)
    if value is None:
        raise ValidationException(f"parameter {parameter.name!r} takes {_ARTICLES[parameter.type]}, not {text!r}")
    return value


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _float(text: str) -> float | None:
    if not _FLOAT.fullmatch(text) or not math.isfinite(float(text)):
        return None
    return float(text)


def _boolean(text: str) -> bool | None:
    return _BOOLEANS.get(text.lower())


_READERS: dict[str, Callable[[str], Any]] = {"String": str, "Integer": _integer, "Float": _float, "Boolean": _boolean}
_ARTICLES = {"Integer": "an integer", "Float": "a finite number", "Boolean": "true or false"}
