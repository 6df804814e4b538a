"""Retries and caching: where the service takes them, and in which form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.durations import seconds_of
from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Problem
from localcloud.definition.kinds import KINDS, OUTSIDE
from localcloud.definition.model import Step
from localcloud.definition.reading import items, unknown

# Type, least and most of each number of a retry policy.
NUMBERS: dict[str, tuple[type | tuple[type, ...], int, int | None]] = {
    "MaxAttempts": (int, 1, 20),
    "ExpireAfterMin": (int, 1, 14_400),
    "IntervalSeconds": (int, 0, None),
    "BackoffRate": ((int, float), 0, None),
}
POLICY_MEMBERS = ("ExceptionType", *NUMBERS)
CACHE_MEMBERS = ("Enabled", "ExpireAfter")


def check_retries(step: Step, _: Context) -> Iterator[Problem]:
    policies = items(step.body, "RetryPolicies")
    allowed = KINDS[step.type].retries if step.type in KINDS else ()
    if policies and not allowed:
        yield "RetryPolicies", f"a {step.type} step takes no retry policy"
        return
    for index, policy in enumerate(policies):
        members = {member: value for member, value in policy.items() if value is not None}
        for member, message in _check_policy(members, allowed):
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
            bound = "a whole number of at least" if kind is int else "at least"
            yield member, f"it is {value!r}: {bound} {least}" + (f" and at most {most}" if most else "")


def check_cache(step: Step, _: Context) -> Iterator[Problem]:
    config = step.body.get("CacheConfig")
    if config is None:
        return
    for member, message in unknown(config, CACHE_MEMBERS, "a CacheConfig"):
        yield f"CacheConfig.{member}", message
    if not isinstance(config.get("Enabled"), bool):
        yield "CacheConfig.Enabled", f"it is {config.get('Enabled')!r}: true or false"
    elif config["Enabled"]:
        yield from _check_cached(step, config)


def _check_cached(step: Step, config: Mapping[str, Any]) -> Iterator[Problem]:
    is_cached = step.type in KINDS and KINDS[step.type].cache_key
    if not is_cached and step.type not in OUTSIDE:  # these take a CacheConfig, and are done anew each time
        yield "CacheConfig.Enabled", f"a {step.type} step is never cached: a hit would report what is not there"
    elif "ExpireAfter" in config:
        try:
            seconds_of(config["ExpireAfter"])
        except ValueError as error:
            yield "CacheConfig.ExpireAfter", str(error)
