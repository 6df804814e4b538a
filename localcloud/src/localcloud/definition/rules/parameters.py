"""The parameters' declarations: names, types, defaults, enumerations, how many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.finding import Finding, Problem
from localcloud.definition.reading import structures, unknown

MOST = 200
NAME = re.compile(r"[A-Za-z0-9\-_]{1,256}")
LONGEST_VALUE = 1024
TYPES: dict[str, tuple[type, ...]] = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,)}
MEMBERS = ("Name", "Type", "DefaultValue", "EnumValues")


def check_parameters(declared: list[Any]) -> Iterator[Finding]:
    if len(declared) > MOST:
        yield Finding("", "Parameters", f"{len(declared)} parameters: at most {MOST}")
    names = Counter(str(each.get("Name")) for each in structures(declared))
    for index, each in enumerate(structures(declared)):
        name, path = str(each.get("Name")), f"Parameters[{index}]"
        if names[name] > 1:
            yield Finding("", f"{path}.Name", f"{name!r} is declared {names[name]} times")
        for member, message in _check_parameter(each):
            yield Finding("", f"{path}.{member}", message)


def _check_parameter(declared: Mapping[str, Any]) -> Iterator[Problem]:
    if not NAME.fullmatch(str(declared.get("Name", ""))):
        yield "Name", "a parameter's name has letters, digits, hyphens and underscores"
    yield from unknown(declared, MEMBERS, "a parameter")
    if declared.get("Type") not in list(TYPES):
        yield "Type", f"it is {declared.get('Type')!r}: one of {', '.join(TYPES)}"
        return
    if "EnumValues" in declared:
        yield from _check_enumeration(declared["EnumValues"], declared["Type"])
    if declared.get("DefaultValue") is not None:
        yield from _check_default(declared)


def _check_enumeration(values: object, kind: str) -> Iterator[Problem]:
    if not isinstance(values, list) or not values or not all(_is_of(value, kind) for value in values):
        yield "EnumValues", f"it is {values!r}, not a list of what a parameter of type {kind} may be"


def _check_default(declared: Mapping[str, Any]) -> Iterator[Problem]:
    value, kind, allowed = declared["DefaultValue"], declared["Type"], declared.get("EnumValues")
    if not _is_of(value, kind):
        yield "DefaultValue", f"the default of {declared.get('Name')!r} is {value!r}, which is not {kind}"
    elif len(str(value)) > LONGEST_VALUE:
        yield "DefaultValue", f"it has {len(str(value))} characters: at most {LONGEST_VALUE}"
    elif isinstance(allowed, list) and value not in allowed:
        yield "DefaultValue", f"the default of {declared.get('Name')!r} is {value!r}, none of {allowed}"


def _is_of(value: object, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "Boolean")
