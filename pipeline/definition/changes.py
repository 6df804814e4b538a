"""What a new definition would change in the live pipeline, in lines for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def changes(live: Mapping[str, Any], compiled: Mapping[str, Any]) -> Iterator[str]:
    """A line a parameter, step or role that differs; nothing where the two would run the same."""
    if live.get("RoleArn") != compiled["RoleArn"]:
        yield f"role: {live.get('RoleArn')} -> {compiled['RoleArn']}"
    before, after = json.loads(live["PipelineDefinition"]), json.loads(compiled["PipelineDefinition"])
    for part, word in (("Parameters", "parameter"), ("Steps", "step")):
        yield from _differences(word, _named(before.pop(part, ())), _named(after.pop(part, ())))
    yield from _differences("definition", before, after)


def _differences(word: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            yield f"{word} {name}: removed"
        elif name not in before:
            yield f"{word} {name}: added"
        elif before[name] != after[name]:
            yield f"{word} {name}: {', '.join(_paths(before[name], after[name]))}"


def _paths(before: object, after: object, path: str = "") -> Iterator[str]:
    """Where two values differ, as dotted paths; short values are shown."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            if before.get(key) != after.get(key):
                yield from _paths(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                yield from _paths(old, new, f"{path}[{index}]")
    else:
        yield f"{path} {_short(before)} -> {_short(after)}"


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _named(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {entry["Name"]: entry for entry in entries}
