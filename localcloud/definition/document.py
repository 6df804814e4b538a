"""A definition's text, read into the model: what stands where, not yet what refers to what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.durations import seconds_of
from localcloud.definition.kinds import CONDITION, KINDS, STEP_TYPES
from localcloud.definition.model import (
    BRANCHES,
    Branch,
    Definition,
    Dependency,
    Parameter,
    PropertyFile,
    RetryPolicy,
    Step,
    Trigger,
)
from localcloud.errors import ValidationException

MAX_CHARACTERS = 1_048_576
MAX_PARAMETERS = 200
MAX_RETRIES = 20
MAX_RETRY_MINUTES = 14_400
PARAMETER_TYPES = ("String", "Integer", "Float", "Boolean")
_STEP_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")


def parse(text: str) -> Definition:
    """Raises ValidationException, naming the step or the parameter that is wrong."""
    if len(text) > MAX_CHARACTERS:
        raise ValidationException(f"the definition has {len(text)} characters; a pipeline takes {MAX_CHARACTERS}")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValidationException(f"the pipeline definition is not JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("Steps"), list) or not document["Steps"]:
        raise ValidationException("the pipeline definition is no JSON object with a list of Steps")
    return Definition(text, _parameters(document.get("Parameters") or []), _by_name(_steps(document["Steps"])))


def _parameters(items: list[Any]) -> dict[str, Parameter]:
    if len(items) > MAX_PARAMETERS:
        raise ValidationException(f"the definition has {len(items)} parameters; a pipeline takes {MAX_PARAMETERS}")
    found: dict[str, Parameter] = {}
    for item in items:
        name = _text(item, "Name", "a parameter")
        if name in found:
            raise ValidationException(f"two parameters are named {name!r}; a name stands for one parameter")
        if item.get("Type") not in PARAMETER_TYPES:
            raise ValidationException(f"parameter {name!r} is a {item.get('Type')!r}, not {', '.join(PARAMETER_TYPES)}")
        found[name] = Parameter(name, item["Type"], item.get("DefaultValue"), tuple(item.get("EnumValues") or ()))
    return found


def _steps(items: list[Any], branch: Branch | None = None) -> Iterator[Step]:
    for item in items:
        step = _step(item, branch)
        yield step
        if step.type != CONDITION:
            continue
        if branch is not None:
            raise ValidationException(
                f"step {step.name!r} is a Condition in a branch of {branch.condition!r}; none nests"
            )
        for member, outcome in BRANCHES.items():
            yield from _steps(step.arguments.get(member) or [], Branch(step.name, outcome))


def _by_name(steps: Iterator[Step]) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for step in steps:
        if step.name in found:
            raise ValidationException(f"two steps are named {step.name!r}; a name stands for one step")
        found[step.name] = step
    return found


def _step(item: Any, branch: Branch | None) -> Step:
    name = _text(item, "Name", "a step")
    where = f"step {name!r}"
    if not _STEP_NAME.fullmatch(name):
        raise ValidationException(f"{where}: a step's name is 1 to 64 letters, digits, hyphens and underscores")
    if item.get("Type") not in STEP_TYPES:
        raise ValidationException(f"{where} is a {item.get('Type')!r}; what runs here is {', '.join(STEP_TYPES)}")
    if not isinstance(item.get("Arguments"), dict):
        raise ValidationException(f"{where} has no Arguments")
    return Step(
        name=name,
        type=item["Type"],
        arguments=item["Arguments"],
        branch=branch,
        depends_on=tuple(_dependency(entry, where) for entry in item.get("DependsOn") or ()),
        retries=tuple(_retry(policy, where) for policy in item.get("RetryPolicies") or ()),
        cache=_cache(item, where),
        property_files={
            _text(file, "PropertyFileName", where): PropertyFile(
                _text(file, "OutputName", where), _text(file, "FilePath", where)
            )
            for file in item.get("PropertyFiles") or ()
        },
        display_name=item.get("DisplayName"),
        description=item.get("Description"),
    )


def _dependency(entry: Any, where: str) -> Dependency:
    if isinstance(entry, str):
        return Dependency(entry)
    name = _text(entry, "Step", f"{where}: an entry of DependsOn")
    try:
        return Dependency(name, Trigger(entry.get("Trigger", Trigger.COMPLETED)))
    except ValueError:
        raise ValidationException(
            f"{where} depends on {name!r} with the trigger {entry['Trigger']!r}; there are {', '.join(Trigger)}"
        ) from None


def _retry(policy: Any, where: str) -> RetryPolicy:
    errors, attempts, minutes = policy.get("ExceptionType"), policy.get("MaxAttempts"), policy.get("ExpireAfterMin")
    if not errors or not isinstance(errors, list):
        raise ValidationException(f"{where}: a retry policy has no list of ExceptionType")
    if (attempts is None) == (minutes is None):
        raise ValidationException(f"{where}: a retry policy has MaxAttempts or ExpireAfterMin, one of them")
    if not 0 <= (attempts or 0) <= MAX_RETRIES or not 0 <= (minutes or 0) <= MAX_RETRY_MINUTES:
        raise ValidationException(
            f"{where}: a retry policy's MaxAttempts is at most {MAX_RETRIES}, ExpireAfterMin {MAX_RETRY_MINUTES}"
        )
    seconds = None if minutes is None else 60.0 * minutes
    return RetryPolicy(
        frozenset(errors), policy.get("IntervalSeconds", 1), policy.get("BackoffRate", 2.0), attempts, seconds
    )


def _cache(item: Mapping[str, Any], where: str) -> float | None:
    config = item.get("CacheConfig") or {}
    if not config.get("Enabled"):
        return None
    kind = KINDS.get(item["Type"])
    if kind is None or not kind.cache_key:
        raise ValidationException(f"{where}: a {item['Type']} step cannot be cached; take its CacheConfig away")
    if "ExpireAfter" not in config:
        return float("inf")
    return seconds_of(config["ExpireAfter"], where)


def _text(item: Any, member: str, where: str) -> str:
    value = item.get(member) if isinstance(item, dict) else None
    if not isinstance(value, str) or not value:
        raise ValidationException(f"{where} has no {member}: {item!r}")
    return value
