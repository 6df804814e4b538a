"""Registry, models, alarms and scaling: the local cloud and moto are told the same and have to answer the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Call = tuple[str, dict[str, Any]]
Plain = Callable[[Any, set[str]], Any]

IGNORED = {
    *("ResponseMetadata", "CreationTime", "LastModifiedTime", "CreatedBy", "LastModifiedBy", "Message", "NextToken"),
    *("AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "StateReason"),
    *("PolicyARN", "ScalableTargetARN", "Alarms", "EvaluationState", "CertifyForMarketplace", "StateReasonData"),
    "ModelPackageStatusDetails",
    "ModelPackageName",  # the service model requires it of Describe, moto leaves it out
    "RoleARN",
    "SuspendedState",
}
ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
ROLE = "arn:aws:iam::000000000000:role/memotion"
IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1"
GROUP = ("create_model_package_group", {"ModelPackageGroupName": "group", "ModelPackageGroupDescription": "memes"})
CONTAINERS = [{"Image": IMAGE, "ContainerHostname": name} for name in ("one", "two")]


def package(**more: Any) -> Call:
    return "create_model_package", {
        "ModelPackageGroupName": "group",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}]},
        **more,
    }


def described(version: int) -> Call:
    return "describe_model_package", {"ModelPackageName": f"{ARN}model-package/group/{version}"}


TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY = {
    **TARGET,
    "PolicyName": "cpu",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    },
}
ALARM = {
    "AlarmName": "errors",
    "Namespace": "AWS/SageMaker",
    "MetricName": "Invocation5XXErrors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "Dimensions": [{"Name": "EndpointName", "Value": "e"}],
}

CONVERSATIONS: dict[tuple[str, str], list[Call]] = {
    ("sagemaker", "a group"): [
        GROUP,
        ("describe_model_package_group", {"ModelPackageGroupName": "group"}),
        ("describe_model_package_group", {"ModelPackageGroupName": "absent"}),
        ("create_model_package_group", {"ModelPackageGroupName": "other"}),
        ("list_model_package_groups", {"SortBy": "Name", "SortOrder": "Ascending"}),
        ("list_model_package_groups", {"NameContains": "oth"}),
    ],
    ("sagemaker", "versions"): [
        GROUP,
        package(),
        package(ModelPackageDescription="the second"),
        described(1),
        described(2),
        described(3),
        (
            "update_model_package",
            {
                "ModelPackageArn": f"{ARN}model-package/group/2",
                "ModelApprovalStatus": "Approved",
                "ApprovalDescription": "looks well",
                "CustomerMetadataProperties": {"reviewer": "anna", "macro_f1": "0.4"},
                "CustomerMetadataPropertiesToRemove": ["macro_f1"],
            },
        ),
        described(2),
        (
            "list_model_packages",
            {"ModelPackageGroupName": "group", "SortBy": "CreationTime", "SortOrder": "Descending"},
        ),
        ("list_model_packages", {"ModelPackageGroupName": "group", "ModelApprovalStatus": "Approved"}),
    ],
    ("sagemaker", "a package on its own"): [
        ("create_model_package", {"ModelPackageName": "alone", "ModelPackageDescription": "d"}),
        ("describe_model_package", {"ModelPackageName": "alone"}),
        ("list_model_packages", {}),
    ],
    ("sagemaker", "models"): [
        ("create_model", {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": ROLE}),
        ("describe_model", {"ModelName": "absent"}),
        (
            "create_model",
            {
                "ModelName": "two",
                "Containers": CONTAINERS,
                "InferenceExecutionConfig": {"Mode": "Direct"},
                "ExecutionRoleArn": ROLE,
                "Tags": [{"Key": "model-package", "Value": "g/1"}],
            },
        ),
        ("list_tags", {"ResourceArn": f"{ARN}model/two"}),
        ("add_tags", {"ResourceArn": f"{ARN}model/two", "Tags": [{"Key": "x", "Value": "1"}]}),
        ("delete_tags", {"ResourceArn": f"{ARN}model/two", "TagKeys": ["model-package"]}),
        ("list_tags", {"ResourceArn": f"{ARN}model/two"}),
        ("delete_model", {"ModelName": "m"}),
        ("delete_model", {"ModelName": "m"}),
        ("list_models", {}),
    ],
    ("sagemaker", "endpoint configs"): [
        ("create_model", {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": ROLE}),
        (
            "create_endpoint_config",
            {
                "EndpointConfigName": "c",
                "ProductionVariants": [
                    {
                        "VariantName": "v",
                        "ModelName": "m",
                        "InitialInstanceCount": 1,
                        "InstanceType": "ml.m5.xlarge",
                        "InitialVariantWeight": 1.0,
                    }
                ],
            },
        ),
        ("describe_endpoint_config", {"EndpointConfigName": "c"}),
        ("list_endpoint_configs", {}),
        ("delete_endpoint_config", {"EndpointConfigName": "c"}),
        ("describe_endpoint_config", {"EndpointConfigName": "c"}),
    ],
    ("sagemaker", "model cards"): [
        ("create_model_card", {"ModelCardName": "card", "Content": '{"a": 1}', "ModelCardStatus": "Draft"}),
        ("create_model_card", {"ModelCardName": "card", "Content": '{"a": 1}', "ModelCardStatus": "Draft"}),
        ("describe_model_card", {"ModelCardName": "card"}),
        ("describe_model_card", {"ModelCardName": "card", "ModelCardVersion": 1}),
        ("list_model_cards", {}),
        ("list_model_card_versions", {"ModelCardName": "card", "SortBy": "Version", "SortOrder": "Ascending"}),
        ("delete_model_card", {"ModelCardName": "card"}),
        ("describe_model_card", {"ModelCardName": "card"}),
    ],
    ("cloudwatch", "alarms"): [
        ("put_metric_alarm", ALARM),
        ("put_metric_alarm", {**ALARM, "AlarmName": "latency", "Threshold": 9.0}),
        ("set_alarm_state", {"AlarmName": "latency", "StateValue": "OK", "StateReason": "tried"}),
        ("set_alarm_state", {"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "tried"}),
        ("describe_alarms", {}),
        ("describe_alarms", {"AlarmNames": ["latency", "absent"]}),
        ("describe_alarms", {"AlarmNamePrefix": "err"}),
        ("describe_alarms", {"StateValue": "ALARM"}),
        ("delete_alarms", {"AlarmNames": ["errors", "latency"]}),
        ("describe_alarms", {}),
    ],
    ("application-autoscaling", "a target and its policy"): [
        ("register_scalable_target", {**TARGET, "MinCapacity": 1, "MaxCapacity": 4}),
        ("register_scalable_target", {**TARGET, "MaxCapacity": 2}),
        ("put_scaling_policy", POLICY),
        ("describe_scaling_policies", {"ServiceNamespace": "sagemaker"}),
        ("describe_scalable_targets", {"ServiceNamespace": "sagemaker", "ResourceIds": ["endpoint/e/variant/v"]}),
        ("describe_scalable_targets", {"ServiceNamespace": "ecs"}),
        ("delete_scaling_policy", {**TARGET, "PolicyName": "cpu"}),
        ("deregister_scalable_target", TARGET),
    ],
}


@pytest.mark.parametrize(("service", "subject"), CONVERSATIONS, ids=lambda part: part)
def test_both_answer_the_same(
    service: str, subject: str, session: boto3.Session, moto: boto3.Session, plain: Plain
) -> None:
    conversation = CONVERSATIONS[service, subject]
    ours, theirs = talk(session.client(service), conversation), talk(moto.client(service), conversation)
    for (operation, _), mine, other in zip(conversation, ours, theirs, strict=True):
        assert plain(mine, IGNORED) == plain(other, IGNORED), operation


def talk(client: Any, conversation: list[Call]) -> list[Any]:
    """Each call's answer, or its error's code."""
    answers: list[Any] = []
    for operation, parameters in conversation:
        try:
            answers.append(getattr(client, operation)(**parameters))
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
    return answers
