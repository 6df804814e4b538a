"""A definition as values: parameters, and steps with what they wait for.

Reading asks of a definition only that it is a list of steps: whether it is a sound one, `validate` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from localcloud.definition.durations import seconds_of
from localcloud.definition.expressions.references import OUTPUT_PARAMETERS, Argument, Reference, arguments, references
from localcloud.definition.kinds import CONDITION, OUTSIDE
from localcloud.definition.parameters import Parameter
from localcloud.definition.reading import items, structure, structures

EXPERIMENT = "PipelineExperimentConfig"
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

    @classmethod
    def of(cls, entry: Any) -> Dependency:
        """An entry of DependsOn: a name, or an object with a name and a trigger."""
        if not isinstance(entry, Mapping):
            return cls(str(entry))
        trigger = entry.get("Trigger")
        return cls(str(entry.get("Step", "")), Trigger(trigger) if trigger in list(Trigger) else Trigger.COMPLETED)


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

    @classmethod
    def of(cls, policy: Mapping[str, Any]) -> RetryPolicy:
        members = {"IntervalSeconds": 1, "BackoffRate": 2.0} | {k: v for k, v in policy.items() if v is not None}
        minutes = members.get("ExpireAfterMin")
        seconds = None if minutes is None else 60.0 * minutes
        errors = frozenset(members["ExceptionType"])
        return cls(errors, members["IntervalSeconds"], members["BackoffRate"], members.get("MaxAttempts"), seconds)


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file in the output of a Processing step."""

    output: str
    path: str


@dataclass(frozen=True)
class Step:
    """One step; `body` is its JSON, `branch` says where it stands if that is not the top."""

    body: Mapping[str, Any]
    branch: Branch | None = None

    @property
    def name(self) -> str:
        return str(self.body.get("Name", ""))

    @property
    def type(self) -> str:
        return str(self.body.get("Type", ""))

    @property
    def display_name(self) -> str | None:
        return self.body.get("DisplayName")

    @property
    def description(self) -> str | None:
        return self.body.get("Description")

    @cached_property
    def arguments(self) -> Mapping[str, Any]:
        """Its own: a Condition's without the steps of its branches."""
        own = structure(self.body, "Arguments")
        return {name: value for name, value in own.items() if self.type != CONDITION or name not in BRANCHES}

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        outside = OUTSIDE.get(self.type)
        target_references = references(self.body.get(outside), outside) if outside else ()
        return (*references(self.arguments, "Arguments"), *target_references)

    @cached_property
    def output_types(self) -> Mapping[str, str]:
        """The types of what a Lambda or Callback step gives, by its OutputParameters' names."""
        return {
            str(output.get("OutputName")): str(output.get("OutputType"))
            for output in structures(self.body, OUTPUT_PARAMETERS)
        }

    @property
    def origins(self) -> tuple[Argument, ...]:
        """Every value of its arguments, with where it comes from."""
        return tuple(arguments(self.arguments))

    @property
    def depends_on(self) -> tuple[Dependency, ...]:
        """What DependsOn names."""
        return tuple(map(Dependency.of, items(self.body, "DependsOn")))

    @cached_property
    def needs(self) -> tuple[Dependency, ...]:
        """What it waits for beside its branch: what it says it depends on, and whose properties it reads."""
        read = (Dependency(reference.step) for reference in self.references if reference.step is not None)
        return tuple(dict.fromkeys((*self.depends_on, *read)))

    @property
    def upstream(self) -> frozenset[str]:
        """The steps that end before this one begins."""
        return frozenset({need.step for need in self.needs} | ({self.branch.condition} if self.branch else set()))

    @property
    def retries(self) -> tuple[RetryPolicy, ...]:
        return tuple(map(RetryPolicy.of, items(self.body, "RetryPolicies")))

    @property
    def cache(self) -> float | None:
        """For how many seconds a result holds (infinity: for ever); None where the step is not cached."""
        config = structure(self.body, "CacheConfig")
        if not config.get("Enabled"):
            return None
        return seconds_of(config["ExpireAfter"]) if "ExpireAfter" in config else float("inf")

    @property
    def property_files(self) -> Mapping[str, PropertyFile]:
        files = structures(self.body, "PropertyFiles")
        return {
            str(file.get("PropertyFileName")): PropertyFile(str(file.get("OutputName")), str(file.get("FilePath")))
            for file in files
        }


@dataclass(frozen=True)
class Definition:
    """`steps` in the order of the document, the steps of a branch after their Condition."""

    text: str
    document: Mapping[str, Any]

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        declared = (Parameter.of(item) for item in structures(self.document, "Parameters"))
        return {parameter.name: parameter for parameter in declared}

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return {step.name: step for step in self.every_step}

    @cached_property
    def every_step(self) -> tuple[Step, ...]:
        """Also of several steps with one name, which is none that the service takes."""
        return tuple(_steps(items(self.document, "Steps")))

    @property
    def edges(self) -> frozenset[tuple[str, str]]:
        """Pairs of a step and one that waits for it."""
        return frozenset((before, step.name) for step in self.steps.values() for before in step.upstream)


def _steps(bodies: list[Any], branch: Branch | None = None) -> Iterator[Step]:
    for body in bodies:
        if not isinstance(body, Mapping):
            continue
        step = Step(body, branch)
        yield step
        if step.type == CONDITION:
            for member, outcome in BRANCHES.items():
                yield from _steps(items(body, "Arguments", member), Branch(step.name, outcome))
