"""The parameters' declarations: names, types, defaults, enumerations, how many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.validation.finding import Finding
from pipeline.validation.reading import items, structures

MOST = 200
NAME = re.compile(r"[A-Za-z0-9\-_]{1,256}")
LONGEST_VALUE = 1024
TYPES: dict[str, tuple[type, ...]] = {"String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,)}
MEMBERS = frozenset({"Name", "Type", "DefaultValue", "EnumValues"})


def check_parameters(declared: list[Any]) -> Iterator[Finding]:
    if len(declared) > MOST:
        yield Finding("", "Parameters", f"{len(declared)} parameters: at most {MOST}")
    names = Counter(str(each.get("Name")) for each in structures(declared))
    for index, each in enumerate(structures(declared)):
        name, path = str(each.get("Name")), f"Parameters[{index}]"
        if names[name] > 1:
            yield Finding("", f"{path}.Name", f"{name} is declared {names[name]} times")
        yield from _check_parameter(each, path)


def _check_parameter(declared: Mapping[str, Any], path: str) -> Iterator[Finding]:
    if not NAME.fullmatch(str(declared.get("Name", ""))):
        yield Finding("", f"{path}.Name", "a parameter's name has letters, digits, hyphens and underscores")
    for member in declared.keys() - MEMBERS:
        yield Finding("", f"{path}.{member}", f"no such member; a parameter has {', '.join(sorted(MEMBERS))}")
    if declared.get("Type") not in list(TYPES):
        yield Finding("", f"{path}.Type", f"it is {declared.get('Type')!r}: one of {', '.join(TYPES)}")
    elif declared.get("DefaultValue") is not None:
        yield from _check_default(declared, path)


def _check_default(declared: Mapping[str, Any], path: str) -> Iterator[Finding]:
    value, kind, allowed = declared["DefaultValue"], declared["Type"], items(declared, "EnumValues")
    field = f"{path}.DefaultValue"
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "Boolean"):
        yield Finding("", field, f"the default of {declared.get('Name')} is {value!r}, which is not {kind}")
    elif len(str(value)) > LONGEST_VALUE:
        yield Finding("", field, f"it has {len(str(value))} characters: at most {LONGEST_VALUE}")
    elif allowed and value not in allowed:
        yield Finding("", field, f"the default of {declared.get('Name')} is {value!r}, none of {allowed}")
