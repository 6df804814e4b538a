"""The form that everything else relies on: a list of steps, each with a name, a type and arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.finding import Finding, Problem
from localcloud.definition.kinds import OUTSIDE
from localcloud.definition.model import BRANCHES
from localcloud.definition.reading import unknown

STEP_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
VERSION = "2020-12-01"
MEMBERS = ("Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps")
LONGEST = {"DisplayName": 256, "Description": 3072}
REQUIRED: dict[str, type] = {"Type": str, "Arguments": Mapping}
LISTS: dict[str, tuple[type, ...]] = {
    "DependsOn": (str, Mapping),
    "RetryPolicies": (Mapping,),
    "PropertyFiles": (Mapping,),
    "OutputParameters": (Mapping,),
}
STEP_MEMBERS = ("Name", "CacheConfig", *REQUIRED, *LONGEST, *LISTS, *OUTSIDE.values())


def check_skeleton(definition: Mapping[str, Any]) -> Iterator[Finding]:
    if definition.get("Version") != VERSION:
        yield Finding("", "Version", f"it is {definition.get('Version')!r}: the only version is {VERSION!r}")
    for member, message in unknown(definition, MEMBERS, "the definition"):
        yield Finding("", member, message)
    if not isinstance(definition.get("Parameters", []), list):
        yield Finding("", "Parameters", "it is not a list")
    if not isinstance(definition.get("Metadata", {}), Mapping):
        yield Finding("", "Metadata", "it is not an object")
    yield from _check_steps(definition.get("Steps"), "", "Steps", nested=False)


def _check_steps(bodies: object, owner: str, field: str, *, nested: bool) -> Iterator[Finding]:
    if not isinstance(bodies, list) or not (bodies or nested):
        yield Finding(owner, field, "it is not a list of steps")
        return
    for index, body in enumerate(bodies):
        yield from _check_step(body, owner, f"{field}[{index}]", nested=nested)


def _check_step(body: object, owner: str, field: str, *, nested: bool) -> Iterator[Finding]:
    name = body.get("Name") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(name, str):
        yield Finding(owner, f"{field}.Name", "a step without a name")
        return
    if not STEP_NAME.fullmatch(name):
        yield Finding(name, "Name", "a step's name has 1 to 64 letters, digits, hyphens and underscores")
    for member, message in (*unknown(body, STEP_MEMBERS, "a step"), *_check_members(body)):
        yield Finding(name, member, message)
    if body.get("Type") == "Condition" and isinstance(body.get("Arguments"), Mapping):
        yield from _check_branches(name, body["Arguments"], nested=nested)


def _check_members(body: Mapping[str, Any]) -> Iterator[Problem]:
    for member, kind in REQUIRED.items():
        if not isinstance(body.get(member), kind):
            yield member, "it is missing, or of another type"
    if not isinstance(body.get("CacheConfig", {}), Mapping):
        yield "CacheConfig", "it is not an object"
    for member, most in LONGEST.items():
        text = body.get(member, "")
        if not isinstance(text, str) or len(text) > most:
            yield member, f"it is not a text of at most {most} characters"
    for member, kinds in LISTS.items():
        entries = body.get(member, [])
        if not isinstance(entries, list) or not all(isinstance(entry, kinds) for entry in entries):
            yield member, "it is not a list of what it should be"


def _check_branches(name: str, arguments: Mapping[str, Any], *, nested: bool) -> Iterator[Finding]:
    if nested:
        yield Finding(name, "Type", "a condition in a condition's branch: the service takes no nested conditions")
        return
    for branch in BRANCHES:
        yield from _check_steps(arguments.get(branch), name, f"Arguments.{branch}", nested=True)
