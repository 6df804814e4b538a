"""The templates are valid, and what they name is what settings.toml and the compiled definition name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from itertools import combinations
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import lint_file
from moto import mock_aws
from pydantic import TypeAdapter

from pipeline.definition.settings import load_settings

INFRA = Path(__file__).parents[2] / "infra"
TEMPLATES = sorted(path.stem for path in INFRA.glob("*.yml") if "buildspec" not in path.stem)
ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd"
CONNECTION = f"arn:aws:codeconnections:us-east-1:{ACCOUNT}:connection/1234abcd"
REPOSITORY = "https://github.com/example/memotion-pipeline"


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_finds_nothing(name: str) -> None:
    assert [str(match) for match in lint_file(INFRA / f"{name}.yml")] == []


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("storage", {}),
        ("execution-role", {"KeyArn": KEY, "InNetwork": "yes"}),
        ("people", {"KeyArn": KEY}),
        ("ci", {"Repository": REPOSITORY, "ConnectionArn": CONNECTION, "KeyArn": KEY}),
        ("notices", {"Email": "someone@example.com", "KeyArn": KEY}),
    ],
)
@pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")
def test_another_cloudformation_creates_the_stack(
    name: str, parameters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("cloudformation", region_name="us-east-1")
        client.create_stack(
            StackName=name,
            TemplateBody=(INFRA / f"{name}.yml").read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        (created,) = client.describe_stacks(StackName=name)["Stacks"]
    assert created["StackStatus"] == "CREATE_COMPLETE"


def test_a_project_by_another_name_stays_one_that_iam_can_match(stack: Callable[..., Any]) -> None:
    """SageMaker writes names in ARNs in lower case, and IAM compares ARNs by case."""
    for name in TEMPLATES:
        if "Project" in (parameters := stack(name).template["Parameters"]):
            pattern = parameters["Project"]["AllowedPattern"]
            assert re.match(pattern, "memes-2"), name
            assert not re.match(pattern, "Memes"), name


def test_storage_has_the_names_that_settings_give(stack: Callable[..., Any]) -> None:
    settings = load_settings(account=ACCOUNT)
    storage = stack("storage")
    (bucket,) = storage.of_type("AWS::S3::Bucket")
    (group,) = storage.of_type("AWS::SageMaker::ModelPackageGroup")
    role, _ = stack("execution-role").of_type("AWS::IAM::Role")
    assert bucket["BucketName"] == settings.bucket
    assert group["ModelPackageGroupName"] == settings.model_package_group
    assert settings.role_arn == f"arn:aws:iam::{ACCOUNT}:role/{role['RoleName']}"


@pytest.mark.parametrize("name", ["ci", "deployment"])
def test_a_build_sees_the_settings_of_its_account_and_project(
    name: str, stack: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {"Subnets": "subnet-1,subnet-2", "SecurityGroups": "sg-1"}
    (project,) = stack(name, Repository=REPOSITORY, KeyArn=KEY, **network).of_type("AWS::CodeBuild::Project")
    for variable in project["Environment"]["EnvironmentVariables"]:
        monkeypatch.setenv(variable["Name"], variable["Value"])
    seen = load_settings()
    assert seen == load_settings(
        account=ACCOUNT, kms_key_arn=KEY, subnets=("subnet-1", "subnet-2"), security_groups=("sg-1",)
    )


@pytest.mark.parametrize("name", ["ci", "deployment"])
def test_a_build_project_is_made_after_every_policy_of_its_role(name: str, stack: Callable[..., Any]) -> None:
    """CreateProject tries the connection out with the role as it is by then, and fails where that is refused."""
    resources = stack(name, Repository=REPOSITORY, ConnectionArn=CONNECTION, KeyArn=KEY).resources
    policies = {
        logical
        for logical, each in resources.items()
        if each["Type"] == "AWS::IAM::Policy" and each["Properties"]["Roles"] == [f"memotion-{name[:6]}"]
    }
    assert policies
    (project,) = (each for each in resources.values() if each["Type"] == "AWS::CodeBuild::Project")
    assert policies <= set(project["DependsOn"])


def test_the_bucket_is_private_versioned_and_encrypted(stack: Callable[..., Any]) -> None:
    for parameters, algorithm in (({}, "AES256"), ({"CustomerKey": "yes"}, "aws:kms")):
        (bucket,) = stack("storage", **parameters).of_type("AWS::S3::Bucket")
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm
        assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
        assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )


def test_the_bucket_outlives_the_stack_and_refuses_plain_http(stack: Callable[..., Any]) -> None:
    resources = stack("storage", CustomerKey="yes").resources
    retained = ("Bucket", "BucketPolicy", "PackageGroup", "Key")
    assert {resources[name]["DeletionPolicy"] for name in retained} == {"RetainExceptOnCreate"}
    (statement,) = resources["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_object_expires_before_the_cache_does(stack: Callable[..., Any]) -> None:
    cache = TypeAdapter(timedelta).validate_python(load_settings().cache_expire_after)
    for shortest in ("0", "61"):
        (bucket,) = stack("storage", ExecutionDays=shortest).of_type("AWS::S3::Bucket")
        for rule in bucket["LifecycleConfiguration"]["Rules"]:
            days = [rule.get("ExpirationInDays"), rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays")]
            assert all(int(each) > cache.days for each in days if each is not None), rule["Id"]


def test_executions_are_kept_unless_more_days_than_the_cache_lives_are_given(stack: Callable[..., Any]) -> None:
    pattern = stack("storage").template["Parameters"]["ExecutionDays"]["AllowedPattern"]
    allowed = [days for days in range(5000) if re.match(pattern, str(days))]
    assert allowed == [0, *range(61, 5000)]
    (bucket,) = stack("storage").of_type("AWS::S3::Bucket")
    expiring = [rule.get("Prefix") for rule in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule]
    assert expiring == ["capture/"], "code, data, and models that may serve stay"


def test_the_budget_and_every_notice_reach_the_topic(stack: Callable[..., Any]) -> None:
    notices = stack("notices", Email="someone@example.com")
    (budget,) = notices.of_type("AWS::Budgets::Budget")
    (subscription,) = notices.of_type("AWS::SNS::Subscription")
    topics = [
        subscriber["Address"] for each in budget["NotificationsWithSubscribers"] for subscriber in each["Subscribers"]
    ]
    assert [*topics, subscription["TopicArn"]] == ["Topic"] * 3
    assert {target["Arn"] for rule in notices.of_type("AWS::Events::Rule") for target in rule["Targets"]} == {"Topic"}


def test_a_network_is_private_but_for_one_way_out_that_can_be_left_away(stack: Callable[..., Any]) -> None:
    with_way, without = stack("network"), stack("network", WayOut="no")
    assert len(with_way.of_type("AWS::EC2::NatGateway")) == 1
    assert not any(without.of_type(f"AWS::EC2::{kind}") for kind in ("NatGateway", "InternetGateway", "EIP", "Route"))
    subnets = [ip_network(subnet["CidrBlock"]) for subnet in with_way.of_type("AWS::EC2::Subnet")]
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
    (endpoint,) = without.of_type("AWS::EC2::VPCEndpoint")
    assert endpoint["VpcEndpointType"] == "Gateway"
