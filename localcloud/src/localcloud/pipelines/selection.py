"""Selective execution: some steps run, the results of others are taken from an earlier execution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.definition.model import Definition, Step
from localcloud.errors import ValidationException
from localcloud.execution.step_states import Plan, Planned
from localcloud.pipelines.attempts import Attempt

MAX_STEPS = 50


def steps_of(members: Mapping[str, Any]) -> list[str] | None:
    """The names in a SelectiveExecutionConfig, of a start's request or of an execution; None where there is none."""
    config = members.get("SelectiveExecutionConfig")
    return [step["StepName"] for step in config["SelectedSteps"]] if config else None


def plan_of(definition: Definition, selected: Iterable[str] | None, limit: int | None) -> Plan:
    """Every step, or the selected ones and those whose results they need; these wait for nothing."""
    if selected is None:
        return Plan({name: Planned.of(step) for name, step in definition.steps.items()}, limit)
    chosen = list(selected)
    reused = needed(definition, chosen)
    steps = (step for name, step in definition.steps.items() if name in chosen or name in reused)
    return Plan({step.name: Planned(step.name) if step.name in reused else Planned.of(step) for step in steps}, limit)


def needed(definition: Definition, selected: Iterable[str]) -> list[str]:
    """The steps that are not selected and whose results the selected ones need."""
    chosen = list(selected)
    before = dict.fromkeys(name for step in chosen for name in _before(definition.steps[step]))
    return [name for name in before if name not in chosen]


def check(definition: Definition, selected: list[str]) -> None:
    """Raises ValidationException for a selection that the service refuses."""
    if len(selected) > MAX_STEPS:
        raise ValidationException(f"{len(selected)} steps are selected; {MAX_STEPS} may be")
    for name in selected:
        if name not in definition.steps:
            raise ValidationException(f"{name!r} is selected and no step of the pipeline")
    after = _reached(selected, {name: _after(definition, name) for name in definition.steps})
    before = _reached(selected, {name: _before(step) for name, step in definition.steps.items()})
    for name in definition.steps:
        if name in after and name in before and name not in selected:
            raise ValidationException(f"step {name!r} lies between two selected steps; select it too")


def results(definition: Definition, selected: list[str], earlier: Mapping[str, Attempt], arn: str) -> list[Attempt]:
    """What the selected steps need of an earlier execution. Raises ValidationException where it has not that."""
    attempts = []
    for name in needed(definition, selected):
        attempt = earlier.get(name)
        if attempt is None or attempt.status != "Succeeded":
            raise ValidationException(
                f"the selected steps need the result of {name!r}, and in {arn} that step did not succeed"
            )
        attempts.append(attempt)
    return attempts


def _before(step: Step) -> list[str]:
    return [need.step for need in step.needs] + ([step.branch.condition] if step.branch else [])


def _after(definition: Definition, name: str) -> list[str]:
    return [step.name for step in definition.steps.values() if name in _before(step)]


def _reached(start: Iterable[str], edges: Mapping[str, list[str]]) -> set[str]:
    """What can be reached from `start` by at least one edge."""
    reached: set[str] = set()
    ahead = list(start)
    while ahead:
        for name in edges[ahead.pop()]:
            if name not in reached:
                reached.add(name)
                ahead.append(name)
    return reached
