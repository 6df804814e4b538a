"""Whether the conditions of a Condition step hold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.errors import ValidationException

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
SIDES = ("LeftValue", "RightValue")
# The members that a condition of each type has. The service's published schema has `Expression` in a Not; the service
# itself refuses it and takes `Condition`, as its SDK writes.
MEMBERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Equals", *ORDERS), SIDES),
    "In": ("QueryValue", "Values"),
    "Not": ("Condition",),
    "And": ("Conditions",),
    "Or": ("Conditions",),
}


def holds(condition: Mapping[str, Any], resolve: Callable[[Any], Any]) -> bool:
    """Whether one condition holds, its values given by `resolve`.

    Numbers compare with numbers and texts with texts; an order between the two raises ValidationException, while they
    merely are not equal.
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Condition"], resolve)
    if kind in {"And", "Or"}:
        every = all if kind == "And" else any
        return every(holds(inner, resolve) for inner in condition["Conditions"])
    if kind == "In":
        query = resolve(condition["QueryValue"])
        return any(_equal(query, resolve(value)) for value in condition["Values"])
    left, right = (resolve(condition[side]) for side in SIDES)
    return _equal(left, right) if kind == "Equals" else _ordered(kind, left, right)


def all_hold(conditions: list[Mapping[str, Any]], resolve: Callable[[Any], Any]) -> bool:
    """The outcome of a Condition step: all of its conditions, one after the other, until one does not hold."""
    return all(holds(condition, resolve) for condition in conditions)


def _equal(left: Any, right: Any) -> bool:
    return _sort(left) == _sort(right) and left == right


def _ordered(kind: str, left: Any, right: Any) -> bool:
    if _sort(left) != _sort(right) or _sort(left) not in {"a number", "a text"}:
        raise ValidationException(f"{left!r} and {right!r} cannot be compared: {_sort(left)} and {_sort(right)}")
    return ORDERS[kind](left, right)


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else f"a {type(value).__name__}"
