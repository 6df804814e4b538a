"""CreatePipeline and its like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud_tests.definitions import Local, Make


def test_a_pipeline_is_described_as_it_was_created(make: Make, local: Local) -> None:
    definition = make.definition(make.processing("A"))
    arn = local.sagemaker.create_pipeline(
        PipelineName="p",
        PipelineDefinition=definition,
        RoleArn=make.role,
        PipelineDescription="says what it is",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 2},
        Tags=[{"Key": "commit", "Value": "abc"}],
    )["PipelineArn"]
    for name in ("p", arn):
        described = local.sagemaker.describe_pipeline(PipelineName=name)
        assert described["PipelineDefinition"] == definition
        assert described["PipelineStatus"] == "Active"
        assert described["PipelineDescription"] == "says what it is"
        assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 2}
    assert local.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "commit", "Value": "abc"}]


def test_a_definition_may_lie_in_s3(make: Make, local: Local) -> None:
    local.put("definition.json", make.definition(make.processing("A")))
    location = {"Bucket": make.bucket, "ObjectKey": "definition.json"}
    local.sagemaker.create_pipeline(PipelineName="p", PipelineDefinitionS3Location=location, RoleArn=make.role)
    assert "processing" in local.sagemaker.describe_pipeline(PipelineName="p")["PipelineDefinition"].lower()
    with pytest.raises(ClientError, match="nowhere"):
        local.sagemaker.update_pipeline(
            PipelineName="p", PipelineDefinitionS3Location={"Bucket": make.bucket, "ObjectKey": "nowhere"}
        )


@pytest.mark.parametrize("call", ["create_pipeline", "update_pipeline"])
def test_a_definition_that_could_not_run_is_refused_and_changes_nothing(make: Make, local: Local, call: str) -> None:
    good = make.definition(make.processing("A"))
    if call == "update_pipeline":
        local.create(good, "p")
    bad = make.definition(make.processing("A", DependsOn=["Missing"]))
    with pytest.raises(ClientError, match="'Missing'") as refused:
        getattr(local.sagemaker, call)(PipelineName="p", PipelineDefinition=bad, RoleArn=make.role)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    names = [item["PipelineName"] for item in local.sagemaker.list_pipelines()["PipelineSummaries"]]
    if call == "create_pipeline":
        assert names == []
    else:
        assert local.sagemaker.describe_pipeline(PipelineName="p")["PipelineDefinition"] == good


def test_a_name_is_taken_once_but_the_same_token_is_the_same_pipeline(make: Make, local: Local) -> None:
    request = {
        "PipelineName": "p",
        "PipelineDefinition": make.definition(make.processing("A")),
        "RoleArn": make.role,
        "ClientRequestToken": "t" * 32,
    }
    arn = local.sagemaker.create_pipeline(**request)["PipelineArn"]
    assert local.sagemaker.create_pipeline(**request)["PipelineArn"] == arn
    with pytest.raises(ClientError, match="already exists") as refused:
        local.create(request["PipelineDefinition"], "p")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(local.sagemaker.exceptions.ConflictException):
        local.sagemaker.create_pipeline(**request | {"PipelineDescription": "another"})


def test_a_pipeline_that_is_not_there_is_not_found(make: Make, local: Local) -> None:
    not_found = local.sagemaker.exceptions.ResourceNotFound
    with pytest.raises(not_found, match="none"):
        local.sagemaker.describe_pipeline(PipelineName="none")
    with pytest.raises(not_found):
        local.sagemaker.delete_pipeline(PipelineName="none", ClientRequestToken="t" * 32)
    with pytest.raises(not_found):
        local.sagemaker.list_pipeline_executions(PipelineName="none")


def test_pipelines_are_listed_newest_first_and_by_their_prefix(make: Make, local: Local) -> None:
    for name in ("a-1", "a-2", "b-1"):
        local.create(make.definition(make.processing("A")), name)
    local.ended(local.start("a-1"))

    def listed(**request: Any) -> list[str]:
        return [item["PipelineName"] for item in local.sagemaker.list_pipelines(**request)["PipelineSummaries"]]

    assert listed() == ["b-1", "a-2", "a-1"]
    assert listed(PipelineNamePrefix="a", SortBy="Name", SortOrder="Ascending") == ["a-1", "a-2"]
    (summary,) = local.sagemaker.list_pipelines(PipelineNamePrefix="a-1")["PipelineSummaries"]
    assert summary["LastExecutionTime"] >= summary["CreationTime"]


def test_a_pipeline_is_deleted_with_its_executions_but_not_while_one_runs(
    make: Make, local: Local, shared: Path
) -> None:
    flag = shared / "go"
    code = f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.05)"
    local.create(make.definition(make.processing("A", code)), "p")
    arn = local.start("p")
    with pytest.raises(local.sagemaker.exceptions.ConflictException, match=arn):
        local.sagemaker.delete_pipeline(PipelineName="p")
    flag.touch()
    local.ended(arn)
    local.sagemaker.delete_pipeline(PipelineName="p")
    with pytest.raises(local.sagemaker.exceptions.ResourceNotFound):
        local.describe(arn)


def test_a_definition_of_endless_depth_is_refused_in_a_sentence(local: Local) -> None:
    with pytest.raises(ClientError, match="nested more deeply"):
        local.create("[" * 100_000)


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("describe_pipeline", {"PipelineName": "pipeline", "PipelineVersionId": 7}),
        ("start_pipeline_execution", {"PipelineName": "pipeline", "PipelineVersionId": 7}),
        ("start_pipeline_execution", {"PipelineName": "pipeline", "MlflowExperimentName": "mine"}),
        (
            "update_pipeline_version",
            {"PipelineArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/p", "PipelineVersionId": 1},
        ),
    ],
)
def test_what_is_lacking_is_refused_and_not_left_out(
    make: Make, local: Local, call: str, request_: dict[str, Any]
) -> None:
    local.create(make.definition(make.processing("A")))
    with pytest.raises(ClientError, match=r"not offered here|does not answer"):
        getattr(local.sagemaker, call)(**request_)
    assert local.sagemaker.list_pipeline_executions(PipelineName="pipeline")["PipelineExecutionSummaries"] == []


def test_an_update_counts_the_versions_of_which_the_last_is_there(make: Make, local: Local) -> None:
    arn = local.create(make.definition(make.processing("A")))
    local.sagemaker.update_pipeline(PipelineName="pipeline", PipelineDefinition=make.definition(make.processing("B")))
    execution = local.ended(local.start(PipelineVersionId=2))
    (version,) = local.sagemaker.list_pipeline_versions(PipelineName="pipeline")["PipelineVersionSummaries"]
    assert (version["PipelineArn"], version["PipelineVersionId"]) == (arn, 2)
    assert version["LastExecutionPipelineExecutionArn"] == execution
    with pytest.raises(ClientError, match="version 1 of pipeline 'pipeline' is not offered here"):
        local.start(PipelineVersionId=1)
