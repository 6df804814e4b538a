"""Selective execution: some steps run, the results of others are taken from an earlier execution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.definition.document import read
from localcloud.errors import ValidationException
from localcloud.pipelines.selection import check, needed
from localcloud_tests.definitions import Local, Make

COPY = "import sys; open('/opt/ml/processing/out/content.json', 'w').write(sys.argv[1])"


def chain(make: Make, third: str = "pass") -> str:
    uri = {"Get": "Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}
    value = {"Std:Join": {"On": " ", "Values": [uri, {"Get": "Parameters.Text"}]}}
    return str(
        make.definition(
            make.processing("First"),
            make.processing("Second", COPY, arguments=[value]),
            make.processing("Third", third, DependsOn=["Second"]),
            make.processing("Aside"),
            parameters=[make.parameter("Text", DefaultValue="x")],
        )
    )


def selecting(*names: str, source: str | None = None) -> dict[str, Any]:
    config: dict[str, Any] = {"SelectedSteps": [{"StepName": name} for name in names]}
    return {"SelectiveExecutionConfig": config | ({"SourcePipelineExecutionArn": source} if source else {})}


def test_the_selected_steps_run_and_what_they_need_is_taken(make: Make, local: Local) -> None:
    source = local.run(chain(make), parameters={"Text": "y"})
    arn = local.ended(local.start(**selecting("Second", source=source)))
    assert local.statuses(arn) == {"First": "Succeeded", "Second": "Succeeded"}
    steps = local.steps(arn)
    assert steps["First"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": source}
    assert "SelectiveExecutionResult" not in steps["Second"]
    assert local.describe(arn)["SelectiveExecutionConfig"]["SelectedSteps"] == [{"StepName": "Second"}]
    assert local.object("Second/content.json") == "s3://bucket/First y", "the earlier execution's parameters hold"


def test_a_step_that_needs_nothing_needs_no_earlier_execution(make: Make, local: Local) -> None:
    local.create(chain(make))
    arn = local.ended(local.start(**selecting("Aside")))
    assert local.statuses(arn) == {"Aside": "Succeeded"}


def test_a_failed_execution_gives_what_succeeded_in_it(make: Make, local: Local) -> None:
    source = local.run(chain(make, third="exit(1)"))
    assert local.status(source) == "Failed"
    local.sagemaker.update_pipeline(PipelineName="pipeline", PipelineDefinition=chain(make))
    arn = local.ended(local.start(**selecting("Third", source=source)))
    assert local.statuses(arn) == {"Second": "Succeeded", "Third": "Succeeded"}


def test_a_selection_that_cannot_run_is_refused_before_anything_starts(make: Make, local: Local) -> None:
    local.create(chain(make))
    with pytest.raises(ClientError, match="SourcePipelineExecutionArn"):
        local.start(**selecting("Second"))
    with pytest.raises(ClientError, match="'Wish'"):
        local.start(**selecting("Wish"))
    source = local.ended(local.start(**selecting("Aside")))
    with pytest.raises(ClientError, match="'First'"):
        local.start(**selecting("Second", source=source))
    assert len(local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"]) == 1


def test_a_retry_of_a_selection_is_one_of_the_selection(make: Make, local: Local, shared: Path) -> None:
    flag = shared / "mended"
    code = f"import pathlib, sys; sys.exit(None if pathlib.Path({str(flag)!r}).exists() else 1)"
    source = local.run(chain(make, third=code))
    arn = local.ended(local.start(**selecting("Third", source=source)))
    flag.touch()
    local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert local.statuses(local.ended(arn)) == {"Second": "Succeeded", "Third": "Succeeded"}


def test_what_lies_between_two_selected_steps_has_to_be_selected(make: Make) -> None:
    definition = read(chain(make))
    check(definition, ["First", "Second", "Third"])
    check(definition, ["First", "Aside"])
    with pytest.raises(ValidationException, match="'Second'"):
        check(definition, ["First", "Third"])
    with pytest.raises(ValidationException, match="50"):
        check(definition, ["First"] * 51)


def test_a_step_in_a_branch_needs_the_outcome_of_its_condition(make: Make) -> None:
    holds = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    definition = read(make.definition(make.condition("Check", holds, yes=[make.processing("Yes")])))
    assert needed(definition, ["Yes"]) == ["Check"]
    assert needed(definition, ["Check", "Yes"]) == []
