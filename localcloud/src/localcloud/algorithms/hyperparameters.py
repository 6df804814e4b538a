"""Hyperparameters: strings in the API, typed and checked once, where an algorithm starts.

An algorithm states its own as a dataclass, each field with what it may be:

    @dataclass(frozen=True, kw_only=True)
    class Hyperparameters:
        epochs: int = hyperparameter(whole(1), default=30)
        num_classes: int = hyperparameter(whole(1))             # without a default: required
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar

from localcloud.algorithms.errors import ClientError

Parse = Callable[[str], Any]
T = TypeVar("T")

LARGEST = 2**31 - 1
"""The algorithms count in 32 bits."""


def hyperparameter(parse: Parse, default: Any = MISSING) -> Any:
    """A dataclass field that `parse` reads from its string; `parse` raises ValueError with what the value may be."""
    return field(default=default, metadata={"parse": parse})


def read(kind: type[T], given: Mapping[str, str], algorithm: str) -> T:
    """`given` as an instance of `kind`. Raises ClientError for what is unknown, missing, or not what it may be."""
    declared: dict[str, Field[Any]] = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    for name in given:
        if name not in declared:
            raise ClientError(_unknown(name, list(declared), algorithm))
    missing = [entry.name for entry in declared.values() if entry.default is MISSING and entry.name not in given]
    if missing:
        raise ClientError(f"{algorithm} requires the hyperparameter {' and '.join(missing)}, which is not given")
    return kind(**{name: _parsed(declared[name], value) for name, value in given.items()})


def _unknown(name: str, known: list[str], algorithm: str) -> str:
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(sorted(known))}"
    return f"{algorithm} has no hyperparameter {name!r}; {hint}"


def _parsed(entry: Field[Any], value: str) -> Any:
    try:
        return entry.metadata["parse"](value.strip())
    except ValueError as error:
        raise ClientError(f"the hyperparameter {entry.name} is {value!r}, but must be {error}") from None


def whole(low: int, high: int = LARGEST) -> Parse:
    """A whole number of at least `low` and at most `high`."""
    allowed = f"a whole number from {low} to {high}"

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,20}", text) or not low <= int(text) <= high:
            raise ValueError(allowed)
        return int(text)

    return parse


def real(low: float, high: float = math.inf, *, above: bool = False) -> Parse:
    """A finite number in [low, high]; with `above`, greater than `low`."""
    allowed = f"a number {'above' if above else 'from'} {low:g}" + ("" if high == math.inf else f" to {high:g}")

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(allowed) from None
        if not math.isfinite(number) or not low <= number <= high or (above and number == low):
            raise ValueError(allowed)
        return number

    return parse


def choice(*allowed: str) -> Parse:
    """One of some words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return text

    return parse


def choice_of_whole(*allowed: int) -> Parse:
    """One of some whole numbers."""

    def parse(text: str) -> int:
        if text not in map(str, allowed):
            raise ValueError(f"one of {', '.join(map(str, allowed))}")
        return int(text)

    return parse


def zero_or_one(text: str) -> bool:
    """A flag, as Image Classification writes it."""
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return text == "1"


def true_or_false(text: str) -> bool:
    """A flag, as both algorithms write `early_stopping`."""
    if text.lower() not in {"true", "false"}:
        raise ValueError("True or False")
    return text.lower() == "true"
