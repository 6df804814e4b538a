"""What botocore's validator leaves to the service: maxima, patterns and enumerations of a request's members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import OperationModel, Shape

from localcloud.errors import ValidationException

# A pattern is Java's. Letters, digits and separators have a spelling in Python's; a pattern with other classes is not
# checked.
_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Alnum}": r"\w",
    r"\p{Z}": " \u00a0\u2000-\u200a\u3000",
}
_LENGTH_BEHIND = re.compile(r"\$\{\d+,\d+\}$")  # a typing error in SageMaker's description


def check(model: OperationModel, request: dict[str, Any], code: str = ValidationException.code) -> None:
    """Raises ValidationException, of that code, naming the first few members that the service would refuse, and why."""
    found = list(_violations(model.input_shape, request, "")) if model.input_shape is not None else []
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        raise ValidationException(f"{count}: {'; '.join(found[:10])}", code=code)


def _violations(shape: Shape, value: Any, place: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        for name, member in shape.members.items():
            if name in value:
                yield from _violations(member, value[name], f"{place}.{name}".lstrip("."))
    elif kind == "list":
        for number, item in enumerate(value, 1):
            yield from _violations(shape.member, item, f"{place}.{number}.member")
    elif kind == "map":
        for key, item in value.items():
            yield from _violations(shape.key, key, f"{place}.key")
            yield from _violations(shape.value, item, f"{place}.{key}")
    sentence = _refusal(shape, value)
    if sentence:
        yield f"Value {_shown(value)} at '{place}' failed to satisfy constraint: Member must {sentence}"


def _refusal(shape: Shape, value: Any) -> str | None:
    maximum = shape.metadata.get("max")
    if maximum is not None and shape.type_name in {"integer", "long", "float", "double"}:
        return f"have value less than or equal to {maximum}" if value > maximum else None
    if maximum is not None and shape.type_name in {"string", "list", "map"} and len(value) > maximum:
        return f"have length less than or equal to {maximum}"
    if shape.type_name != "string":
        return None
    if getattr(shape, "enum", None) and value not in shape.enum:
        return f"satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(value):
        return f"satisfy regular expression pattern: {pattern}"
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    python = _LENGTH_BEHIND.sub("", pattern)
    for java, class_ in _CLASSES.items():
        python = python.replace(java, class_)
    try:
        return re.compile(python, re.DOTALL)
    except re.error:
        return None


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text[:100]}'" + ("…" if len(text) > 100 else "")
