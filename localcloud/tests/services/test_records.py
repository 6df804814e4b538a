"""The generic handler, models, endpoint configs, the registry and model cards, as a boto3 user meets them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.cloud import Cloud
from localcloud.errors import ValidationException
from localcloud.services.listing import page

IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
ROLE = "arn:aws:iam::000000000000:role/memotion"


def make_models(sagemaker: Any, *names: str) -> None:
    for name in names:
        sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)


def listed(client: Any, operation: str, summaries: str, name: str, **query: Any) -> list[Any]:
    pages = client.get_paginator(operation).paginate(**query)
    return [item[name] for each in pages for item in each[summaries]]


def refusal(call: Any, **parameters: Any) -> str:
    """The sentence of a ValidationException."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return str(error.value.response["Error"]["Message"])


def test_what_was_created_is_described_with_name_arn_and_times(sagemaker: Any) -> None:
    before = datetime.now(UTC)
    creation = sagemaker.create_code_repository(
        CodeRepositoryName="code", GitConfig={"RepositoryUrl": "https://x.example/r"}
    )
    answer = sagemaker.describe_code_repository(CodeRepositoryName="code")
    assert answer["CodeRepositoryArn"] == creation["CodeRepositoryArn"]
    assert creation["CodeRepositoryArn"] == "arn:aws:sagemaker:us-east-1:000000000000:code-repository/code"
    assert before <= answer["CreationTime"] <= answer["LastModifiedTime"] <= datetime.now(UTC)
    assert answer["GitConfig"] == {"RepositoryUrl": "https://x.example/r"}


def test_an_update_is_merged_and_a_deletion_is_one(sagemaker: Any) -> None:
    sagemaker.create_experiment(ExperimentName="e", DisplayName="one", Tags=[{"Key": "k", "Value": "v"}])
    sagemaker.update_experiment(ExperimentName="e", Description="two")
    answer = sagemaker.describe_experiment(ExperimentName="e")
    assert (answer["DisplayName"], answer["Description"]) == ("one", "two")
    assert answer["LastModifiedTime"] > answer["CreationTime"]
    sagemaker.delete_experiment(ExperimentName="e")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_experiment(ExperimentName="e")
    sagemaker.create_experiment(ExperimentName="e")
    assert sagemaker.list_tags(ResourceArn=answer["ExperimentArn"])["Tags"] == []


def test_a_list_is_filtered_sorted_and_paged(sagemaker: Any) -> None:
    make_models(sagemaker, *(f"m-{number:02d}" for number in range(23)), "other")
    newest_first = ["other", *(f"m-{number:02d}" for number in reversed(range(23)))]
    assert listed(sagemaker, "list_models", "Models", "ModelName") == newest_first
    assert len(sagemaker.list_models()["Models"]) == 10
    by_name = {"SortBy": "Name", "SortOrder": "Ascending", "NameContains": "M-"}
    assert listed(sagemaker, "list_models", "Models", "ModelName", **by_name) == sorted(newest_first)[:-1]
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert listed(sagemaker, "list_models", "Models", "ModelName", CreationTimeAfter=soon) == []
    assert len(listed(sagemaker, "list_models", "Models", "ModelName", CreationTimeBefore=soon)) == 24


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 7), st.booleans())
@settings(max_examples=60)
def test_pages_hold_every_item_once_and_in_order(values: list[int], size: int, is_descending: bool) -> None:
    items = [(value, str(number)) for number, value in enumerate(values)]
    token, collected = None, []
    for _ in range(len(items) + 1):
        request = {"MaxResults": size} | ({"NextToken": token} if token else {})
        given_items, token = page(items, request, lambda item: item, is_descending=is_descending)
        collected += given_items
        if token is None:
            break
    assert collected == sorted(items, reverse=is_descending)


def test_what_is_deleted_between_two_pages_moves_nothing() -> None:
    items = [(number,) for number in range(6)]
    first, token = page(items, {"MaxResults": 3}, lambda item: item, is_descending=False)
    second, _ = page(
        [item for item in items if item not in first], {"NextToken": token}, lambda item: item, is_descending=False
    )
    assert first + second == items


def test_a_foreign_token_is_refused() -> None:
    with pytest.raises(ValidationException, match="was not given by this operation"):
        page([], {"NextToken": "nonsense"}, lambda item: item)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("describe_domain", {"DomainId": "d-1"}),
        ("create_artifact", {"Source": {"SourceUri": "s3://bucket/a"}, "ArtifactType": "data"}),
        ("describe_artifact", {"ArtifactArn": "arn:aws:sagemaker:us-east-1:000000000000:artifact/a"}),
        ("list_candidates_for_auto_ml_job", {"AutoMLJobName": "j"}),
        ("update_notebook_instance", {"NotebookInstanceName": "n"}),
    ],
)
def test_what_has_no_name_of_its_kind_is_not_answered(
    sagemaker: Any, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="does not answer sagemaker's"):
        getattr(sagemaker, operation)(**parameters)


def test_what_would_be_work_is_never_only_recorded(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="does not answer"):
        sagemaker.create_labeling_job(
            LabelingJobName="l",
            LabelAttributeName="a",
            InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/m"}}},
            OutputConfig={"S3OutputPath": "s3://bucket/o"},
            RoleArn=ROLE,
            HumanTaskConfig={
                "WorkteamArn": "arn:aws:sagemaker:us-east-1:000000000000:workteam/private-crowd/w",
                "UiConfig": {},
                "TaskTitle": "t",
                "TaskDescription": "t",
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskTimeLimitInSeconds": 60,
            },
        )
    assert sagemaker.list_labeling_jobs()["LabelingJobSummaryList"] == []


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ({}, "either a PrimaryContainer or Containers"),
        ({"PrimaryContainer": {"Image": IMAGE}, "Containers": [{"Image": IMAGE}]}, "either a PrimaryContainer"),
        ({"PrimaryContainer": {"ModelDataUrl": "s3://bucket/m"}}, "a container is an image, or a model package"),
        (
            {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://bucket/absent"}},
            "model data at s3://bucket/absent",
        ),
        (
            {"Containers": [{"Image": IMAGE, "ContainerHostname": "a"}, {"Image": IMAGE}]},
            "an invocation names the container by it",
        ),
        ({"Containers": [{"Image": IMAGE, "ContainerHostname": "a"}] * 2}, "'a' stands 2 times"),
        (
            {
                "Containers": [{"Image": IMAGE, "ContainerHostname": "a"}],
                "InferenceExecutionConfig": {"Mode": "Direct"},
            },
            "at least two",
        ),
        (
            {"Containers": [{"Image": IMAGE}] * 2, "InferenceExecutionConfig": {"Mode": "Direct"}},
            "an invocation names the container by it",
        ),
        ({"Containers": [{"ModelPackageName": "absent", "ContainerHostname": "a"}]}, "Could not find model package"),
        ({"Containers": [{"Image": IMAGE, "ContainerHostname": "under_score"}]}, "regular expression pattern"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(sagemaker: Any, s3: Any, model: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(sagemaker.create_model, ModelName="m", ExecutionRoleArn=ROLE, **model)
    assert sagemaker.list_models()["Models"] == []


def variant(**more: Any) -> dict[str, Any]:
    return {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1, **more}


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        ([variant(ModelName="absent")], 'Could not find model "arn:aws:sagemaker:us-east-1:000000000000:model/absent"'),
        ([variant(), variant()], "'v' stands 2 times"),
        ([{"VariantName": "v", "InstanceType": "ml.m5.xlarge"}], "a variant without a model"),
        ([{"VariantName": "v", "ModelName": "m"}], "InstanceType: it is missing"),
    ],
)
def test_an_endpoint_config_that_makes_no_sense_is_refused(
    sagemaker: Any, variants: list[dict[str, Any]], sentence: str
) -> None:
    make_models(sagemaker, "m")
    assert sentence in refusal(sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=variants)


def test_a_name_is_given_once(sagemaker: Any) -> None:
    make_models(sagemaker, "m")
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        make_models(sagemaker, "m")


def test_a_version_number_is_given_once(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    first = sagemaker.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    sagemaker.delete_model_package(ModelPackageName=first)
    assert sagemaker.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"].endswith("/g/2")


def test_the_same_client_token_makes_one_package(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arns = {
        sagemaker.create_model_package(ModelPackageGroupName="g", ClientToken="t")["ModelPackageArn"] for _ in "123"
    }
    assert len(arns) == 1


def test_a_version_is_described_by_arn_and_by_group_and_number(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = sagemaker.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    by_arn = sagemaker.describe_model_package(ModelPackageName=arn)
    by_name = sagemaker.describe_model_package(ModelPackageName="g/1")
    assert by_arn["ModelPackageArn"] == by_name["ModelPackageArn"] == arn
    assert by_arn["ModelPackageName"] == "g/1"
    (listed,) = sagemaker.list_model_packages(ModelPackageGroupName="g")["ModelPackageSummaryList"]
    assert "ModelPackageName" not in listed


def test_jobs_and_endpoints_that_others_record_are_listed_by_status(sagemaker: Any, cloud: Cloud) -> None:
    for name, status in (("a", "Completed"), ("b", "Failed"), ("c", "Completed")):
        cloud.store.create("TrainingJob", name, f"arn:aws:sagemaker:::training-job/{name}", {}, status)
    query = {"StatusEquals": "Completed", "SortBy": "Status"}
    assert listed(sagemaker, "list_training_jobs", "TrainingJobSummaries", "TrainingJobName", **query) == ["c", "a"]


def test_a_decision_says_who_and_why(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = sagemaker.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    assert sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "PendingManualApproval"
    time.sleep(0.001)
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected", ApprovalDescription="no lift")
    answer = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (answer["ModelApprovalStatus"], answer["ApprovalDescription"]) == ("Rejected", "no lift")
    assert answer["LastModifiedBy"]["IamIdentity"]["Arn"].startswith("arn:aws:iam::000000000000:user/")
    assert answer["LastModifiedTime"] > answer["CreationTime"]


def test_a_group_with_packages_stays(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = sagemaker.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    with pytest.raises(sagemaker.exceptions.ConflictException, match="still has 1 model packages; delete them first"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="g")
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName="g")
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


@pytest.mark.parametrize(
    ("package", "sentence"),
    [
        ({}, "either a ModelPackageGroupName or a ModelPackageName"),
        ({"ModelPackageGroupName": "absent"}, "Model Package Group absent does not exist; create it first"),
        (
            {"ModelPackageGroupName": "g", "CustomerMetadataProperties": {str(number): "x" for number in range(51)}},
            "at most 50",
        ),
    ],
)
def test_a_package_that_makes_no_sense_is_refused(sagemaker: Any, package: dict[str, Any], sentence: str) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    assert sentence in refusal(sagemaker.create_model_package, **package)


def test_packages_are_described_at_once_and_those_missing_named(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = sagemaker.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    absent = arn.replace("/1", "/7")
    answer = sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, absent])
    assert answer["ModelPackageSummaries"][arn]["ModelPackageVersion"] == 1
    assert absent in answer["BatchDescribeModelPackageErrorMap"]


def test_each_change_of_a_model_card_is_a_version(sagemaker: Any) -> None:
    sagemaker.create_model_card(ModelCardName="c", Content='{"a": 1}', ModelCardStatus="Draft")
    sagemaker.update_model_card(ModelCardName="c", Content='{"a": 2}')
    sagemaker.update_model_card(ModelCardName="c", ModelCardStatus="Approved")
    contents = [
        sagemaker.describe_model_card(ModelCardName="c", ModelCardVersion=number)["Content"] for number in (1, 2, 3)
    ]
    assert contents == ['{"a": 1}', '{"a": 2}', '{"a": 2}']
    newest = sagemaker.describe_model_card(ModelCardName="c")
    assert (newest["ModelCardVersion"], newest["ModelCardStatus"]) == (3, "Approved")
    assert listed(
        sagemaker, "list_model_card_versions", "ModelCardVersionSummaryList", "ModelCardVersion", ModelCardName="c"
    ) == [3, 2, 1]
    assert "not JSON" in refusal(sagemaker.update_model_card, ModelCardName="c", Content="{")
    assert "either the Content" in refusal(
        sagemaker.update_model_card, ModelCardName="c", Content="{}", ModelCardStatus="Draft"
    )


def test_an_alarm_keeps_its_state_when_it_is_configured_anew(session: Any) -> None:
    cloudwatch = session.client("cloudwatch")
    alarm = {
        "AlarmName": "a",
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(**alarm)
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="tried")
    cloudwatch.put_metric_alarm(**{**alarm, "Threshold": 2.0})
    (described,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (described["StateValue"], described["Threshold"]) == ("ALARM", 2.0)
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["a"])
    with pytest.raises(ClientError, match="no such alarms: b"):
        cloudwatch.delete_alarms(AlarmNames=["a", "b"])
    assert (
        len(
            cloudwatch.describe_alarms_for_metric(MetricName=alarm["MetricName"], Namespace=alarm["Namespace"])[
                "MetricAlarms"
            ]
        )
        == 1
    )


@pytest.mark.parametrize(
    ("service", "call", "request_", "code"),
    [
        (
            "cloudwatch",
            "set_alarm_state",
            {"AlarmName": "a", "StateValue": "LOUD", "StateReason": "r"},
            "ValidationError",
        ),
        ("logs", "describe_log_streams", {"logGroupName": "a group"}, "InvalidParameterException"),
        (
            "application-autoscaling",
            "describe_scalable_targets",
            {"ServiceNamespace": "mine"},
            "ValidationException",
        ),
    ],
)
def test_what_lies_outside_its_description_each_service_refuses_with_its_own_code(
    session: Any, service: str, call: str, request_: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match="failed to satisfy constraint") as refused:
        getattr(session.client(service), call)(**request_)
    assert refused.value.response["Error"]["Code"] == code


def test_a_scaling_policy_needs_its_target(session: Any) -> None:
    scaling = session.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    with pytest.raises(scaling.exceptions.ObjectNotFoundException, match="register it first"):
        scaling.put_scaling_policy(PolicyName="p", **target)
    assert "needs MaxCapacity" in refusal(scaling.register_scalable_target, **target, MinCapacity=1)
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    scaling.put_scaling_policy(PolicyName="p", **target)
    scaling.deregister_scalable_target(**target)
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
