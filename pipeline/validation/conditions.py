"""Conditions and failures: the two steps that call nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition import Step
from pipeline.validation.reading import items
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import StandIn, Surroundings, is_expression

ORDERINGS = ("GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo")
COMPARISON = frozenset({"Type", "LeftValue", "RightValue"})
MEMBERS = {
    **dict.fromkeys(("Equals", *ORDERINGS), COMPARISON),
    "In": frozenset({"Type", "QueryValue", "Values"}),
    "Not": frozenset({"Type", "Condition"}),
    "Or": frozenset({"Type", "Conditions"}),
}
NUMBERS = frozenset({"integer", "long", "float", "double"})
LONGEST_MESSAGE = 3072


def check_condition(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "Condition":
        return
    conditions = step.arguments.get("Conditions")
    if not isinstance(conditions, list) or not conditions:
        yield "Arguments.Conditions", "a condition step without a condition"
        return
    for index, condition in enumerate(conditions):
        yield from _check(condition, f"Arguments.Conditions[{index}]", surroundings)


def _check(condition: object, path: str, surroundings: Surroundings) -> Iterator[Problem]:
    kind = condition.get("Type") if isinstance(condition, Mapping) else None
    if not isinstance(condition, Mapping) or not isinstance(kind, str) or kind not in MEMBERS:
        yield f"{path}.Type", f"it is {kind!r}: one of {', '.join(MEMBERS)}"
        return
    for member in sorted(MEMBERS[kind] ^ condition.keys()):
        yield f"{path}.{member}", "it is missing" if member in MEMBERS[kind] else f"{kind} has no such member"
    if kind in ORDERINGS:
        yield from _check_ordering(condition, path, surroundings)
    elif kind == "Not":
        yield from _check(condition.get("Condition"), f"{path}.Condition", surroundings)
    elif kind == "Or":
        for index, inner in enumerate(items(condition, "Conditions")):
            yield from _check(inner, f"{path}.Conditions[{index}]", surroundings)


def _check_ordering(condition: Mapping[str, Any], path: str, surroundings: Surroundings) -> Iterator[Problem]:
    """Numbers with numbers, strings with strings."""
    sides = ("LeftValue", "RightValue")
    left, right = (_kind(condition.get(side), surroundings) for side in sides)
    if left is not None and right is not None and left != right:
        yield f"{path}.RightValue", f"a {left} is compared with a {right}"


def _kind(value: Any, surroundings: Surroundings) -> str | None:
    """`number`, `string` or `boolean`; None where that is not known."""
    if not is_expression(value):
        value = StandIn({str: "string", bool: "boolean", int: "integer", float: "float"}.get(type(value)))
    else:
        value = surroundings.resolve(value)
    return "number" if value.type in NUMBERS else value.type


def check_failure(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "Fail":
        return
    for member in step.arguments.keys() - {"ErrorMessage"}:
        yield f"Arguments.{member}", "a Fail step has an ErrorMessage and nothing else"
    message = surroundings.known(step.arguments.get("ErrorMessage"))
    given = step.arguments.get("ErrorMessage")
    if not is_expression(given) and not isinstance(given, str):
        yield "Arguments.ErrorMessage", "it is missing: a failure says why"
    elif isinstance(message, str) and len(message) > LONGEST_MESSAGE:
        yield "Arguments.ErrorMessage", f"it has {len(message)} characters: at most {LONGEST_MESSAGE}"
