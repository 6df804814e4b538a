"""A training that waits for an instance is told from one that runs; a log is found whatever its job's ARN spells."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from rich.console import Console

from cli import progress
from pipeline.executions import executions, logs, step_text

BEGAN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
JOB = "pipelines-p4jn9xou8a8s-TrainImageClassifier-Ab3"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{JOB.lower()}"
EXECUTION = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/memotion/execution/p4jn9xou8a8s"
STEP = {
    "StepName": "TrainImageClassifier",
    "StepStatus": "Executing",
    "StartTime": BEGAN,
    "Metadata": {"TrainingJob": {"Arn": ARN}},
}
Answers = dict[str, Any]


def training(secondary: str) -> dict[str, Any]:
    return {
        "TrainingJobName": JOB,
        "SecondaryStatus": secondary,
        "SecondaryStatusTransitions": [{"Status": secondary, "StartTime": BEGAN + timedelta(minutes=1)}],
        "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 50},
        "EnableManagedSpotTraining": True,
    }


@pytest.fixture
def answers() -> Answers:
    """An execution that trains; an answer that is text is the code of a refusal."""
    return {
        "ListPipelineExecutionSteps": {"PipelineExecutionSteps": [STEP]},
        "DescribePipelineExecution": {"PipelineExecutionArn": EXECUTION, "PipelineExecutionStatus": "Executing"},
        "DescribeTrainingJob": training("Starting"),
        "DescribeLogStreams": {"logStreams": [{"logStreamName": f"{JOB}/algo-1-1700000000"}]},
        "GetLogEvents": {"events": [{"message": "epoch 1"}], "nextForwardToken": "f/1"},
    }


@pytest.fixture
def requests() -> dict[str, Any]:
    return {}


@pytest.fixture
def session(answers: Answers, requests: dict[str, Any]) -> boto3.Session:
    session = boto3.Session("key", "secret", region_name="us-east-1")

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        requests[model.name] = dict(params)

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        reply = deepcopy(answers[model.name])
        status = 400 if isinstance(reply, str) else 200
        parsed = {"Error": {"Code": reply, "Message": "no"}} if isinstance(reply, str) else reply
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}

    session.events.register("provide-client-params", keep)
    session.events.register("before-call", answer)
    return session


def note(session: boto3.Session, minutes: float) -> str:
    (step,) = executions.status(session, EXECUTION)["PipelineExecutionSteps"]
    return step_text.note(step, BEGAN + timedelta(minutes=minutes))


def test_a_training_without_an_instance_says_what_it_waits_for(session: boto3.Session) -> None:
    assert note(session, 2) == "waits for spot capacity of ml.g5.xlarge (Starting)"


def test_a_training_that_runs_says_so(session: boto3.Session, answers: Answers) -> None:
    answers["DescribeTrainingJob"] = training("Training")
    assert note(session, 90) == "Training"


def test_after_a_while_it_is_said_what_to_do(session: boto3.Session, answers: Answers) -> None:
    waiting = note(session, 21)
    assert waiting.startswith(
        "waits for spot capacity of ml.g5.xlarge (Starting) for 20 min: `python pipeline.py doctor`"
    )
    assert "start with another instance type by -p or without spot (MEMOTION_IMAGE_TRAINING_SPOT=false" in waiting
    answers["DescribeTrainingJob"] = training("Interrupted")
    assert note(session, 2) == "was interrupted, waits for spot capacity of ml.g5.xlarge (Interrupted)"


def test_who_may_not_describe_the_job_sees_the_step_as_it_is_listed(session: boto3.Session, answers: Answers) -> None:
    answers["DescribeTrainingJob"] = "AccessDeniedException"
    assert executions.status(session, EXECUTION)["PipelineExecutionSteps"] == [STEP]
    assert note(session, 21) == ""


def test_elsewhere_than_on_a_terminal_waiting_is_a_line_of_its_own(session: boto3.Session, answers: Answers) -> None:
    written = StringIO()
    with progress.screen(Console(file=written, width=10_000, markup=False, highlight=False)) as show:
        for secondary in ("Starting", "Starting", "Training", "Training"):
            answers["DescribeTrainingJob"] = training(secondary)
            show(executions.status(session, EXECUTION))
    lines = written.getvalue().splitlines()
    assert ["Starting" in line for line in lines] == [True, False]
    assert lines[1].endswith("  Training")


def test_the_log_is_found_by_the_name_that_the_job_has_and_not_by_its_arns_spelling(
    session: boto3.Session, requests: dict[str, Any]
) -> None:
    event, *_ = logs.of_step(session, [STEP], "TrainImageClassifier")
    assert event["message"] == "epoch 1"
    assert requests["DescribeLogStreams"]["logStreamNamePrefix"] == f"{JOB}/"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFound"])
def test_where_the_job_is_not_described_the_arn_is_taken(
    session: boto3.Session, answers: Answers, requests: dict[str, Any], code: str
) -> None:
    answers["DescribeTrainingJob"] = code
    list(logs.of_step(session, [STEP], "TrainImageClassifier"))
    assert requests["DescribeLogStreams"]["logStreamNamePrefix"] == f"{JOB.lower()}/"
