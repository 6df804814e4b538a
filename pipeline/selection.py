"""Selective execution: some steps over again, the rest taken from an execution that has what they need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline import executions
from pipeline.errors import RefusedError, UsageError

MOST_STEPS = 50
REFERENCE = re.compile(r"^Steps\.([^.\[]+)")
Step = Mapping[str, Any]


def configuration(session: Any, pipeline: str, definition: str, selected: Sequence[str]) -> dict[str, Any]:
    """The `SelectiveExecutionConfig` for `selected`, its source the newest execution in which what they need succeeded.

    Raises UsageError for a step that the definition lacks or a gap between two selected ones, RefusedError where no
    execution has what they need.
    """
    needs = dependencies(definition)
    _check_names(selected, needs)
    _check_paths(selected, needs)
    wanted = {need for step in selected for need in needs[step]} - set(selected)
    answer: dict[str, Any] = {"SelectedSteps": [{"StepName": step} for step in selected]}
    if wanted:
        answer["SourcePipelineExecutionArn"] = _source(session, pipeline, wanted)
    return answer


def dependencies(definition: str) -> dict[str, set[str]]:
    """Each step's name (those in the branches of conditions too) with the steps that its arguments name or wait for."""
    steps = list(_flat(json.loads(definition)["Steps"]))
    names = {step["Name"] for step in steps}
    return {step["Name"]: (set(_referred(_own(step))) & names) - {step["Name"]} for step in steps}


def _flat(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _flat(step.get("Arguments", {}).get(branch, ()))


def _own(step: Step) -> dict[str, Any]:
    """A step without the steps of its branches, which have their own needs."""
    arguments = {key: value for key, value in step.get("Arguments", {}).items() if key not in ("IfSteps", "ElseSteps")}
    return {**step, "Arguments": arguments}


def _referred(node: object, key: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _referred(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _referred(value, key)
    elif isinstance(node, str):
        found = REFERENCE.match(node)
        if key == "Get" and found:
            yield found.group(1)
        elif key in ("DependsOn", "Step"):
            yield node


def _check_names(selected: Sequence[str], needs: Mapping[str, set[str]]) -> None:
    unknown = [step for step in selected if step not in needs]
    if unknown:
        raise UsageError(f"the pipeline has no step {unknown[0]!r}: it has {', '.join(needs)}")
    if len(selected) > MOST_STEPS:
        raise UsageError(f"{len(selected)} steps are selected: at most {MOST_STEPS} can be")


def _check_paths(selected: Sequence[str], needs: Mapping[str, set[str]]) -> None:
    """Whatever lies between two selected steps is selected too, or the later one would get an older one's output."""
    for step in selected:
        for between in sorted(_ancestors(step, needs) - set(selected)):
            behind = sorted(_ancestors(between, needs) & set(selected))
            if behind:
                raise UsageError(f"{between} lies between {behind[0]} and {step}: select it too")


def _ancestors(step: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(needs[step])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(needs[name])
    return found


def _source(session: Any, pipeline: str, wanted: set[str]) -> str:
    for summary in executions.summaries(session, pipeline):
        arn: str = summary["PipelineExecutionArn"]
        done = {step["StepName"] for step in executions.steps(session, arn) if step["StepStatus"] == "Succeeded"}
        if wanted <= done:
            return arn
    raise RefusedError(
        f"no execution has succeeded in {', '.join(sorted(wanted))}, whose output the selected steps need: "
        "select them too, or run `python pipeline.py start` once without --steps"
    )
