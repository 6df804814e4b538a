"""Retries and caching: where the service takes them, and a cache key that can ever be met again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition.document import DURATION, Step, references
from pipeline.definition.validation.finding import Problem
from pipeline.definition.validation.reading import items, unknown
from pipeline.definition.validation.service import STEP_TYPES
from pipeline.definition.validation.stand_ins import Surroundings

# Type, least and most of each number of a retry policy.
NUMBERS: dict[str, tuple[type | tuple[type, ...], int, int | None]] = {
    "MaxAttempts": (int, 1, 20),
    "ExpireAfterMin": (int, 1, 14_400),
    "IntervalSeconds": (int, 0, None),
    "BackoffRate": ((int, float), 0, None),
}
POLICY_MEMBERS = ("ExceptionType", *NUMBERS)
CACHE_MEMBERS = ("Enabled", "ExpireAfter")


def check_retries(step: Step, _: Surroundings) -> Iterator[Problem]:
    policies = step.body.get("RetryPolicies") or ()
    allowed = STEP_TYPES[step.type].retries if step.type in STEP_TYPES else ()
    if policies and not allowed:
        yield "RetryPolicies", f"a {step.type} step takes no retry policy"
        return
    for index, policy in enumerate(policies):
        for member, message in _check_policy(policy, allowed):
            yield f"RetryPolicies[{index}].{member}", message


def _check_policy(policy: Mapping[str, Any], allowed: tuple[str, ...]) -> Iterator[Problem]:
    yield from unknown(policy, POLICY_MEMBERS, "a retry policy")
    exceptions = items(policy, "ExceptionType")
    if not exceptions:
        yield "ExceptionType", "a retry policy names at least one exception"
    for exception in exceptions:
        if exception not in allowed:
            yield "ExceptionType", f"{exception!r} is none of this step's: {', '.join(allowed)}"
    if ("MaxAttempts" in policy) == ("ExpireAfterMin" in policy):
        yield "MaxAttempts", "a retry policy has either MaxAttempts or ExpireAfterMin, not both"
    for member, (kind, least, most) in NUMBERS.items():
        value = policy.get(member, least)
        is_number = isinstance(value, kind) and not isinstance(value, bool)
        if not is_number or value < least or (most is not None and value > most):
            wanted = "a whole number of at least" if kind is int else "at least"
            yield member, f"it is {value!r}: {wanted} {least}" + (f" and at most {most}" if most else "")


def check_cache(step: Step, _: Surroundings) -> Iterator[Problem]:
    config = step.body.get("CacheConfig")
    if config is None:
        return
    for member, message in unknown(config, CACHE_MEMBERS, "a CacheConfig"):
        yield f"CacheConfig.{member}", message
    if not isinstance(config.get("Enabled"), bool):
        yield "CacheConfig.Enabled", f"it is {config.get('Enabled')!r}: true or false"
    elif config["Enabled"]:
        yield from _check_cached(step, config.get("ExpireAfter"))


def _check_cached(step: Step, expiry: object) -> Iterator[Problem]:
    key = STEP_TYPES[step.type].key if step.type in STEP_TYPES else ()
    if not key:
        yield "CacheConfig.Enabled", f"a {step.type} step is never cached: a hit would report what is not there"
        return
    if not isinstance(expiry, str) or not DURATION.fullmatch(expiry):
        yield "CacheConfig.ExpireAfter", f"it is {expiry!r}, not an ISO 8601 duration such as P30D or PT12H"
    for member in key:
        for reference in references(step.arguments.get(member), f"Arguments.{member}"):
            if reference.target.startswith("Execution."):
                yield reference.path, f"{reference.target} stands in the cache key, so this step never hits its cache"
