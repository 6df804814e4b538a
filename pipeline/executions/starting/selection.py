"""Selective execution: some steps over again, the rest taken from an execution that has what they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from localcloud import read
from pipeline.errors import RefusedError, UsageError
from pipeline.executions import executions

if TYPE_CHECKING:
    from boto3 import Session

MOST_STEPS = 50
Needs = Mapping[str, frozenset[str]]


def configuration(session: Session, pipeline: str, definition: str, selected: Sequence[str]) -> dict[str, Any]:
    """The `SelectiveExecutionConfig` for `selected`, its source the newest execution in which what they need succeeded.

    Raises UsageError for a step that the definition lacks or a gap between two selected ones, RefusedError where no
    execution has what they need.
    """
    needs = dependencies(definition)
    _check_names(selected, needs)
    _check_paths(selected, needs)
    needed = {need for step in selected for need in needs[step]} - set(selected)
    answer: dict[str, Any] = {"SelectedSteps": [{"StepName": step} for step in selected]}
    if needed:
        answer["SourcePipelineExecutionArn"] = _source(session, pipeline, needed)
    return answer


def dependencies(definition: str) -> dict[str, frozenset[str]]:
    """Each step's name, those in the branches of conditions too, with the steps that end before it begins."""
    return {name: step.upstream for name, step in read(definition).steps.items()}


def _check_names(selected: Sequence[str], needs: Needs) -> None:
    unknown = [step for step in selected if step not in needs]
    if unknown:
        raise UsageError(f"the pipeline has no step {unknown[0]!r}: it has {', '.join(needs)}")
    if len(selected) > MOST_STEPS:
        raise UsageError(f"{len(selected)} steps are selected: at most {MOST_STEPS} can be")


def _check_paths(selected: Sequence[str], needs: Needs) -> None:
    """Whatever lies between two selected steps is selected too, or the later one would get an older one's output."""
    for step in selected:
        for between in sorted(_ancestors(step, needs) - set(selected)):
            behind = sorted(_ancestors(between, needs) & set(selected))
            if behind:
                raise UsageError(f"{between} lies between {behind[0]} and {step}: select it too")


def _ancestors(step: str, needs: Needs) -> frozenset[str]:
    return needs[step].union(*(_ancestors(before, needs) for before in needs[step]))


def _source(session: Session, pipeline: str, needed: set[str]) -> str:
    for summary in executions.summaries(session, pipeline):
        arn: str = summary["PipelineExecutionArn"]
        done = {each["StepName"] for each in executions.steps(session, arn) if each["StepStatus"] == "Succeeded"}
        if needed <= done:
            return arn
    raise RefusedError(
        f"no execution has succeeded in {', '.join(sorted(needed))}, whose output the selected steps need: "
        "select them too, or run `python pipeline.py start` once without --steps"
    )
