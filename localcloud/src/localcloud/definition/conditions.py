"""Whether the conditions of a Condition step hold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.errors import ValidationException

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
# The members that a condition of each type has. `Not` has one of two, which the service's schema and its SDK spell so.
_MEMBERS = {
    "Equals": {"LeftValue", "RightValue"},
    **{kind: {"LeftValue", "RightValue"} for kind in _ORDERS},
    "In": {"QueryValue", "Values"},
    "And": {"Conditions"},
    "Or": {"Conditions"},
}
_LISTS = {"Conditions", "Values"}
_NEGATED = ("Expression", "Condition")


def holds(condition: Mapping[str, Any], resolve: Callable[[Any], Any]) -> bool:
    """Whether one condition holds, its values given by `resolve`.

    Numbers compare with numbers and texts with texts; an order between the two raises ValidationException, while they
    merely are not equal.
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(_negated(condition), resolve)
    if kind in {"And", "Or"}:
        every = all if kind == "And" else any
        return every(holds(inner, resolve) for inner in condition["Conditions"])
    if kind == "In":
        query = resolve(condition["QueryValue"])
        return any(_equal(query, resolve(value)) for value in condition["Values"])
    left, right = resolve(condition["LeftValue"]), resolve(condition["RightValue"])
    return _equal(left, right) if kind == "Equals" else _ordered(kind, left, right)


def all_hold(conditions: list[Mapping[str, Any]], resolve: Callable[[Any], Any]) -> bool:
    """The outcome of a Condition step: all of its conditions, one after the other, until one does not hold."""
    return all(holds(condition, resolve) for condition in conditions)


def check(condition: Any, where: str) -> None:
    """Raises ValidationException, beginning with `where`, for a condition that none could evaluate."""
    kind = condition.get("Type") if isinstance(condition, dict) else None
    if kind == "Not" and any(name in condition for name in _NEGATED):
        check(_negated(condition), where)
        return
    if not isinstance(kind, str) or kind not in _MEMBERS:
        raise ValidationException(f"{where}: {kind!r} is no condition; there are {', '.join(_MEMBERS)} and Not")
    for member in sorted(_MEMBERS[kind] - set(condition)):
        raise ValidationException(f"{where}: a condition of type {kind} has no {member}")
    for member in sorted(_MEMBERS[kind] & _LISTS):
        if not isinstance(condition[member], list):
            raise ValidationException(f"{where}: the {member} of {kind} are a list, not {condition[member]!r}")
    for inner in condition.get("Conditions", ()):
        check(inner, where)


def _negated(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    inner: Mapping[str, Any] = next(condition[name] for name in _NEGATED if name in condition)
    return inner


def _equal(left: Any, right: Any) -> bool:
    return _sort(left) == _sort(right) and left == right


def _ordered(kind: str, left: Any, right: Any) -> bool:
    if _sort(left) != _sort(right) or _sort(left) not in {"a number", "a text"}:
        raise ValidationException(f"{left!r} and {right!r} cannot be compared: {_sort(left)} and {_sort(right)}")
    return _ORDERS[kind](left, right)


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else f"a {type(value).__name__}"
