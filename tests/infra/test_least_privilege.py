"""No policy gives more than is asked for; what an action can be limited to is as the service authorization
reference has it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.infra.authorization import kinds_of_resource

Statement = dict[str, Any]
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
GIVEN = {
    "storage": {"CustomerKey": "yes"},
    "execution-role": {"KeyArn": KEY, "InNetwork": "yes"},
    "people": {"KeyArn": KEY},
    "ci": {"Repository": "https://example.com/r", "ConnectionArn": "arn:aws:codeconnections:x:1:c", "KeyArn": KEY},
    "deployment": {
        "Repository": "https://example.com/r",
        "ConnectionArn": "arn:aws:codeconnections:x:1:c",
        "KeyArn": KEY,
    },
    "notices": {"KeyArn": KEY},
}
# What the service names itself, or all of an account's projects share.
SHARED = (
    "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/*",
    "arn:aws:iam::123456789012:user/${aws:username}",
    "arn:aws:ec2:us-east-1:123456789012:",
    "arn:aws:ecr:us-east-1:*:repository/blazingtext",
    "arn:aws:ecr:us-east-1:*:repository/image-classification",
    "arn:aws:ecr:us-east-1:*:repository/sagemaker-scikit-learn",
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/",
    "arn:aws:sagemaker:us-east-1:123456789012:model/pipelines-*",
    "arn:aws:sagemaker:us-east-1:123456789012:processing-job/pipelines-*",
    "arn:aws:sagemaker:us-east-1:123456789012:training-job/pipelines-*",
    "arn:aws:sagemaker:us-east-1:123456789012:transform-job/pipelines-*",
)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.fixture(scope="module")
def granted(stack: Callable[..., Any]) -> list[tuple[str, Statement]]:
    """(stack, statement) for all that is allowed to a role or to people, not to a resource's callers."""
    return [
        (name, statement)
        for name, parameters in GIVEN.items()
        for statement in stack(name, **parameters).statements()
        if statement["Effect"] == "Allow" and "Principal" not in statement
    ]


def test_no_action_is_a_pattern_and_every_action_exists(granted: list[tuple[str, Statement]]) -> None:
    for name, statement in granted:
        for action in listed(statement["Action"]):
            assert "*" not in action, (name, action)
            kinds_of_resource(action)


def test_only_what_nothing_else_limits_is_allowed_on_all(granted: list[tuple[str, Statement]]) -> None:
    for name, statement in granted:
        if "*" in listed(statement["Resource"]) and "Condition" not in statement:
            limited = [action for action in listed(statement["Action"]) if kinds_of_resource(action)]
            assert not limited, (name, limited)


def test_every_resource_is_the_projects(granted: list[tuple[str, Statement]]) -> None:
    for name, statement in granted:
        for resource in listed(statement["Resource"]):
            own = "memotion" in resource or resource.partition(".")[0] in ("Log", "Deploy", "Deployments")
            is_parameter = resource in (KEY, *GIVEN[name].values())
            assert own or is_parameter or resource == "*" or resource.startswith(SHARED), (name, resource)


def test_the_execution_role_is_handed_to_sagemaker_and_no_other_role_to_anything(
    granted: list[tuple[str, Statement]],
) -> None:
    passing = [statement for _, statement in granted if "iam:PassRole" in listed(statement["Action"])]
    assert passing
    for statement in passing:
        assert listed(statement["Action"]) == ["iam:PassRole"]
        role = "arn:aws:iam::123456789012:role/memotion"
        assert {*listed(statement["Resource"])} <= {f"{role}-execution", f"{role}-pipeline"}
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_grants_of_the_key_are_for_services_alone(granted: list[tuple[str, Statement]]) -> None:
    granting = [statement for _, statement in granted if "kms:CreateGrant" in listed(statement["Action"])]
    assert len(granting) == 3
    for statement in granting:
        assert listed(statement["Action"]) == ["kms:CreateGrant"]
        assert statement["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_each_role_is_assumed_by_one_service(stack: Callable[..., Any]) -> None:
    assumed = {role["RoleName"]: list(principals(role)) for role in roles(stack)}
    assert assumed == {
        "memotion-execution": ["sagemaker.amazonaws.com"],
        "memotion-pipeline": ["sagemaker.amazonaws.com"],
        "memotion-ci": ["codebuild.amazonaws.com"],
        "memotion-deploy": ["codebuild.amazonaws.com"],
        "memotion-approval": ["events.amazonaws.com"],
        "memotion-deployments": ["states.amazonaws.com"],
    }


def roles(stack: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    for name, parameters in GIVEN.items():
        yield from stack(name, **parameters).of_type("AWS::IAM::Role")


def principals(role: dict[str, Any]) -> Iterator[str]:
    for statement in role["AssumeRolePolicyDocument"]["Statement"]:
        yield from listed(statement["Principal"]["Service"])


def test_no_policy_is_longer_than_iam_takes(stack: Callable[..., Any]) -> None:
    """6,144 characters for a managed policy, 10,240 for all of a role's own together, white space not counted."""
    for name, parameters in GIVEN.items():
        full = stack(name, **parameters, Project="a-project-with-a-name-as-long-as")
        for policy in full.of_type("AWS::IAM::ManagedPolicy"):
            assert length(policy["PolicyDocument"]) <= 6144, policy["ManagedPolicyName"]
        assert sum(length(policy["PolicyDocument"]) for policy in full.of_type("AWS::IAM::Policy")) <= 10240, name


def length(document: dict[str, Any]) -> int:
    return len(re.sub(r"\s", "", json.dumps(document)))
