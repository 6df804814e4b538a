"""Definitions that are not this project's, run through boto3 alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud_tests.definitions import Local, Make

WRITE_ARGUMENTS = "import sys; open('/opt/ml/processing/out/content.json', 'w').write(sys.argv[1])"


def at_least(left: Any, right: Any) -> dict[str, Any]:
    return {"Type": "GreaterThanOrEqualTo", "LeftValue": left, "RightValue": right}


def gate(make: Make) -> str:
    """Processing → Condition → Processing or Fail, by a parameter."""
    message = {"Std:Join": {"On": "", "Values": ["the score ", make.content("Measure", "score"), " is too low"]}}
    check = make.condition(
        "Check",
        at_least(make.content("Measure", "score"), {"Get": "Parameters.MinScore"}),
        yes=[make.processing("Publish"), make.processing("Tell", DependsOn=["Publish"])],
        no=[make.fail("TooLow", message)],
    )
    threshold = make.parameter("MinScore", "Float", DefaultValue=0.5)
    return str(make.definition(make.writing("Measure", {"score": 0.7}), check, parameters=[threshold]))


def test_the_branch_that_the_condition_takes_runs_and_the_other_is_absent(make: Make, local: Local) -> None:
    arn = local.run(gate(make))
    assert local.status(arn) == "Succeeded"
    assert local.statuses(arn) == dict.fromkeys(["Measure", "Check", "Publish", "Tell"], "Succeeded")
    steps = local.steps(arn)
    assert steps["Check"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    job = local.sagemaker.describe_processing_job(ProcessingJobName=arn_name(steps["Measure"], "ProcessingJob"))
    assert job["ProcessingJobStatus"] == "Completed"
    assert all(step["StartTime"] <= step["EndTime"] for step in steps.values())
    assert steps["Publish"]["EndTime"] <= steps["Tell"]["StartTime"]


def arn_name(step: dict[str, Any], kind: str) -> str:
    return str(step["Metadata"][kind]["Arn"]).rpartition("/")[2]


def test_a_fail_step_fails_the_execution_with_its_message(make: Make, local: Local) -> None:
    arn = local.run(gate(make), parameters={"MinScore": "0.9"})
    described = local.describe(arn)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["FailureReason"] == "the score 0.7 is too low"
    assert local.statuses(arn) == {"Measure": "Succeeded", "Check": "Succeeded", "TooLow": "Failed"}
    step = local.steps(arn)["TooLow"]
    assert step["FailureReason"] == "the score 0.7 is too low"
    assert step["Metadata"] == {"Fail": {"ErrorMessage": "the score 0.7 is too low"}}


def test_what_is_behind_a_failed_step_is_absent_and_what_is_beside_it_runs(make: Make, local: Local) -> None:
    arn = local.run(
        make.definition(
            make.processing("Break", "raise SystemExit('no such colour: mauve')"),
            make.processing("Behind", DependsOn=["Break"]),
            make.processing("Beside"),
        )
    )
    assert local.status(arn) == "Failed"
    assert local.statuses(arn) == {"Break": "Failed", "Beside": "Succeeded"}
    assert local.steps(arn)["Break"]["FailureReason"] == "AlgorithmError: no such colour: mauve, exit code: 1"
    assert "'Break'" in local.describe(arn)["FailureReason"]
    assert "mauve" in local.describe(arn)["FailureReason"]


def test_properties_variables_and_parameters_reach_the_next_step(make: Make, local: Local) -> None:
    uri = {"Get": "Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}
    values = [uri, {"Get": "Execution.PipelineExecutionId"}, {"Get": "Parameters.Name"}, {"Get": "Parameters.Count"}]
    argument = {"Std:Join": {"On": " ", "Values": [*values, {"Get": "Execution.ProcessingJobName"}]}}
    parameters = [make.parameter("Name", DefaultValue="x"), make.parameter("Count", "Integer", DefaultValue=3)]
    second = make.processing("Second", WRITE_ARGUMENTS, arguments=[argument])
    arn = local.run(make.definition(make.processing("First"), second, parameters=parameters), parameters={"Name": "y"})
    job = arn_name(local.steps(arn)["Second"], "ProcessingJob")
    assert local.object("Second/content.json") == f"s3://bucket/First {arn.rpartition('/')[2]} y 3 {job}"


def test_a_json_file_of_nobodys_output_can_be_read_too(make: Make, local: Local) -> None:
    local.put("figures.json", json.dumps({"a": [{"b": 41.5}]}))
    read = {"Std:JsonGet": {"S3Uri": "s3://bucket/figures.json", "Path": "a[0].b"}}
    text = {"Std:Join": {"On": "", "Values": [read]}}
    assert (
        local.status(local.run(make.definition(make.processing("A", WRITE_ARGUMENTS, arguments=[text])))) == "Succeeded"
    )
    assert local.object("A/content.json") == "41.5"


def test_a_figure_that_is_not_there_fails_its_step_with_the_place(make: Make, local: Local) -> None:
    check = make.condition("Check", at_least(make.content("Measure", "no.such"), 1))
    arn = local.run(make.definition(make.writing("Measure", {"no": {}}), check))
    assert local.statuses(arn) == {"Measure": "Succeeded", "Check": "Failed"}
    assert "'such'" in local.steps(arn)["Check"]["FailureReason"]


def test_independent_steps_run_side_by_side_unless_the_execution_says_otherwise(
    make: Make, local: Local, shared: Path
) -> None:
    """Each says that it is there and waits for the other, as long as it takes; alone, a moment."""
    code = (
        "import pathlib, sys, time\nmine, other, moments = sys.argv[1:]\npathlib.Path(mine).touch()\n"
        "for _ in range(int(moments)):\n    if pathlib.Path(other).exists(): sys.exit()\n    time.sleep(0.02)\n"
        "sys.exit('alone')"
    )
    here, there = str(shared / "a"), str(shared / "b")

    def statuses(name: str, moments: int, **more: Any) -> dict[str, str]:
        a = make.processing("A", code, arguments=[here, there, str(moments)])
        b = make.processing("B", code, arguments=[there, here, str(moments)])
        local.create(make.definition(a, b), name)
        return dict(local.statuses(local.ended(local.start(name, **more))))

    assert statuses("beside", 10_000) == {"A": "Succeeded", "B": "Succeeded"}
    for flag in (here, there):
        Path(flag).unlink()
    one = {"MaxParallelExecutionSteps": 1}
    assert statuses("behind", 20, ParallelismConfiguration=one) == {"A": "Failed", "B": "Succeeded"}


def test_a_step_that_waits_for_a_failure_runs_after_it(make: Make, local: Local) -> None:
    notify = make.processing("Notify", DependsOn=[{"Step": "Break", "Trigger": "Failed"}])
    arn = local.run(make.definition(make.processing("Break", "exit(3)"), notify))
    assert local.status(arn) == "CompletedWithFailures"
    assert local.statuses(arn) == {"Break": "Failed", "Notify": "Succeeded"}


@pytest.mark.parametrize(
    ("values", "message"),
    [({"Unknown": "1"}, "Unknown"), ({"MinScore": "high"}, "MinScore"), ({"MinScore": ""}, "MinScore")],
)
def test_parameters_are_refused_before_anything_starts(
    make: Make, local: Local, values: dict[str, str], message: str
) -> None:
    local.create(gate(make))
    with pytest.raises(ClientError, match=message) as refused:
        local.start(parameters=values)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"] == []


@pytest.mark.parametrize("values", [{}, {"Program": "/opt/program/start"}])
def test_a_program_that_only_an_image_has_is_refused_before_anything_starts(
    make: Make, local: Local, values: dict[str, str]
) -> None:
    step = make.processing("A")
    step["Arguments"]["AppSpecification"]["ContainerEntrypoint"][0] = {"Get": "Parameters.Program"}
    program = make.parameter("Program", DefaultValue="no-such-program")
    local.create(make.definition(step, parameters=[program]))
    with pytest.raises(ClientError, match=r"'A': the program '(no-such-program|/opt/program/start)' is not") as refused:
        local.start(parameters=values)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert local.status(local.ended(local.start(parameters={"Program": "python3"}))) == "Succeeded"


def test_a_step_whose_command_stands_in_its_image_is_refused_before_anything_starts(make: Make, local: Local) -> None:
    first, second = make.processing("First"), make.processing("Second", DependsOn=["First"])
    del second["Arguments"]["AppSpecification"]["ContainerEntrypoint"]
    local.create(make.definition(first, second))
    with pytest.raises(ClientError, match=r"'Second': the image .* is not on this machine.*ContainerEntrypoint"):
        local.start()
    assert local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"] == []


def test_an_image_without_an_emulator_is_refused_before_anything_starts(make: Make, local: Local) -> None:
    container = {"Image": {"Get": "Parameters.Image"}}
    model = {"Name": "Model", "Type": "Model", "Arguments": {"PrimaryContainer": container}}
    image = make.parameter("Image", DefaultValue="kmeans:1")
    local.create(make.definition(make.processing("First"), model, parameters=[image]))
    with pytest.raises(ClientError, match=r"'Model': the algorithm of the image 'kmeans:1' is not emulated"):
        local.start()
    assert local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"] == []


@pytest.mark.parametrize("name", ["count", {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Number"}]}}])
def test_a_name_in_the_definition_is_what_its_jobs_names_begin_with(make: Make, local: Local, name: Any) -> None:
    step = make.processing("A", Arguments={"ProcessingJobName": name})
    arn = local.run(make.definition(step, parameters=[make.parameter("Number", "Integer", DefaultValue=7)]))
    assert re.fullmatch(r"(count|7)-[0-9a-f]{10}", arn_name(local.steps(arn)["A"], "ProcessingJob"))


def test_the_lists_say_what_was_started_with_what(make: Make, local: Local) -> None:
    local.create(gate(make))
    first = local.ended(local.start())
    second = local.ended(local.start(PipelineExecutionDisplayName="stricter", parameters={"MinScore": "0.75"}))
    summaries = local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"]
    assert [item["PipelineExecutionArn"] for item in summaries] == [second, first]
    assert summaries[0]["PipelineExecutionDisplayName"] == "stricter"
    assert summaries[0]["PipelineExecutionFailureReason"] == "the score 0.7 is too low"
    parameters = local.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=second)
    assert parameters["PipelineParameters"] == [{"Name": "MinScore", "Value": "0.75"}]
    pages = local.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=first, PaginationConfig={"PageSize": 2}
    )
    names = [[step["StepName"] for step in page["PipelineExecutionSteps"]] for page in pages]
    assert names == [["Tell", "Publish"], ["Check", "Measure"]]


def test_an_execution_keeps_the_definition_that_it_ran_with(make: Make, local: Local) -> None:
    before = make.definition(make.processing("Before"))
    arn = local.run(before)
    after = make.definition(make.processing("After"))
    local.sagemaker.update_pipeline(PipelineName="pipeline", PipelineDefinition=after)
    answer = local.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    assert answer["PipelineDefinition"] == before
    assert local.sagemaker.describe_pipeline(PipelineName="pipeline")["PipelineDefinition"] == after


def test_the_same_token_is_the_same_execution_and_another_request_with_it_a_conflict(make: Make, local: Local) -> None:
    local.create(gate(make))
    token = "t" * 32
    first = local.start(ClientRequestToken=token)
    assert local.start(ClientRequestToken=token) == first
    with pytest.raises(local.sagemaker.exceptions.ConflictException):
        local.start(ClientRequestToken=token, parameters={"MinScore": "0.1"})
    assert len(local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"]) == 1
    local.ended(first)


def test_a_start_returns_once_the_execution_executes(make: Make, local: Local, shared: Path) -> None:
    flag = shared / "go"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.05)"
    local.create(make.definition(make.processing("A", wait)))
    arn = local.start()
    assert local.status(arn) == "Executing"
    flag.touch()
    local.ended(arn)


def test_a_stop_ends_what_runs_and_a_retry_goes_on(make: Make, local: Local, shared: Path, until: Any) -> None:
    flag = shared / "go"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.05)"
    local.create(
        make.definition(
            make.processing("First"),
            make.processing("Long", wait, DependsOn=["First"]),
            make.processing("Last", DependsOn=["Long"]),
        )
    )
    arn = local.start()
    until(lambda: local.statuses(arn).get("Long") == "Executing")
    local.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    local.ended(arn)
    assert local.status(arn) == "Stopped"
    assert local.statuses(arn) == {"First": "Succeeded", "Long": "Stopped"}
    sentence = r"processing job pipelines-\S+-Long-\w+ was stopped"
    assert re.fullmatch(sentence, local.steps(arn)["Long"]["FailureReason"])
    with pytest.raises(ClientError, match="cannot be stopped"):
        local.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)

    flag.touch()
    began = local.steps(arn)["First"]["StartTime"]
    local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert local.status(local.ended(arn)) == "Succeeded"
    steps = local.steps(arn)
    assert {name: step["AttemptCount"] for name, step in steps.items()} == {"First": 1, "Long": 2, "Last": 1}
    assert steps["First"]["StartTime"] == began
    with pytest.raises(ClientError, match="cannot be retried"):
        local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)


def test_a_retry_goes_on_from_what_failed_with_what_it_started_with(make: Make, local: Local, shared: Path) -> None:
    flag = shared / "mended"
    code = f"import pathlib, sys; sys.exit(None if pathlib.Path({str(flag)!r}).exists() else 'not mended')"
    arn = local.run(make.definition(make.processing("First"), make.processing("Second", code, DependsOn=["First"])))
    assert local.statuses(arn) == {"First": "Succeeded", "Second": "Failed"}
    local.sagemaker.update_pipeline(
        PipelineName="pipeline", PipelineDefinition=make.definition(make.processing("Other"))
    )
    flag.touch()
    token = "r" * 32
    for _ in range(2):
        local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
        local.ended(arn)
    assert local.statuses(arn) == {"First": "Succeeded", "Second": "Succeeded"}
    assert local.steps(arn)["Second"]["AttemptCount"] == 2
    assert "FailureReason" not in local.describe(arn)


def test_a_retry_policy_tries_again_after_a_fault_of_the_machine(make: Make, local: Local, shared: Path) -> None:
    """The first attempt kills the process that supervises it, which no job can answer for."""
    flag = shared / "tried"
    code = (
        f"import os, pathlib, signal, time\nflag = pathlib.Path({str(flag)!r})\n"
        "if not flag.exists():\n    flag.touch(); os.kill(os.getppid(), signal.SIGKILL); time.sleep(1)"
    )
    policy = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 0, "MaxAttempts": 1}
    arn = local.run(make.definition(make.processing("Shaky", code, RetryPolicies=[policy])))
    assert local.status(arn) == "Succeeded"
    assert local.steps(arn)["Shaky"]["AttemptCount"] == 2


def test_without_a_policy_a_job_that_ends_without_a_word_fails_its_step_with_the_signal(
    make: Make, local: Local
) -> None:
    code = "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(1)"
    arn = local.run(make.definition(make.processing("Shaky", code)))
    assert "SIGKILL" in local.steps(arn)["Shaky"]["FailureReason"]


def test_other_pipelines_and_executions_that_are_not_there_are_not_found(local: Local) -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:pipeline/none/execution/000000000000"
    for call in ("describe_pipeline_execution", "list_pipeline_execution_steps", "stop_pipeline_execution"):
        with pytest.raises(local.sagemaker.exceptions.ResourceNotFound):
            getattr(local.sagemaker, call)(PipelineExecutionArn=arn)
    with pytest.raises(local.sagemaker.exceptions.ResourceNotFound, match="none"):
        local.start("none")


def test_an_execution_can_be_renamed(make: Make, local: Local) -> None:
    arn = local.run(make.definition(make.processing("A")))
    local.sagemaker.update_pipeline_execution(PipelineExecutionArn=arn, PipelineExecutionDisplayName="the-good-one")
    assert local.describe(arn)["PipelineExecutionDisplayName"] == "the-good-one"


def test_a_chain_costs_little_beyond_its_jobs(make: Make, local: Local) -> None:
    """Ten steps that do nothing, against as many interpreters that load what each step's process loads."""

    def ten_interpreters() -> float:
        began = time.monotonic()
        for _ in range(10):
            subprocess.run([sys.executable, "-c", "import localcloud.jobs.__main__"], check=True)
        return time.monotonic() - began

    steps = [make.processing(f"S{n}", **({"DependsOn": [f"S{n - 1}"]} if n else {})) for n in range(10)]
    local.create(make.definition(*steps))
    before, began = ten_interpreters(), time.monotonic()
    arn = local.ended(local.start())
    took = time.monotonic() - began
    assert local.status(arn) == "Succeeded"
    assert took < 5 * (before + ten_interpreters())
