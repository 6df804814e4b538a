"""A home that version 0.1.0 wrote opens: its records answer, its failed execution goes on, its objects are read."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from localcloud_tests.definitions import BUCKET, ROLE, Local

RECORDS = Path(__file__).parent / "homes" / "version-0.1.0.sql"
OBJECTS = {"in/answer.txt": "no", "out/copy.txt": "no"}


@pytest.fixture
def local(tmp_path: Path) -> Local:
    """The home: its records as dumped, and its objects with the times that their records state."""
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / "state.sqlite3") as connection:
        connection.executescript(RECORDS.read_text())
        modified = dict(connection.execute("SELECT key, modified_ns FROM objects"))
    connection.close()
    for key, content in OBJECTS.items():
        path = home / "buckets" / BUCKET / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if key in modified:
            os.utime(path, ns=(modified[key], modified[key]))
    return Local(home)


def execution(local: Local) -> str:
    (summary,) = local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"]
    return str(summary["PipelineExecutionArn"])


def test_its_records_answer(local: Local) -> None:
    described = local.sagemaker.describe_pipeline(PipelineName="pipeline")
    assert described["RoleArn"] == "arn:aws:iam::000000000000:role/any"
    assert local.sagemaker.list_tags(ResourceArn=described["PipelineArn"])["Tags"] == [{"Key": "of", "Value": "0.1.0"}]
    (package,) = local.sagemaker.list_model_packages(ModelPackageGroupName="group")["ModelPackageSummaryList"]
    assert package["ModelApprovalStatus"] == "Approved"
    assert local.sagemaker.describe_endpoint_config(EndpointConfigName="config")["ProductionVariants"]
    assert local.s3.head_object(Bucket=BUCKET, Key="in/answer.txt")["Metadata"] == {"of": "0.1.0"}
    assert local.object("out/copy.txt") == "no"


def test_its_failed_execution_goes_on_where_it_failed(local: Local) -> None:
    arn = execution(local)
    assert local.status(arn) == "Failed"
    assert local.statuses(arn) == {"Copy": "Succeeded", "Check": "Failed"}
    local.put("in/answer.txt", "yes")
    local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    assert local.status(local.ended(arn)) == "Succeeded"
    assert local.object("out/copy.txt") == "no"


def test_its_pipeline_is_updated_and_started_again(local: Local) -> None:
    definition = local.sagemaker.describe_pipeline(PipelineName="pipeline")["PipelineDefinition"]
    local.put("in/answer.txt", "yes")
    local.sagemaker.update_pipeline(PipelineName="pipeline", PipelineDefinition=definition, RoleArn=ROLE)
    assert local.status(local.ended(local.start())) == "Succeeded"
    assert len(local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"]) == 2
