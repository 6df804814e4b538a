"""Whoever may type a verb may make every call that the verb makes, and hardly anything besides.

The verbs are typed on the local cloud, from the first upsert to the end of everything, and what they ask of it is
recorded where botocore takes a caller's parameters. A policy has to allow each of those calls, and every action in it
has to be one of theirs or stand in a list here that says why.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

import localcloud
from pipeline import doctor, objects
from pipeline.cli import main
from pipeline.settings import PLACEHOLDER_ACCOUNT, load_settings
from tests.infra.authorization import ACCOUNT, REGION, Asked, asked

TINY = ["-p", "ImageEpochs=1", "-p", "MinLiftOverChance=-1"]
# Only where this machine answers: in AWS the storage stack makes the bucket.
NOT_IN_AWS = {("s3", "CreateBucket")}
REPOSITORY = "https://example.com/r"


@dataclass
class Recorder:
    """What was asked of IAM, by who typed the verb."""

    actor: str = "nobody"
    seen: dict[str, set[Asked]] = field(default_factory=lambda: defaultdict(set))

    def __call__(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        if (service, model.name) not in NOT_IN_AWS:
            request = own_account({key: value for key, value in params.items() if key != "Body"})
            self.seen[self.actor].update(asked(service, model.name, request))

    def listen(self, session: boto3.Session) -> boto3.Session:
        session.events.register("provide-client-params", self)
        return session


def own_account(node: Any) -> Any:
    """The request as it would be made in an account of one's own."""
    if isinstance(node, str):
        return node.replace(PLACEHOLDER_ACCOUNT, ACCOUNT)
    if isinstance(node, dict):
        return {key: own_account(value) for key, value in node.items()}
    return [own_account(value) for value in node] if isinstance(node, list | tuple) else node


class Life:
    """A project's life on one machine, each verb typed by whoever would type it."""

    def __init__(self, folder: Path, recorder: Recorder, unrecorded: boto3.Session) -> None:
        self.memes = folder / "memes"
        self.recorder = recorder
        self.unrecorded = unrecorded

    def typed(self, actor: str, *words: str, code: int = 0) -> None:
        self.recorder.actor = actor
        assert main([*words, "--local"]) == code, words

    def begin(self) -> None:
        self.typed("operator", "sample-data", str(self.memes), "--rows", "60", "--seed", "0")
        self.typed("ci", "upsert")
        self.typed("operator", "start", "--data", str(self.memes), "--wait", *TINY)
        for verb in ("executions", "status", "why", "report", "packages", "endpoints"):
            self.typed("reader", verb)
        (execution,) = self.unrecorded.client("sagemaker").list_pipeline_executions(PipelineName="memotion")[
            "PipelineExecutionSummaries"
        ]
        self.typed("reader", "graph", "--execution", execution["PipelineExecutionArn"])
        for step in ("PrepareData", "TrainTextClassifier", "PredictTexts", "DeployEndpoint"):
            self.typed("reader", "logs", step)

    def release(self) -> None:
        """Three versions: the third deployment deletes the first one's config and model."""
        self.register_again()
        self.register_again()
        for version in ("1", "2", "3"):
            self.typed("approver", "approve", version, "--comment", "good enough")
            self.typed("deployment", "deploy", version)
        self.typed("deployment", "deploy", "3")
        self.ask()
        self.typed("approver", "rollback", "--comment", "three was no better")

    def register_again(self) -> None:
        """Another package of the same models, as a second execution would make it."""
        sagemaker = self.unrecorded.client("sagemaker")
        (first, *_) = sagemaker.list_model_packages(ModelPackageGroupName="memotion")["ModelPackageSummaryList"]
        package = sagemaker.describe_model_package(ModelPackageName=first["ModelPackageArn"])
        copied = (
            "ModelPackageGroupName",
            "InferenceSpecification",
            "CustomerMetadataProperties",
            "ModelApprovalStatus",
        )
        sagemaker.create_model_package(**{name: package[name] for name in copied})

    def ask(self) -> None:
        picture = str(next((self.memes / "images").iterdir()))
        self.typed("client", "predict", picture, "--text", "one does not simply")
        self.typed("client", "predict", picture)

    def change(self, patch: pytest.MonkeyPatch) -> None:
        """A changed definition, started by CI; stopped, gone on with, and one step of it alone."""
        patch.setenv("MEMOTION_PROCESSING_VOLUME_GB", "31")
        self.typed("ci", "upsert")
        self.typed("ci", "start", *TINY)
        self.typed("operator", "stop")
        self.settle()
        self.typed("operator", "upsert")
        self.typed("operator", "retry")
        self.typed("operator", "stop")
        self.settle()
        self.typed("operator", "start", "--steps", "QualityTooLow", "--wait")
        self.typed("reader", "why")
        self.typed("ci", "start", *TINY)

    def settle(self) -> None:
        sagemaker = self.unrecorded.client("sagemaker")
        until = time.monotonic() + 120
        while time.monotonic() < until:
            (newest, *_) = sagemaker.list_pipeline_executions(PipelineName="memotion")["PipelineExecutionSummaries"]
            if newest["PipelineExecutionStatus"] == "Stopped":
                return
            time.sleep(0.1)
        raise AssertionError("the execution that was stopped goes on")

    def end(self) -> None:
        self.recorder.actor = "operator"
        settings = load_settings()
        list(doctor.account(localcloud.session(), settings))
        self.unrecorded.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/{settings.endpoint_name}/variant/AllTraffic",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=2,
        )
        self.typed("owner", "destroy", "--yes", "--all")
        self.empty_a_versioned_bucket(settings.bucket)

    def empty_a_versioned_bucket(self, name: str) -> None:
        """As infra/ makes it in AWS; the local one keeps no versions."""
        with mock_aws():
            session = boto3.Session("testing", "testing", region_name=REGION)
            s3 = session.client("s3")
            s3.create_bucket(Bucket=name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            s3.put_object(Bucket=name, Key="code/x", Body=b"")
            objects.empty(self.recorder.listen(session), name)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Asked]]:
    folder = tmp_path_factory.mktemp("recorded")
    recorder = Recorder()
    local = localcloud.session
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMOTION_HOME", str(folder / "home"))
        patch.setattr(localcloud, "session", lambda home=None: recorder.listen(local(home)))
        life = Life(folder, recorder, local())
        life.begin()
        life.release()
        life.change(patch)
        life.end()
    return recorder.seen


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
    "s3:ListBucket": "without it S3 says that an absent object is forbidden",
    "s3:AbortMultipartUpload": "boto3 gives up the parts of an upload that broke",
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
        ("deployment", "sagemaker:DeleteEndpoint", "endpoint/memotion"),
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
