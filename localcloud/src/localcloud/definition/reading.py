"""Reading JSON that may be of any form: what is not there, or is something else, is reported by the shapes' check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from localcloud.definition.finding import Problem


def structure(value: object, *path: str) -> Mapping[str, Any]:
    """The object at `path` in `value`; an empty one where there is none."""
    for member in path:
        value = value.get(member) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def items(value: object, *path: str) -> list[Any]:
    """The list at `path` in `value`; an empty one where there is none."""
    entries = structure(value, *path[:-1]).get(path[-1]) if path else value
    return entries if isinstance(entries, list) else []


def structures(value: object, *path: str) -> list[Mapping[str, Any]]:
    """The list at `path`, of objects: an empty one for each that is none."""
    return [structure(item) for item in items(value, *path)]


def unknown(value: Mapping[str, Any], members: Collection[str], owner: str) -> Iterator[Problem]:
    """Each member of `value` that is none of `members`, which are those that `owner` has."""
    for member in sorted(value.keys() - set(members)):
        yield member, f"no such member; {owner} has {', '.join(sorted(members))}"


def repeated(entries: list[Mapping[str, Any]], path: str, *member: str) -> Iterator[Problem]:
    """What should tell the items of the list at `path` apart, and stands in several of them."""
    values = [structure(item, *member[:-1]).get(member[-1]) for item in entries]
    times = Counter(map(str, values))
    for index, value in enumerate(values):
        if value is not None and times[str(value)] > 1:
            yield f"{path}[{index}].{'.'.join(member)}", f"{value!r} stands {times[str(value)]} times"
