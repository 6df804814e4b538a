"""Retries and caching: where the service takes them, and a cache key that can ever be met again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition import Step, references
from pipeline.validation.reading import items
from pipeline.validation.service import STEP_TYPES
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import Surroundings

MOST_ATTEMPTS = 20
LONGEST_MINUTES = 14_400
POLICY_MEMBERS = frozenset({"ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin"})
DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")


def check_retries(step: Step, _: Surroundings) -> Iterator[Problem]:
    policies = step.body.get("RetryPolicies") or ()
    allowed = STEP_TYPES[step.type].retries if step.type in STEP_TYPES else ()
    if policies and not allowed:
        yield "RetryPolicies", f"a {step.type} step takes no retry policy"
        return
    for index, policy in enumerate(policies):
        yield from _check_policy(policy, f"RetryPolicies[{index}]", allowed)


def _check_policy(policy: Mapping[str, Any], path: str, allowed: tuple[str, ...]) -> Iterator[Problem]:
    for member in policy.keys() - POLICY_MEMBERS:
        yield f"{path}.{member}", f"no such member; a retry policy has {', '.join(sorted(POLICY_MEMBERS))}"
    exceptions = items(policy, "ExceptionType")
    if not exceptions:
        yield f"{path}.ExceptionType", "a retry policy names at least one exception"
    for exception in exceptions:
        if exception not in allowed:
            yield f"{path}.ExceptionType", f"{exception!r} is none of this step's: {', '.join(allowed)}"
    if ("MaxAttempts" in policy) == ("ExpireAfterMin" in policy):
        yield f"{path}.MaxAttempts", "a retry policy has either MaxAttempts or ExpireAfterMin, not both"
    yield from _check_number(policy, path, "MaxAttempts", 1, MOST_ATTEMPTS)
    yield from _check_number(policy, path, "ExpireAfterMin", 1, LONGEST_MINUTES)
    yield from _check_number(policy, path, "IntervalSeconds", 1, None)
    yield from _check_number(policy, path, "BackoffRate", 1, None)


def _check_number(
    policy: Mapping[str, Any], path: str, member: str, least: float, most: float | None
) -> Iterator[Problem]:
    value = policy.get(member, least)
    if not isinstance(value, int | float) or value < least or (most is not None and value > most):
        yield f"{path}.{member}", f"it is {value!r}: at least {least}" + (f" and at most {most}" if most else "")


def check_cache(step: Step, _: Surroundings) -> Iterator[Problem]:
    config = step.body.get("CacheConfig")
    if not config or not config.get("Enabled"):
        return
    key = STEP_TYPES[step.type].key if step.type in STEP_TYPES else ()
    if not key:
        yield "CacheConfig.Enabled", f"a {step.type} step is never cached: a hit would report what is not there"
        return
    expiry = config.get("ExpireAfter")
    if not isinstance(expiry, str) or not DURATION.fullmatch(expiry):
        yield "CacheConfig.ExpireAfter", f"it is {expiry!r}, not an ISO 8601 duration such as P30D or PT12H"
    for member in key:
        for reference in references(step.arguments.get(member), f"Arguments.{member}"):
            if reference.target.startswith("Execution."):
                yield reference.path, f"{reference.target} stands in the cache key, so this step never hits its cache"
