"""Whoever may type a verb may make every call that the verb makes, and hardly anything besides.

The verbs are typed on the local cloud, from the first upsert to the end of everything, and what they ask of it is
recorded where botocore takes a caller's parameters. A policy has to allow each of those calls, and every action in it
has to be one of theirs or stand in a list here that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import localcloud
from cli.app import app
from tests.infra.authorization import ACCOUNT, REGION, Asked
from tests.infra.recorded_project import Life, Recorder

REPOSITORY = "https://example.com/r"
# They make no call, work on this machine alone, or are pages over what the other verbs call.
ELSEWHERE = {"definition", "validate", "serve", "prune", "studio", "demo"}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("recorded")
    recorder = Recorder()
    local = localcloud.session
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMOTION_HOME", str(folder / "home"))
        patch.setattr(localcloud, "session", lambda home: recorder.listen(local(home)))
        life = Life(folder, recorder, local(folder / "home"))
        life.begin()
        life.release()
        life.change(patch)
        life.end()
    return life


@pytest.fixture(scope="module")
def recorded(life: Life) -> dict[str, set[Asked]]:
    return life.recorder.seen


def test_every_verb_that_calls_aws_was_typed(life: Life) -> None:
    verbs = {command.name for command in app.registered_commands}
    assert verbs - life.verbs - ELSEWHERE == set()


def test_a_deployment_needs_the_control_planes_packages_alone(life: Life) -> None:
    assert life.lean.returncode == 0, life.lean.stderr
    assert "memotion: memotion-v1" in life.lean.stdout


@dataclass(frozen=True)
class Part:
    """What somebody plays: the policies that they have, and who typed what they may type, too."""

    template: str
    policies: tuple[str, ...]
    types: tuple[str, ...]


PARTS = {
    "ci": Part("ci", ("upsert-and-start",), ("ci",)),
    "deployment": Part("deployment", ("deploy",), ("deployment",)),
    "client": Part("people", ("memotion-client",), ("client",)),
    "reader": Part("people", ("memotion-reader",), ("reader",)),
    "operator": Part("people", ("memotion-reader", "memotion-operator"), ("reader", "operator", "ci")),
    "approver": Part("people", ("memotion-reader", "memotion-approver"), ("reader", "approver", "deployment")),
    "owner": Part("people", ("memotion-reader", "memotion-owner"), ("reader", "owner")),
}
SPARE = {
    "logs:FilterLogEvents": "`aws logs tail` reads the deployment build's log by it",
    "s3:ListBucket": "without it S3 says that an absent object is forbidden",
    "s3:AbortMultipartUpload": "boto3 gives up the parts of an upload that broke",
    "servicequotas:ListAWSDefaultServiceQuotas": "it has what the account's own list leaves out, here nothing",
}


@pytest.mark.parametrize("name", PARTS)
def test_every_call_of_a_part_is_allowed(name: str, recorded: dict[str, set[Asked]], stack: Callable[..., Any]) -> None:
    part = PARTS[name]
    policies = stack(part.template, Repository=REPOSITORY)
    needed = sorted(set().union(*(recorded[actor] for actor in part.types)))
    assert needed
    assert [each for each in needed if not policies.allows(*each, *part.policies)] == []


@pytest.mark.parametrize("name", PARTS)
def test_no_action_is_allowed_that_nobody_of_the_part_asks_for(
    name: str, recorded: dict[str, set[Asked]], stack: Callable[..., Any]
) -> None:
    part = PARTS[name]
    readers = ("operator", "approver", "owner") if name == "reader" else ()
    asked_for = {action for actor in (*part.types, *readers) for action, _ in recorded[actor]}
    documents = stack(part.template, Repository=REPOSITORY).identity_policies(part.policies[-1])
    allowed = {action for document in documents for each in document["Statement"] for action in listed(each["Action"])}
    assert allowed - asked_for - SPARE.keys() == set()


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("name", "action", "resource"),
    [
        ("ci", "sagemaker:UpdateModelPackage", "model-package/memotion/1"),
        ("ci", "sagemaker:UpdateEndpoint", "endpoint/memotion"),
        ("ci", "sagemaker:StartPipelineExecution", "pipeline/another"),
        ("deployment", "sagemaker:UpdateModelPackage", "model-package/memotion/1"),
        ("deployment", "sagemaker:DeleteEndpoint", "endpoint/memotion-staging"),
        ("deployment", "sagemaker:DeleteModel", "model/pipelines-x"),
        ("client", "sagemaker:DescribePipelineExecution", "pipeline/memotion/execution/x"),
        ("reader", "sagemaker:StopPipelineExecution", "pipeline/memotion/execution/x"),
        ("operator", "sagemaker:UpdateModelPackage", "model-package/memotion/1"),
        ("operator", "sagemaker:DeletePipeline", "pipeline/memotion"),
        ("approver", "sagemaker:StartPipelineExecution", "pipeline/memotion"),
        ("owner", "sagemaker:UpdateModelPackage", "model-package/memotion/1"),
        ("owner", "sagemaker:DeleteEndpoint", "endpoint/another"),
    ],
)
def test_what_belongs_to_another_part_is_not_allowed(
    name: str, action: str, resource: str, stack: Callable[..., Any]
) -> None:
    part = PARTS[name]
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}"
    assert not stack(part.template, Repository=REPOSITORY).allows(action, arn, *part.policies)


def test_an_approver_may_read_the_deployment_builds_log_and_no_other(stack: Callable[..., Any]) -> None:
    people, group = stack("people"), f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codebuild/"
    for action in ("logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"):
        assert people.allows(action, f"{group}memotion-deploy:log-stream:x", "memotion-approver")
        assert not people.allows(action, f"{group}memotion-ci:log-stream:x", "memotion-approver")
