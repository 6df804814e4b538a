"""The page over another implementation of SageMaker's API, as over an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from pipeline.account.session import Connection
from tests.studio.conftest import ROLE, Visitor, served

BUCKET = "memotion-123456789012"
LABELS = (
    "image_name,text_corrected,humour,sarcasm,offensive,motivational,overall_sentiment\n"
    "a.jpg,hello,funny,general,slight,motivational,neutral\n"
)
DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "ImageEpochs", "Type": "Integer", "DefaultValue": 30},
        {"Name": "InputDataUri", "Type": "String", "DefaultValue": f"s3://{BUCKET}/data/default"},
    ],
    "Steps": [{"Name": "Nothing", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}],
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    """An account with a pipeline, data, and a version that waits."""
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()  # it keeps its state otherwise
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("MEMOTION_ACCOUNT", "123456789012")
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    s3, sagemaker = session.client("s3", config=Config()), session.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="data/default/labels.csv", Body=LABELS.encode())
    sagemaker.create_pipeline(
        PipelineName="memotion", PipelineDefinition=json.dumps(DEFINITION), RoleArn=ROLE, ClientRequestToken="t" * 32
    )
    sagemaker.create_model_package_group(ModelPackageGroupName="memotion")
    sagemaker.create_model_package(
        ModelPackageGroupName="memotion",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"ContainerHostname": "blazingtext", "Image": "i", "ModelDataUrl": f"s3://{BUCKET}/m"}],
            "SupportedContentTypes": ["a"],
            "SupportedResponseMIMETypes": ["b"],
        },
    )
    yield session
    server.stop()


@pytest.fixture
def visitor(account: boto3.Session) -> Iterator[Visitor]:
    with served(Connection(account, {}, False)) as visitor:
        yield visitor


def test_the_form_starts_an_execution_that_the_list_shows(visitor: Visitor, account: boto3.Session) -> None:
    form = visitor.get("/executions/start").page
    assert "Passes of the image training over its data" in form.text

    wrong = visitor.post("/executions/start", {"p:ImageEpochs": "many"})
    assert (wrong.status, "ImageEpochs is Integer: 'many' is not" in wrong.page.text) == (422, True)
    started = visitor.post("/executions/start", {"p:ImageEpochs": "7"})

    assert started.status == 303
    (summary,) = account.client("sagemaker").list_pipeline_executions(PipelineName="memotion")[
        "PipelineExecutionSummaries"
    ]
    assert started.headers["location"] == f"/executions/{summary['PipelineExecutionArn'].rpartition('/')[2]}"
    listed = visitor.get("/executions").page
    assert summary["PipelineExecutionArn"].rpartition("/")[2] in listed.text
    assert "ImageEpochs=7" in listed.text
    page = visitor.get(started.headers["location"])
    assert page.status == 200
    assert page.page.text.count("The steps cannot be read: ") == 1


def test_a_training_that_waits_for_an_instance_is_told_from_one_that_runs(account: boto3.Session) -> None:
    """moto keeps no steps: these are answered in its place."""
    job = {"TrainingJob": {"Arn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/pipelines-x-train"}}
    began = datetime.now(UTC) - timedelta(minutes=40)
    step = {"StepName": "Train", "StepStatus": "Executing", "StartTime": began, "Metadata": job}
    training = {
        "TrainingJobName": "pipelines-x-train",
        "SecondaryStatus": "Starting",
        "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
    }
    answers = {"ListPipelineExecutionSteps": {"PipelineExecutionSteps": [step]}, "DescribeTrainingJob": training}
    for operation in answers:
        account.events.register(f"before-call.sagemaker.{operation}", answering(answers))
    with served(Connection(account, {}, False)) as visitor:
        page = visitor.get(visitor.post("/executions/start", {"p:ImageEpochs": "7"}).headers["location"]).page
        assert "waits for ml.g5.xlarge (Starting) for 40 min: `python pipeline.py doctor` shows" in page.text
        training["SecondaryStatus"] = "Training"
        assert "waits for" not in visitor.get("/executions/" + page_of(account)).page.text


def answering(answers: dict[str, Any]) -> Any:
    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        parsed = {**deepcopy(answers[model.name]), "ResponseMetadata": {"HTTPStatusCode": 200}}
        return SimpleNamespace(status_code=200), parsed

    return answer


def page_of(account: boto3.Session) -> str:
    listed = account.client("sagemaker").list_pipeline_executions(PipelineName="memotion")
    return str(listed["PipelineExecutionSummaries"][0]["PipelineExecutionArn"].rpartition("/")[2])


def test_a_version_is_rejected_through_the_page(visitor: Visitor, account: boto3.Session) -> None:
    assert "version 1" in visitor.get("/registry").page.text
    assert visitor.get("/registry/1").status == 200

    assert visitor.post("/registry/1/reject", {"comment": "a guess"}).status == 303

    sagemaker = account.client("sagemaker")
    (summary,) = sagemaker.list_model_packages(ModelPackageGroupName="memotion")["ModelPackageSummaryList"]
    package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
    assert package["ModelApprovalStatus"] == "Rejected"
    assert package["ApprovalDescription"].startswith("a guess (rejected by ")
    assert "a guess (rejected by " in visitor.get("/registry/1").page.text


def test_the_endpoints_are_shown(visitor: Visitor, account: boto3.Session) -> None:
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="memotion-staging", EndpointConfigName="c")

    page = visitor.get("/endpoints").page

    assert "Staging" in page.text
    assert "InService" in page.text
    assert "Deploying an approved version creates it" in page.text
