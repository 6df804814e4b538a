"""A compiled definition as data: its parameters, its steps wherever they stand, and what refers to what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Branch = Literal["IfSteps", "ElseSteps"]
BRANCHES: tuple[Branch, ...] = ("IfSteps", "ElseSteps")
# How texts spell whole numbers, numbers, and durations (ISO 8601).
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?", re.ASCII)
STEP_TARGET = re.compile(r"Steps\.([^.\[]+)\.?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """`path` is where it stands, say `Arguments.Environment.X`; `target` what it names, say `Parameters.ImageSize`."""

    path: str
    target: str

    @property
    def step(self) -> str | None:
        """The step that it names, if any."""
        found = STEP_TARGET.fullmatch(self.target)
        return found[1] if found else None


@dataclass(frozen=True)
class Step:
    """One step; `condition` and `branch` say where it stands if that is not the top."""

    body: Mapping[str, Any]
    condition: str | None = None
    branch: Branch | None = None

    @property
    def name(self) -> str:
        return str(self.body.get("Name", ""))

    @property
    def type(self) -> str:
        return str(self.body.get("Type", ""))

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Its own: a condition's without the steps of its branches."""
        arguments = self.body.get("Arguments")
        own = arguments if isinstance(arguments, Mapping) else {}
        return {key: value for key, value in own.items() if not (self.type == "Condition" and key in BRANCHES)}

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The steps that DependsOn names, with or without a trigger."""
        entries = self.body.get("DependsOn") or ()
        return tuple(str(entry.get("Step", "")) if isinstance(entry, Mapping) else str(entry) for entry in entries)

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(references(self.arguments, "Arguments"))

    @property
    def upstream(self) -> frozenset[str]:
        """The steps that end before this one begins."""
        named = {reference.step for reference in self.references} | set(self.depends_on) | {self.condition}
        return frozenset(name for name in named if name is not None)


def steps(definition: Mapping[str, Any]) -> Iterator[Step]:
    """Every step, in the order of the definition; those of a branch follow their condition."""
    for body in definition.get("Steps", ()):
        yield from _step_and_branches(Step(body))


def _step_and_branches(step: Step) -> Iterator[Step]:
    yield step
    if step.type == "Condition":
        for branch in BRANCHES:
            for body in step.body["Arguments"].get(branch) or ():
                yield from _step_and_branches(Step(body, step.name, branch))


def references(value: object, path: str) -> Iterator[Reference]:
    """Every `{"Get": …}` in `value`, which stands at `path`."""
    if isinstance(value, Mapping):
        if set(value) == {"Get"}:
            yield Reference(path, str(value["Get"]))
            return
        for key, member in value.items():
            yield from references(member, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, f"{path}[{index}]")


def edges(every: tuple[Step, ...]) -> set[tuple[str, str]]:
    """Pairs of a step and one that waits for it."""
    return {(before, step.name) for step in every for before in step.upstream}
