"""The verbs of a build, in the environment that CodeBuild gives it, against another implementation of AWS's API."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse
from moto.server import ThreadedMotoServer

from memotion.ensemble import Combiner
from memotion.heads import load_heads
from memotion.text import CLEANER_VERSION
from tests.infra.codebuild import COMMIT, ROOT, commands, environment
from tests.infra.template import ACCOUNT, REGION

BUCKET = f"memotion-{ACCOUNT}"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
NETWORK = {"Subnets": "subnet-1,subnet-2", "SecurityGroups": "sg-1"}
LABELS = (
    "image_name,text_corrected,humour,sarcasm,offensive,motivational,overall_sentiment\n"
    "a.jpg,hello,funny,general,slight,motivational,neutral\n"
)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    """An account with a bucket of labelled memes; what a program needs in its environment to reach it."""
    monkeypatch.setattr(SageMakerRuntimeResponse, "invoke_endpoint", invoke)  # moto's own answers no probabilities
    monkeypatch.setattr(SageMakerRuntimeResponse, "use_raw_body", True)  # and takes no picture
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()  # it keeps its state otherwise
    reaching = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in reaching.items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="data/default/labels.csv", Body=LABELS.encode())
    yield reaching
    server.stop()


def invoke(response: SageMakerRuntimeResponse) -> tuple[int, dict[str, str], str]:
    """As the containers answer: the picture's probabilities bare, the caption's by label."""
    count = load_heads().num_classes
    if response.headers["X-Amzn-SageMaker-Target-Container-Hostname"] == "image-classification":
        answer: object = [0.5] * count
    else:
        answer = [{"label": [f"__label__{number}" for number in range(count)], "prob": [1 / count] * count}]
    return 200, {"Content-Type": "application/json"}, json.dumps(answer)


def run(lines: list[str], build: Mapping[str, str], python: str = sys.executable) -> str:
    """Return what the commands of a buildspec wrote, one after the other in one shell, after all ended well."""
    typed = "set -e\n" + "\n".join(lines).replace(".venv/bin/python", python)
    done = subprocess.run(["bash", "-c", typed], cwd=ROOT, env=build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the packages of this environment, but without what was installed from the checkout itself."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    (Path(site) / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return str(folder / "bin" / "python")


def sagemaker() -> Any:
    return boto3.client("sagemaker", region_name=REGION)


@pytest.mark.parametrize("given", [{}, {"KeyArn": KEY, **NETWORK}], ids=["plain", "key and network"])
def test_ci_creates_the_pipeline_and_starts_it(aws: Mapping[str, str], given: dict[str, str]) -> None:
    build = {**environment("ci", **given), **aws}
    run(commands("buildspec.yml", "build"), build)
    pipeline = sagemaker().describe_pipeline(PipelineName="memotion")
    assert pipeline["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/memotion-execution"
    assert (KEY in pipeline["PipelineDefinition"]) == bool(given)
    assert ("subnet-2" in pipeline["PipelineDefinition"]) == bool(given)
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker().list_tags(ResourceArn=pipeline["PipelineArn"])["Tags"]}
    assert tags["commit"] == COMMIT
    (execution,) = sagemaker().list_pipeline_executions(PipelineName="memotion")["PipelineExecutionSummaries"]
    assert execution["PipelineExecutionStatus"] in ("Executing", "Succeeded")  # moto runs nothing


def test_an_approved_version_is_put_into_production(
    aws: Mapping[str, str], bare_python: str, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(
        lambda: (ROOT / "release.json").unlink(missing_ok=True)
    )  # what the build keeps beside the code
    register_approved()
    build = {**environment("deployment"), **aws, "MODEL_PACKAGE_VERSION": "1"}
    lines = commands("infra/buildspec-deploy.yml", "build")
    run(lines, build, bare_python)
    assert sagemaker().describe_endpoint(EndpointName="memotion")["EndpointConfigName"] == "memotion-v1"
    assert "serves version 1 of memotion already" in run(lines, build, bare_python)


def register_approved() -> None:
    """As RegisterEnsemble does, and a person after it."""
    heads = {name: tuple(classes) for name, classes in load_heads().heads.items()}
    combiner = Combiner(method="average", heads=heads, image_size=224, cleaner_version=CLEANER_VERSION)
    key = "executions/abc/EvaluateEnsemble/ensemble.json"
    boto3.client("s3", region_name=REGION).put_object(Bucket=BUCKET, Key=key, Body=combiner.to_json().encode())
    containers = [
        {
            "ContainerHostname": name,
            "Image": f"811284229777.dkr.ecr.{REGION}.amazonaws.com/{name}:1",
            "ModelDataUrl": f"s3://{BUCKET}/executions/abc/{name}/model.tar.gz",
            "Environment": {"MEMOTION_ENSEMBLE_URI": f"s3://{BUCKET}/{key}"},
        }
        for name in ("image-classification", "blazingtext")
    ]
    sagemaker().create_model_package_group(ModelPackageGroupName="memotion")
    made = sagemaker().create_model_package(
        ModelPackageGroupName="memotion",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": containers,
            "SupportedContentTypes": ["application/x-image", "application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )
    sagemaker().update_model_package(ModelPackageArn=made["ModelPackageArn"], ModelApprovalStatus="Approved")
