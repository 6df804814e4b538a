"""The execution role may do what the compiled definition asks of it, on what the definition names, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ACCOUNT = "123456789012"
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
# What the service calls for a step of each type, and what it names the thing: jobs and models after the execution.
CALLS = {
    "Processing": (("Create", "Describe", "Stop"), "ProcessingJob", "processing-job/pipelines-p4jn9xou8a8s-{step}-x1"),
    "Training": (("Create", "Describe", "Stop"), "TrainingJob", "training-job/pipelines-p4jn9xou8a8s-{step}-x1"),
    "Transform": (("Create", "Describe", "Stop"), "TransformJob", "transform-job/pipelines-p4jn9xou8a8s-{step}-x1"),
    "Model": (("Create", "Describe"), "Model", "model/pipelines-p4jn9xou8a8s-{step}-x1"),
    "RegisterModel": (("Create", "Describe"), "ModelPackage", "model-package/memotion/7"),
    "EndpointConfig": (("Create", "Describe"), "EndpointConfig", "endpoint-config/memotion-staging-p4jn9xou8a8s"),
    "Endpoint": (("Create", "Update", "Describe"), "Endpoint", "endpoint/memotion-staging"),
}
RESOURCELESS = {"Condition", "Fail"}
WRITTEN = {"ProcessingOutputConfig", "OutputDataConfig", "TransformOutput", "CheckpointConfig"}
Step = dict[str, Any]


def test_every_step_may_be_started_watched_tagged_and_stopped(
    steps: dict[str, Step], stack: Callable[..., Any]
) -> None:
    role = stack("execution-role")
    for step in steps.values():
        if step["Type"] in RESOURCELESS:
            continue
        verbs, noun, name = CALLS[step["Type"]]
        resource = f"{SAGEMAKER}:{name.format(step=step['Name'].lower())}"
        for verb in verbs:
            assert role.allows(f"sagemaker:{verb}{noun}", resource), (step["Name"], verb)
        assert role.allows("sagemaker:AddTags", resource) or "Tags" not in step["Arguments"], step["Name"]


def test_every_image_may_be_pulled(steps: dict[str, Step], stack: Callable[..., Any]) -> None:
    role = stack("execution-role")
    images = {text for step in steps.values() for text in texts(step["Arguments"]) if ".dkr.ecr." in text}
    assert images
    for image in images:
        ((account, region, repository),) = re.findall(r"^(\d+)\.dkr\.ecr\.([^.]+)\.amazonaws\.com/([^:]+):", image)
        assert role.allows("ecr:BatchGetImage", f"arn:aws:ecr:{region}:{account}:repository/{repository}")


def test_every_object_that_a_step_names_may_be_read_or_written(
    steps: dict[str, Step], stack: Callable[..., Any]
) -> None:
    role = stack("execution-role")
    for step in steps.values():
        for member, arguments in step["Arguments"].items():
            action = "s3:PutObject" if member in WRITTEN else "s3:GetObject"
            for uri in uris(arguments):
                resource = f"arn:aws:s3:::{uri.removeprefix('s3://')}/object"
                assert role.allows(action, resource), (step["Name"], member, uri)


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(child)


def uris(node: Any) -> Iterator[str]:
    """The S3 URIs that are written down, joined; what stands for a parameter or an execution is one more folder."""
    if isinstance(node, dict) and "Std:Join" in node:
        joined = node["Std:Join"]
        parts = [part if isinstance(part, str) else "x" for part in joined["Values"]]
        node = joined["On"].join(parts)
    if isinstance(node, str) and node.startswith("s3://"):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from uris(child)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", f"arn:aws:s3:::memotion-{ACCOUNT}/code/PrepareData/x"),
        ("s3:PutObject", f"arn:aws:s3:::memotion-{ACCOUNT}/data/x"),
        ("s3:GetObject", "arn:aws:s3:::another-bucket/data/x"),
        ("s3:DeleteObject", f"arn:aws:s3:::memotion-{ACCOUNT}/executions/x"),
        ("sagemaker:UpdateEndpoint", f"{SAGEMAKER}:endpoint/memotion"),
        ("sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/memotion/7"),
        ("sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package/another/1"),
        ("sagemaker:DeleteModel", f"{SAGEMAKER}:model/pipelines-x"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/memotion-deploy"),
    ],
)
def test_it_may_not_touch_code_data_production_or_a_decision(
    action: str, resource: str, stack: Callable[..., Any]
) -> None:
    assert not stack("execution-role").allows(action, resource)


def test_network_and_key_are_in_its_policies_only_where_there_are_such(stack: Callable[..., Any]) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd"
    interface = f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/eni-1"
    plain, full = stack("execution-role"), stack("execution-role", KeyArn=key, InNetwork="yes")
    for action, resource in (("kms:GenerateDataKey", key), ("ec2:CreateNetworkInterface", interface)):
        assert not plain.allows(action, resource)
        assert full.allows(action, resource)


def test_neither_role_decides_on_a_version(stack: Callable[..., Any]) -> None:
    """Denied, so that no policy that is attached later allows it."""
    (policy,) = [
        each for each in stack("execution-role").of_type("AWS::IAM::Policy") if each["PolicyName"] == "no-decision"
    ]
    assert policy["Roles"] == ["memotion-execution", "memotion-pipeline"]
    denied = {each["Action"]: each.get("Condition") for each in policy["PolicyDocument"]["Statement"]}
    assert denied == {
        "sagemaker:UpdateModelPackage": None,
        "sagemaker:CreateModelPackage": {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}},
    }
    assert {each["Effect"] for each in policy["PolicyDocument"]["Statement"]} == {"Deny"}


@pytest.mark.parametrize(
    ("given", "roles"), [("yes", ["memotion-pipeline", "memotion-execution"]), ("no", ["memotion-pipeline"])]
)
def test_jobs_start_no_steps_where_the_pipeline_has_a_role_of_its_own(
    stack: Callable[..., Any], given: str, roles: list[str]
) -> None:
    policies = stack("execution-role", JobsStartSteps=given).of_type("AWS::IAM::Policy")
    (steps,) = [each for each in policies if each["PolicyName"] == "steps"]
    assert steps["Roles"] == roles


def test_an_owner_deletes_only_models_with_the_projects_tag(stack: Callable[..., Any]) -> None:
    statements = [each for each in stack("people").statements() if "sagemaker:DeleteModel" in str(each.get("Action"))]
    shared = [each for each in statements if "model/pipelines-" in str(each["Resource"])]
    assert shared
    for statement in shared:
        assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/project": "memotion"}}


def test_an_approval_is_handed_on_for_this_account_alone(stack: Callable[..., Any]) -> None:
    roles = stack("deployment", Repository="https://example.org/r").of_type("AWS::IAM::Role")
    (approval,) = [each for each in roles if each["RoleName"] == "memotion-approval"]
    (statement,) = approval["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
