"""`prune`: what nothing needs is gone from the disk, what something needs works as before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

Run = Callable[..., tuple[int, str, str]]
BUCKET = "memotion-000000000000"


@pytest.fixture
def executed(
    upserted: Callable[..., None], run: Run, step: Callable[..., Any], cloud: boto3.Session
) -> Callable[[], str]:
    """Run an execution to its end and give it an object; its identifier."""
    upserted(step("Say", "print('hello')"))
    cloud.client("s3").create_bucket(Bucket=BUCKET)

    def once() -> str:
        name = run("start", "--wait")[1].partition(":pipeline/memotion/execution/")[2].partition(":")[0]
        cloud.client("s3").put_object(Bucket=BUCKET, Key=f"executions/{name}/model.tar.gz", Body=b"0" * 1000)
        return name

    return once


def left(home: Path, execution: str) -> list[Path]:
    return [path for path in home.rglob("*") if execution in path.as_posix()]


def listed(run: Run) -> list[str]:
    summaries = json.loads(run("executions", "--json")[1])
    return [summary["PipelineExecutionArn"].rpartition("/")[2] for summary in summaries]


def test_the_newest_stay_and_the_others_leave_nothing(executed: Callable[[], str], run: Run, tmp_path: Path) -> None:
    old, middle, new = executed(), executed(), executed()
    assert left(tmp_path / "home", old)
    answer = json.loads(run("prune", "--keep", "2", "--json")[1])
    assert answer["Executions"] == [old]
    assert answer["FreedBytes"] >= 1000
    assert left(tmp_path / "home", old) == []
    assert listed(run) == [new, middle]
    assert run("logs", "Say", middle)[1] == "hello\n"
    assert run("prune", "--keep", "2")[1] == "0 executions deleted, 0.0 MB freed\n"


def test_what_a_package_names_is_kept(
    executed: Callable[[], str], run: Run, tmp_path: Path, cloud: boto3.Session
) -> None:
    named, unnamed, newest = executed(), executed(), executed()
    model = f"s3://{BUCKET}/executions/{named}/model.tar.gz"
    cloud.client("sagemaker").create_model_package_group(ModelPackageGroupName="memotion")
    cloud.client("sagemaker").create_model_package(
        ModelPackageGroupName="memotion",
        InferenceSpecification={
            "Containers": [{"Image": "i:1", "ModelDataUrl": model}],
            "SupportedContentTypes": ["a/b"],
            "SupportedResponseMIMETypes": ["a/b"],
        },
    )
    assert json.loads(run("prune", "--keep", "1", "--json")[1])["Executions"] == [unnamed]
    assert listed(run) == [newest, named]
    assert cloud.client("s3").get_object(Bucket=BUCKET, Key=f"executions/{named}/model.tar.gz")["ContentLength"] == 1000


def test_what_a_deleted_pipeline_left_goes_too(executed: Callable[[], str], run: Run, tmp_path: Path) -> None:
    name = executed()
    assert run("destroy", "--yes")[0] == 0
    assert left(tmp_path / "home", name)
    assert json.loads(run("prune", "--json")[1])["Executions"] == [name]
    assert left(tmp_path / "home", name) == []


def test_it_is_for_this_machine_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMOTION_LOCAL", raising=False)
    assert run("prune") == (2, "", "error: prune is for this machine's executions: add --local\n")
