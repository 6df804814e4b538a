"""Selective execution: what the selected steps need, and where it comes from."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import RefusedError, UsageError
from pipeline.executions import executions
from pipeline.executions.starting import selection


def step(name: str, needs: str | None = None, after: list[str] | None = None) -> dict[str, Any]:
    arguments = {"Input": {"Get": f"Steps.{needs}.Output"}} if needs else {}
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **({"DependsOn": after} if after else {})}


DEFINITION = json.dumps(
    {
        "Steps": [
            step("Prepare"),
            step("Train", needs="Prepare"),
            step("Evaluate", needs="Train", after=["Prepare"]),
            {
                "Name": "Gate",
                "Type": "Condition",
                "DependsOn": ["Evaluate"],
                "Arguments": {"Conditions": [], "IfSteps": [step("Register", needs="Train")], "ElseSteps": []},
            },
        ]
    }
)


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Executions, newest first, each with the steps that succeeded in it."""
    history: dict[str, list[str]] = {}

    def summaries(_session: Any, _pipeline: str) -> list[dict[str, str]]:
        return [{"PipelineExecutionArn": arn} for arn in history]

    def steps(_session: Any, arn: str) -> list[dict[str, str]]:
        return [{"StepName": name, "StepStatus": "Succeeded"} for name in history[arn]]

    monkeypatch.setattr(executions, "summaries", summaries)
    monkeypatch.setattr(executions, "steps", steps)
    return history


def configuration(*steps: str) -> dict[str, Any]:
    return selection.configuration(SimpleNamespace(), "memotion", DEFINITION, steps)


def test_a_step_that_needs_nothing_needs_no_former_execution() -> None:
    assert configuration("Prepare") == {"SelectedSteps": [{"StepName": "Prepare"}]}


def test_the_source_is_the_newest_execution_that_has_what_is_needed(past: dict[str, list[str]]) -> None:
    past |= {"newest": ["Prepare"], "older": ["Prepare", "Train"], "oldest": ["Prepare", "Train"]}
    assert configuration("Evaluate")["SourcePipelineExecutionArn"] == "older"


def test_without_such_an_execution_the_sentence_names_what_is_needed(past: dict[str, list[str]]) -> None:
    past["newest"] = ["Prepare"]
    with pytest.raises(RefusedError, match=r"^no execution has succeeded in Prepare, Train, whose output"):
        configuration("Evaluate")


def test_a_step_of_a_branch_waits_for_its_condition(past: dict[str, list[str]]) -> None:
    past |= {"a": ["Prepare", "Train", "Evaluate"], "b": ["Prepare", "Train", "Evaluate", "Gate"]}
    assert configuration("Register")["SourcePipelineExecutionArn"] == "b"


def test_an_unknown_step_is_named_with_those_that_there_are() -> None:
    with pytest.raises(
        UsageError, match=r"^the pipeline has no step 'Trian': it has Prepare, Train, Evaluate, Gate, Register$"
    ):
        configuration("Trian")


def test_a_gap_between_two_selected_steps_is_named() -> None:
    with pytest.raises(UsageError, match=r"^Train lies between Prepare and Evaluate: select it too$"):
        configuration("Prepare", "Evaluate")
