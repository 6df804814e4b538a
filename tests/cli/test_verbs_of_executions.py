"""Start, watch, list, explain, stop and retry, as they are typed, over the local cloud."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

Run = Callable[..., tuple[int, str, str]]
Step = Callable[..., dict[str, Any]]
FAIL = {"Name": "TooLow", "Type": "Fail", "DependsOn": ["Say"], "Arguments": {"ErrorMessage": "macro-F1 is 0.1"}}


def masked(text: str) -> str:
    """Without what differs from run to run: identifiers, times, how long something took."""
    text = re.sub(r"\b(?!0{12})[a-z0-9]{12}\b", "ID", text)
    return re.sub(r"\d+:\d\d\b", "0:00", re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+", "TIME", text))


def test_a_verb_before_the_first_upsert_says_what_to_do(cloud: boto3.Session, run: Run) -> None:
    for verb in ("start", "status", "executions", "stop", "why", "report"):
        assert run(verb) == (1, "", "error: there is no pipeline 'memotion' yet: run `python pipeline.py upsert`\n")


def test_a_pipeline_without_executions_says_so(upserted: Callable[..., None], run: Run, step: Step) -> None:
    upserted(step("Say", "print('hello')"))
    assert run("status") == (1, "", "error: pipeline 'memotion' has no execution yet: run `python pipeline.py start`\n")
    assert run("executions", "--json") == (0, "[]\n", "")


def test_an_execution_that_succeeds(upserted: Callable[..., None], run: Run, step: Step) -> None:
    upserted(step("Say", "print('hello'); print('world')"))
    code, out, err = run("start", "-p", "Epochs=2", "--wait")
    assert (code, masked(out)) == (
        0,
        "arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/ID: Succeeded\n",
    )
    assert "  Epochs = 2\nexecution ID is running; Ctrl-C leaves it running\nSay " in masked(err)
    assert masked(err).endswith("Say                       Succeeded   0:00\n")

    assert masked(run("status")[1]) == ("ID: Succeeded\nSTEP  STATUS     TOOK\nSay   Succeeded  0:00\n")
    heading, line = masked(run("executions")[1]).splitlines()
    assert heading.split() == ["EXECUTION", "STATUS", "STARTED", "TOOK"]
    assert line == "ID  Succeeded  TIME  0:00"
    assert run("logs", "Say")[1] == "hello\nworld\n"
    assert run("why")[1] == "the execution is Succeeded: no step of it failed\n"


def test_an_execution_is_found_by_the_name_that_it_was_given(
    upserted: Callable[..., None], run: Run, step: Step
) -> None:
    upserted(step("Say", "raise SystemExit(1)"))
    assert run("start", "--name", "stacked, 8 epochs", "--wait")[0] == 1
    heading, line = run("executions")[1].splitlines()
    assert heading.split() == ["EXECUTION", "NAME", "STATUS", "STARTED", "TOOK", "REASON"]
    assert "  stacked, 8 epochs  Failed " in line
    assert line.endswith("failed in Say")
    assert run("status", "stacked, 8 epochs")[1] == run("status", "stacked-8-epochs")[1] == run("status")[1]
    refused = run("start", "--name", "試し")
    assert refused[0] == 2
    assert "has no letter from A to Z and no digit" in refused[2]


def test_the_status_for_programs_is_spelt_as_sagemaker_spells_it(
    cloud: boto3.Session, upserted: Callable[..., None], run: Run, step: Step
) -> None:
    upserted(step("Say", "print('hello')"))
    arn = json.loads(run("start", "--json")[1])["PipelineExecutionArn"]
    run("start", "--wait")
    answer = json.loads(run("status", arn, "--json")[1])
    assert list(answer) == [
        "PipelineExecutionArn",
        "PipelineExecutionStatus",
        "FailureReason",
        "PipelineExecutionSteps",
    ]
    assert answer["PipelineExecutionArn"] == arn
    (entry,) = cloud.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=arn)[
        "PipelineExecutionSteps"
    ]
    assert list(answer["PipelineExecutionSteps"][0]) == list(entry)
    assert answer["PipelineExecutionSteps"][0]["StartTime"] == entry["StartTime"].isoformat()
    newest, oldest = json.loads(run("executions", "--json")[1])
    assert oldest["PipelineExecutionArn"] == arn
    assert json.loads(run("executions", "--count", "1", "--json")[1]) == [newest]
    assert [event["message"] for event in json.loads(run("logs", "Say", "--json")[1])] == ["hello"]


def test_an_execution_that_fails_says_why_and_ends_with_1(upserted: Callable[..., None], run: Run, step: Step) -> None:
    upserted(step("Say", "print('loading'); raise ValueError('row 7 is empty')"))
    code, out, err = run("start", "--wait")
    assert (code, masked(out)) == (
        1,
        "arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/ID: Failed\n",
    )
    explained = run("why")[1]
    assert explained.startswith("Say failed: ")
    assert explained.endswith("    ValueError: row 7 is empty\n")
    assert "    Traceback (most recent call last):\n" in explained
    assert err.endswith(explained)
    failure = json.loads(run("why", "--json")[1])
    assert (failure["PipelineExecutionStatus"], failure["FailedSteps"][0]["StepName"]) == ("Failed", "Say")
    assert failure["FailedSteps"][0]["Log"][-1] == "ValueError: row 7 is empty"


def test_a_gate_that_says_no_is_told_once(upserted: Callable[..., None], run: Run, step: Step) -> None:
    upserted(step("Say", "print('hello')"), FAIL)
    assert run("start", "--wait")[0] == 1
    assert run("why")[1] == "TooLow failed: macro-F1 is 0.1\n"
    assert run("logs", "TooLow") == (1, "", "error: step TooLow (Failed) runs no job and writes no log\n")


def test_a_running_execution_is_stopped_and_goes_on_with_retry(
    upserted: Callable[..., None], run: Run, step: Step
) -> None:
    upserted(step("Say", "import time; time.sleep(60)"))
    name = json.loads(run("start", "--json")[1])["PipelineExecutionArn"].rpartition("/")[2]
    code, _, err = run("stop", name)
    assert (code, err) == (0, f"stopping; `python pipeline.py retry {name}` goes on later\n")
    while json.loads(run("status", name, "--json")[1])["PipelineExecutionStatus"] == "Stopping":
        pass
    assert masked(run("stop")[2]) == "error: execution ID is Stopped: there is nothing to stop\n"
    assert run("retry", name)[0] == 0
    assert json.loads(run("status", name, "--json")[1])["PipelineExecutionStatus"] == "Executing"
    assert run("stop", name)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (
            ["status", "nowhere"],
            1,
            "pipeline 'memotion' has no execution 'nowhere': `python pipeline.py executions` lists them",
        ),
        (["start", "-p", "Epoch=2"], 2, "the pipeline has no parameter 'Epoch': did you mean Epochs?"),
        (["start", "-p", "Epochs=two"], 2, "Epochs is Integer: 'two' is not"),
        (["start", "-p", "Epochs"], 2, "-p 'Epochs' is not of the form Name=Value"),
        (["start", "--steps", "Sya"], 2, "the pipeline has no step 'Sya': it has Say"),
        (["start", "--steps", ","], 2, "--steps names no step: name some, or leave it out to run all"),
        (["start", "--steps", ""], 2, "--steps names no step: name some, or leave it out to run all"),
        (
            ["start", "--data", ""],
            2,
            "--data is empty: name a directory or s3://BUCKET/PREFIX, or leave it out for the newest's",
        ),
        (
            ["stop", "arn:aws:s3:::b"],
            1,
            "arn:aws:s3:::b is no execution's ARN: `python pipeline.py executions` lists them",
        ),
    ],
)
def test_what_makes_no_sense_starts_nothing(
    upserted: Callable[..., None], run: Run, step: Step, arguments: list[str], code: int, sentence: str
) -> None:
    upserted(step("Say", "print('hello')"))
    assert run(*arguments) == (code, "", f"error: {sentence}\n")
    assert run("executions", "--json")[1] == "[]\n"


def test_a_step_that_is_under_way_says_how_far_it_is(upserted: Callable[..., None], run: Run, step: Step) -> None:
    upserted(step("Say", "import time; print('1200 of 3000 pictures, 3 a second', flush=True); time.sleep(120)"))
    run("start")
    try:
        until = time.monotonic() + 60
        while "1,200 of 3,000 pictures" not in (printed := run("status")[1]) and time.monotonic() < until:
            time.sleep(0.2)
        assert printed.splitlines()[-1].startswith("Say   Executing  ")
        assert printed.endswith("  1,200 of 3,000 pictures\n")
    finally:
        run("stop")
