"""A definition's text, read into the model: what stands where, not yet what refers to what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

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
from localcloud.definition.parameters import text_of
from localcloud.definition.references import function_of
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
        document = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise ValidationException(f"the pipeline definition is not JSON: {error}") from None
    if not isinstance(document, dict) or not document.get("Steps"):
        raise ValidationException("the pipeline definition is no JSON object with a list of Steps")
    where = "the pipeline definition"
    steps = _by_name(_steps(_list(document, "Steps", where)))
    return Definition(text, _parameters(_list(document, "Parameters", where)), steps)


def _refuse_constant(name: str) -> NoReturn:
    """Python's reader takes NaN and Infinity, which are not JSON."""
    raise ValueError(f"{name} is no JSON value")


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
        choices = tuple(map(text_of, _list(item, "EnumValues", f"parameter {name!r}")))
        found[name] = Parameter(name, item["Type"], item.get("DefaultValue"), choices)
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
            inner = _list(step.arguments, member, f"step {step.name!r}")
            yield from _steps(inner, Branch(step.name, outcome))


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
    if not isinstance(item.get("Arguments"), dict) or function_of(item["Arguments"]):
        raise ValidationException(f"{where} has no Arguments")
    return Step(
        name=name,
        type=item["Type"],
        arguments=item["Arguments"],
        branch=branch,
        depends_on=tuple(_dependency(entry, where) for entry in _list(item, "DependsOn", where)),
        retries=tuple(_retry(policy, where) for policy in _list(item, "RetryPolicies", where)),
        cache=_cache(item, where),
        property_files={
            _text(file, "PropertyFileName", where): PropertyFile(
                _text(file, "OutputName", where), _text(file, "FilePath", where)
            )
            for file in _list(item, "PropertyFiles", where)
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
    errors = _list(policy, "ExceptionType", f"{where}: a retry policy") if isinstance(policy, dict) else []
    if not errors or not all(isinstance(error, str) for error in errors):
        raise ValidationException(f"{where}: a retry policy has no list of ExceptionType")
    attempts, minutes = _number(policy, "MaxAttempts", where), _number(policy, "ExpireAfterMin", where)
    if (attempts is None) == (minutes is None):
        raise ValidationException(f"{where}: a retry policy has MaxAttempts or ExpireAfterMin, one of them")
    if (attempts or 0) > MAX_RETRIES or (minutes or 0) > MAX_RETRY_MINUTES:
        raise ValidationException(
            f"{where}: a retry policy's MaxAttempts is at most {MAX_RETRIES}, ExpireAfterMin {MAX_RETRY_MINUTES}"
        )
    seconds = None if minutes is None else 60.0 * minutes
    interval, backoff = _number(policy, "IntervalSeconds", where, 1), _number(policy, "BackoffRate", where, 2.0)
    return RetryPolicy(frozenset(errors), interval, backoff, attempts, seconds)


def _cache(item: Mapping[str, Any], where: str) -> float | None:
    config = item.get("CacheConfig") or {}
    if not isinstance(config, dict) or config.get("Enabled") not in (None, True, False):
        raise ValidationException(f"{where}: a CacheConfig is an object whose Enabled is true or false, not {config!r}")
    if not config.get("Enabled"):
        return None
    kind = KINDS.get(item["Type"])
    if kind is None or not kind.cache_key:
        raise ValidationException(f"{where}: a {item['Type']} step cannot be cached; take its CacheConfig away")
    if "ExpireAfter" not in config:
        return float("inf")
    return seconds_of(config["ExpireAfter"], where)


def _list(item: Mapping[str, Any], member: str, where: str) -> list[Any]:
    """A list that may be left out."""
    value = item.get(member)
    if value is not None and not isinstance(value, list):
        raise ValidationException(f"{where}: {member} is a list, not {value!r}")
    return value or []


def _number(policy: Mapping[str, Any], member: str, where: str, default: float | None = None) -> Any:
    """A number, not below nought, that may be left out."""
    value = default if policy.get(member) is None else policy[member]
    if value is not None and (not isinstance(value, int | float) or isinstance(value, bool) or value < 0):
        raise ValidationException(f"{where}: a retry policy's {member} is a number, not {value!r}")
    return value


def _text(item: Any, member: str, where: str) -> str:
    value = item.get(member) if isinstance(item, dict) else None
    if not isinstance(value, str) or not value:
        raise ValidationException(f"{where} has no {member}: {item!r}")
    return value
