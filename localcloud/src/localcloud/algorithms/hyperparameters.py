"""Hyperparameters: strings in the API, typed and checked alike in a definition and where an algorithm starts.

An algorithm states its own as a dataclass, each field with what it may be:

    @dataclass(frozen=True, kw_only=True)
    class Hyperparameters:
        epochs: int = hyperparameter(whole(1), default=30)
        num_classes: int = hyperparameter(whole(1))             # without a default: required

        @staticmethod
        def together(known: Mapping[str, Any]) -> Iterator[tuple[str, str]]: ...
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar

from localcloud.algorithms.errors import ClientError
from localcloud.definition.parameters import integer, number

Parse = Callable[[str], Any]
T = TypeVar("T")

LARGEST = 2**31 - 1
"""The algorithms count in 32 bits."""


def hyperparameter(parse: Parse, default: Any = MISSING, names: tuple[str, ...] = ()) -> Any:
    """A dataclass field that `parse` reads from its string; `parse` raises ValueError with what the value may be.

    `names` are what the hyperparameter is called where that is not the field's name: the first, or any other of them.
    """
    return field(default=default, metadata={"parse": parse, "names": names})


def problems(kind: type[Any], texts: Mapping[str, str | None], algorithm: str) -> Iterator[tuple[str, str]]:
    """The name of each hyperparameter that is unknown, missing, or not what it may be, alone or beside others, and why.

    The value of one that is not known yet is None, and taken to be right. What holds between several, the static
    method `together` of `kind` says of those that are right, in their own types.
    """
    declared = _declared(kind)
    for name in (each for each in texts if each not in declared):
        yield name, _unknown(name, list(declared), algorithm)
    for entry in fields(kind):
        if entry.default is MISSING and entry.name not in texts:
            yield entry.name, f"{algorithm} requires the hyperparameter {entry.name}, which is not given"
    values = {entry.name: entry.default for entry in fields(kind)}
    for name, text in texts.items():
        if name in declared and text is not None:
            try:
                values[declared[name].name] = declared[name].metadata["parse"](text.strip())
            except ValueError as error:
                yield name, f"the hyperparameter {name} is {text!r}, but must be {error}"
    yield from kind.together({name: value for name, value in values.items() if value is not MISSING})


def read(kind: type[T], texts: Mapping[str, str], algorithm: str) -> T:
    """`texts` as an instance of `kind`. Raises ClientError for the first of its problems."""
    for _, problem in problems(kind, texts, algorithm):
        raise ClientError(problem)
    declared = _declared(kind)
    return kind(**{declared[name].name: declared[name].metadata["parse"](text.strip()) for name, text in texts.items()})


def _declared(kind: type[Any]) -> dict[str, Field[Any]]:
    return {name: entry for entry in fields(kind) for name in entry.metadata["names"] or (entry.name,)}


def _unknown(name: str, names: list[str], algorithm: str) -> str:
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(sorted(names))}"
    return f"{algorithm} has no hyperparameter {name!r}; {hint}"


def whole(low: int) -> Parse:
    """A whole number of at least `low`."""

    def parse(text: str) -> int:
        value = integer(text)
        if value is None or not low <= value <= LARGEST:
            raise ValueError(f"a whole number from {low} to {LARGEST}")
        return value

    return parse


def integer_between(low: int, high: int) -> Parse:
    """A whole number in [low, high]."""

    def parse(text: str) -> int:
        value = integer(text)
        if value is None or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return parse


def real(low: float, high: float = math.inf, *, above: bool = False) -> Parse:
    """A finite number in [low, high]; with `above`, greater than `low`."""
    allowed = f"a number {'above' if above else 'from'} {low:g}" + ("" if high == math.inf else f" to {high:g}")

    def parse(text: str) -> float:
        value = number(text)
        if value is None or not low <= value <= high or (above and value == low):
            raise ValueError(allowed)
        return value

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
    """A flag, as `early_stopping` is documented, or as JSON spells it."""
    if text not in {"True", "False", "true", "false"}:
        raise ValueError("True or False")
    return text in {"True", "true"}
