"""A definition as values: parameters, and steps with what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from localcloud.definition.references import references

# Of a Condition step's arguments, the steps that run at an outcome.
BRANCHES = {"IfSteps": True, "ElseSteps": False}


class Trigger(StrEnum):
    """How a step has to end for the step that depends on it to run."""

    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"
    ANY = "Any"


@dataclass(frozen=True)
class Dependency:
    step: str
    trigger: Trigger = Trigger.COMPLETED


@dataclass(frozen=True)
class Branch:
    """Where a step stands in a Condition step: it runs if the outcome of `condition` is `outcome`."""

    condition: str
    outcome: bool


@dataclass(frozen=True)
class RetryPolicy:
    """Retry after one of `errors`: at most `attempts` times, or until `seconds` after the first attempt began."""

    errors: frozenset[str]
    interval: float
    backoff: float
    attempts: int | None
    seconds: float | None


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file in the output of a Processing step."""

    output: str
    path: str


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """`cache` is None where the step is not cached, else for how many seconds a result holds (infinity: for ever)."""

    name: str
    type: str
    arguments: Mapping[str, Any]
    branch: Branch | None = None
    depends_on: tuple[Dependency, ...] = ()
    retries: tuple[RetryPolicy, ...] = ()
    cache: float | None = None
    property_files: Mapping[str, PropertyFile] = field(default_factory=dict)
    display_name: str | None = None
    description: str | None = None

    @property
    def own_arguments(self) -> Mapping[str, Any]:
        """The arguments without the steps of a Condition's branches."""
        return {name: value for name, value in self.arguments.items() if name not in BRANCHES}

    @property
    def needs(self) -> tuple[Dependency, ...]:
        """What it waits for beside its branch: what it says it depends on, and whose properties it reads."""
        read = (Dependency(found.name) for found in references(self.own_arguments) if found.source == "Steps")
        return tuple(dict.fromkeys((*self.depends_on, *read)))


@dataclass(frozen=True)
class Definition:
    """`steps` in the order of the document, the steps of a branch after their Condition."""

    text: str
    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
