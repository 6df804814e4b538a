"""Conditions and failures: the two steps that call nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.expressions.conditions import MEMBERS, ORDERS, SIDES
from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.expressions.references import is_expression
from localcloud.definition.finding import Problem
from localcloud.definition.kinds import CONDITION, FAIL
from localcloud.definition.model import BRANCHES, Step
from localcloud.definition.reading import unknown

NUMBERS = frozenset({"integer", "long", "float", "double"})
LONGEST_MESSAGE = 3072


def check_condition(step: Step, context: Context) -> Iterator[Problem]:
    if step.type == CONDITION:
        for member, message in unknown(step.arguments, ("Conditions", *BRANCHES), "a Condition step"):
            yield f"Arguments.{member}", message
        yield from _check_conditions(step.arguments.get("Conditions"), "Arguments.Conditions", context)


def _check_conditions(conditions: object, path: str, context: Context) -> Iterator[Problem]:
    if not isinstance(conditions, list) or not conditions:
        yield path, "it is not a list of conditions"
        return
    for index, condition in enumerate(conditions):
        yield from _check(condition, f"{path}[{index}]", context)


def _check(condition: object, path: str, context: Context) -> Iterator[Problem]:
    kind = condition.get("Type") if isinstance(condition, Mapping) else None
    if not isinstance(condition, Mapping) or not isinstance(kind, str) or kind not in MEMBERS:
        yield f"{path}.Type", f"it is {kind!r}: one of {', '.join(MEMBERS)}"
        return
    for member, message in unknown(condition, ("Type", *MEMBERS[kind]), kind):
        yield f"{path}.{member}", message
    for member in MEMBERS[kind]:
        if member in condition:
            yield from _check_member(condition[member], member, f"{path}.{member}", context)
        else:
            yield f"{path}.{member}", f"it is missing: {kind} requires it"
    if kind in ORDERS:
        yield from _check_ordering(condition, path, context)


def _check_member(value: Any, member: str, path: str, context: Context) -> Iterator[Problem]:
    if member == "Condition":
        yield from _check(value, path, context)
    elif member == "Conditions":
        yield from _check_conditions(value, path, context)
    elif member != "Values":
        yield from _check_value(value, path, context)
    elif not isinstance(value, list) or not value:
        yield path, "it is not a list of values"
    else:
        for index, item in enumerate(value):
            yield from _check_value(item, f"{path}[{index}]", context)


def _check_value(value: Any, path: str, context: Context) -> Iterator[Problem]:
    if not context.is_scalar(value):
        yield path, "a condition compares a text, a number or a truth, or a reference to one"


def _check_ordering(condition: Mapping[str, Any], path: str, context: Context) -> Iterator[Problem]:
    """Numbers with numbers, strings with strings."""
    left, right = (_kind(condition.get(side), context) for side in SIDES)
    if left is not None and right is not None and left != right:
        yield f"{path}.RightValue", f"a {left} is compared with a {right}"


def _kind(value: Any, context: Context) -> str | None:
    """`number`, `string` or `boolean`; None where that is not known."""
    kind = context.type_of(value)
    return "number" if kind in NUMBERS else kind


def check_failure(step: Step, context: Context) -> Iterator[Problem]:
    if step.type != FAIL:
        return
    for member, message in unknown(step.arguments, ("ErrorMessage",), "a Fail step"):
        yield f"Arguments.{member}", message
    argument = step.arguments.get("ErrorMessage")
    message = context.known(argument)
    if not is_expression(argument) and not isinstance(argument, str):
        yield "Arguments.ErrorMessage", "it is missing: a failure says why"
    elif isinstance(message, str) and len(message) > LONGEST_MESSAGE:
        yield "Arguments.ErrorMessage", f"it has {len(message)} characters: at most {LONGEST_MESSAGE}"
