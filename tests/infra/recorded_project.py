"""A project's life on one machine, from the first upsert to the end of everything, with each call written down."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

import localcloud
from cli.main import main
from pipeline import s3_objects
from pipeline.account import doctor
from pipeline.account.probe import probe
from pipeline.account.session import local_home
from pipeline.definition.settings import PLACEHOLDER_ACCOUNT, Settings, load_settings
from pipeline.executions.starting import instance_choice
from tests.infra.authorization import ACCOUNT, REGION, Asked, permissions_of

TINY = ["-p", "ImageEpochs=1", "-p", "MinLiftOverChance=-1"]
# Only where this machine answers: in AWS the storage stack makes the bucket.
NOT_IN_AWS = {("s3", "CreateBucket")}
LOCKS = Path(__file__).parents[2] / "requirements"
LEAN = """
import json, sys
refused = set(json.loads(sys.argv[1]))
class Refusal:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"{name} is not among the control plane's packages")
sys.meta_path.insert(0, Refusal())
from cli.main import main
sys.exit(main(sys.argv[2:]))
"""


@dataclass
class Recorder:
    """What was asked of IAM, by who typed the verb."""

    actor: str = "nobody"
    seen: dict[str, set[Asked]] = field(default_factory=lambda: defaultdict(set))

    def __call__(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        if (service, model.name) not in NOT_IN_AWS:
            request = own_account({key: value for key, value in params.items() if key != "Body"})
            self.seen[self.actor].update(permissions_of(service, model.name, request))

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

    lean: subprocess.CompletedProcess[str]

    def __init__(self, folder: Path, recorder: Recorder, unrecorded: boto3.Session) -> None:
        self.memes = folder / "memes"
        self.recorder = recorder
        self.unrecorded = unrecorded
        self.verbs: set[str] = set()

    def typed(self, actor: str, *words: str, code: int = 0) -> None:
        self.recorder.actor = actor
        self.verbs.add(words[0])
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
        """Three versions, the third deployment of which deletes the first one's config and model; and one rejected."""
        for _ in range(3):
            self.register_again()
        self.fail_at_first()
        self.typed("approver", "reject", "4", "--comment", "the same as three")
        for version in ("1", "2", "3"):
            self.typed("approver", "approve", version, "--comment", "good enough")
            self.typed("deployment", "deploy", version)
        self.typed("deployment", "deploy", "3")
        self.ask()
        self.typed("approver", "rollback", "--comment", "three was no better")
        self.lean = deploy_without(outside_of("control"), "1")

    def fail_at_first(self) -> None:
        """The first deployment of all does not come up: the endpoint is deleted again."""
        self.register_again(is_broken=True)
        self.typed("approver", "approve", "5")
        self.typed("deployment", "deploy", "5", code=1)

    def register_again(self, *, is_broken: bool = False) -> None:
        """Another package of the same models, as a second execution would make it; a broken one has no text model."""
        sagemaker = self.unrecorded.client("sagemaker")
        (first, *_) = sagemaker.list_model_packages(ModelPackageGroupName="memotion")["ModelPackageSummaryList"]
        package = sagemaker.describe_model_package(ModelPackageName=first["ModelPackageArn"])
        copied = (
            "ModelPackageGroupName",
            "InferenceSpecification",
            "CustomerMetadataProperties",
            "ModelApprovalStatus",
        )
        if is_broken:
            text = package["InferenceSpecification"]["Containers"][1]
            text["ModelDataUrl"] = text["Environment"]["MEMOTION_ENSEMBLE_URI"]
        sagemaker.create_model_package(**{name: package[name] for name in copied})

    def ask(self) -> None:
        picture = str(next((self.memes / "images").iterdir()))
        self.typed("client", "predict", picture, "--text", "one does not simply")
        self.typed("client", "predict", picture, "--capture", "1")
        self.typed("reader", "monitor")

    def change(self, patch: pytest.MonkeyPatch) -> None:
        """A changed definition, started by CI; stopped, gone on with, and one step of it alone."""
        self.look_at_the_account(load_settings())
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
        settings = load_settings()
        self.unrecorded.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/{settings.endpoint_name}/variant/AllTraffic",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=2,
        )
        self.typed("owner", "destroy", "--yes", "--all")
        self.empty_a_versioned_bucket(settings.bucket)

    def look_at_the_account(self, settings: Settings) -> None:
        """What `doctor` does in AWS; with --local it looks at the machine."""
        self.recorder.actor = "operator"
        self.verbs.add("doctor")
        session = localcloud.session(local_home())
        list(doctor.account(session, settings))
        probe(session, settings)
        self.recorder.actor = "owner"  # who asks for quotas looks at them
        instance_choice.choose(session, settings)

    def empty_a_versioned_bucket(self, name: str) -> None:
        """As infra/ makes it in AWS; the local one keeps no versions."""
        with mock_aws():
            session = boto3.Session("testing", "testing", region_name=REGION)
            s3 = session.client("s3")
            s3.create_bucket(Bucket=name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            s3.put_object(Bucket=name, Key="code/x", Body=b"")
            s3_objects.empty(self.recorder.listen(session), name)


def outside_of(group: str) -> list[str]:
    """The importable modules that neither a package of the lock of this group brings nor localcloud, which answers."""
    brought = {line.partition("==")[0] for line in (LOCKS / f"{group}.txt").read_text().split()}
    own = tomllib.loads((LOCKS.parent / "localcloud" / "pyproject.toml").read_text())["project"]["dependencies"]
    brought |= {canonical(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in own}
    distributions = packages_distributions().items()
    return sorted(module for module, packages in distributions if not {canonical(each) for each in packages} & brought)


def canonical(package: str) -> str:
    """A package's name as an index spells it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def deploy_without(modules: list[str], version: str) -> subprocess.CompletedProcess[str]:
    """`deploy` in a process of its own that cannot import these modules."""
    command = [sys.executable, "-c", LEAN, json.dumps(modules), "deploy", version, "--local"]
    return subprocess.run(command, cwd=LOCKS.parent, capture_output=True, text=True)
