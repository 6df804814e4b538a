"""Destroy asks before it deletes, deletes in the order that the service demands, and can be run twice."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

ROLE = "arn:aws:iam::000000000000:role/memotion-execution"
Run = Callable[..., tuple[int, str, str]]
Step = Callable[..., dict[str, Any]]


def pipelines(cloud: boto3.Session) -> list[str]:
    return [each["PipelineName"] for each in cloud.client("sagemaker").list_pipelines()["PipelineSummaries"]]


@pytest.mark.parametrize("typed", ["yes\n", "\nmemotion\n", ""])
def test_nothing_is_deleted_unless_the_projects_name_is_typed(
    cloud: boto3.Session,
    upserted: Callable[..., None],
    run: Run,
    step: Step,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
) -> None:
    upserted(step("Say", "pass"))
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code, out, err = run("destroy")
    assert (code, out) == (1, "")
    assert err.startswith("  pipeline memotion\n")
    assert err.endswith("error: that is not 'memotion': nothing was deleted\n")
    assert pipelines(cloud) == ["memotion"]


def test_the_projects_name_deletes_what_costs_money_and_says_what_stays(
    cloud: boto3.Session, upserted: Callable[..., None], run: Run, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    upserted(step("Say", "pass"))
    cloud.client("s3").create_bucket(Bucket="memotion-000000000000")
    monkeypatch.setattr("sys.stdin", io.StringIO("memotion\n"))
    code, _, err = run("destroy")
    assert code == 0
    assert "deleted pipeline memotion\n" in err
    stays = "still there: bucket memotion-000000000000; `python pipeline.py destroy --all` deletes that too\n"
    assert err.endswith(stays)
    assert pipelines(cloud) == []
    assert run("destroy") == (0, "", f"nothing is left that costs money\n{stays}")
    assert run("destroy", "--all", "--yes")[0] == 0
    assert run("destroy") == (0, "", "nothing is left that costs money\n")


def test_an_execution_that_runs_is_stopped_first(
    cloud: boto3.Session, upserted: Callable[..., None], run: Run, step: Step
) -> None:
    upserted(step("Long", "import time; time.sleep(60)"))
    assert run("start")[0] == 0
    code, out, err = run("destroy", "--yes", "--all", "--json")
    assert code == 0
    assert "\nstopped running execution arn:" in err
    assert [each["Kind"] for each in json.loads(out)] == ["running execution", "pipeline"]
    assert pipelines(cloud) == []


def test_what_an_execution_made_between_the_list_and_its_stop_is_deleted_too(
    cloud: boto3.Session, upserted: Callable[..., None], run: Run, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    upserted(step("Long", "import time; time.sleep(60)"))
    code, arn, _ = run("start")
    assert code == 0
    name = f"pipelines-{arn.strip().rpartition('/')[2]}-CreateTextModel-1"

    class Typing(io.StringIO):
        """While a person reads the list and types, the execution goes on."""

        def readline(self, *_: object) -> str:
            cloud.client("sagemaker").create_model(
                ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i:1"}
            )
            return "memotion\n"

    monkeypatch.setattr("sys.stdin", Typing())
    code, out, _ = run("destroy", "--json")
    assert code == 0
    assert {"Kind": "model", "Name": name} in json.loads(out)
    assert cloud.client("sagemaker").list_models()["Models"] == []


def test_what_another_project_named_alike_is_left_alone(cloud: boto3.Session, run: Run) -> None:
    sagemaker = cloud.client("sagemaker")
    for name in ("memotion-v3", "memotion-video", "memotion-v3-of-theirs"):
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i:1"})
    code, out, _ = run("destroy", "--yes", "--json")
    assert (code, json.loads(out)) == (0, [{"Kind": "model", "Name": "memotion-v3"}])
    assert {each["ModelName"] for each in sagemaker.list_models()["Models"]} == {
        "memotion-video",
        "memotion-v3-of-theirs",
    }
