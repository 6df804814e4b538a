"""Reading JSON that may be of any form: what is not there, or is something else, is reported by the shapes' check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def structure(value: object, *path: str) -> Mapping[str, Any]:
    """The object at `path` in `value`; an empty one where there is none."""
    for member in path:
        value = value.get(member) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def items(value: object, *path: str) -> list[Any]:
    """The list at `path` in `value`; an empty one where there is none."""
    found = structure(value, *path[:-1]).get(path[-1]) if path else value
    return found if isinstance(found, list) else []


def structures(value: object, *path: str) -> list[Mapping[str, Any]]:
    """The list at `path`, of objects: an empty one for each that is none."""
    return [structure(item) for item in items(value, *path)]
