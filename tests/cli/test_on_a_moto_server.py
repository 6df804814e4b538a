"""The verbs against another implementation of SageMaker's API, over HTTP, as against AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from cli.main import main

BUCKET = "memotion-123456789012"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    with urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")):
        pass  # what another test left in moto, which keeps one state a process
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "MEMOTION_ACCOUNT": "123456789012",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MEMOTION_LOCAL", raising=False)
    yield
    server.stop()


@pytest.fixture
def memes(tmp_path: Path) -> Path:
    folder = tmp_path / "memes"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "a.jpg").write_bytes(b"not looked at before the job")
    row = "a.jpg,hello,funny,general,slight,motivational,neutral"
    (folder / "labels.csv").write_text(
        f"image_name,text_corrected,humour,sarcasm,offensive,motivational,overall_sentiment\n{row}\n"
    )
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(arguments)
    return code, *capsys.readouterr()


def register(sagemaker: Any, version: int) -> None:
    containers = [{"ContainerHostname": "blazingtext", "Image": "i", "ModelDataUrl": f"s3://{BUCKET}/m{version}"}]
    sagemaker.create_model_package(
        ModelPackageGroupName="memotion",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": containers,
            "SupportedContentTypes": ["a"],
            "SupportedResponseMIMETypes": ["b"],
        },
    )


@pytest.mark.usefixtures("aws")
def test_from_the_first_upsert_to_nothing_left(capsys: pytest.CaptureFixture[str], memes: Path) -> None:
    code, _, err = run(capsys, "upsert")
    assert (code, err) == (
        1,
        f"error: there is no bucket '{BUCKET}': deploy infra/ first, or name another with MEMOTION_BUCKET\n",
    )
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)

    assert json.loads(run(capsys, "upsert", "--json")[1])["Action"] == "created"
    assert json.loads(run(capsys, "upsert", "--json")[1]) == {
        "PipelineArn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/memotion",
        "Action": "unchanged",
        "Changes": [],
    }

    code, out, err = run(capsys, "start", "--data", str(memes), "--json")
    assert code == 0, err
    arn = json.loads(out)["PipelineExecutionArn"]
    assert "TrainImageClassifier: 1 x ml.g5.xlarge, spot, at most 4 h" in err
    taken = "the image training takes ml.g5.xlarge (ml.p3.2xlarge: EC2 does not offer p3.2xlarge in us-east-1)"
    assert taken in err.splitlines()
    (summary,) = json.loads(run(capsys, "executions", "--json")[1])
    assert summary["PipelineExecutionArn"] == arn

    sagemaker = boto3.client("sagemaker", region_name="us-east-1")
    sagemaker.create_model_package_group(ModelPackageGroupName="memotion")
    register(sagemaker, 1)
    register(sagemaker, 2)
    assert [each["ModelPackageVersion"] for each in json.loads(run(capsys, "packages", "--json")[1])] == [2, 1]
    code, out, err = run(capsys, "approve", "--comment", "good", "--json")
    assert "the deployment stack puts it into production, or `python pipeline.py deploy 2` where there is none" in err
    decided = json.loads(out)
    assert (decided["ModelPackageVersion"], decided["ModelApprovalStatus"]) == (2, "Approved")
    assert decided["ApprovalDescription"].startswith("good (approved by arn:aws:")
    assert run(capsys, "reject", "1")[0] == 0
    assert run(capsys, "approve", "1") == (1, "", "error: version 1 of memotion is already Rejected\n")

    code, out, err = run(capsys, "destroy", "--yes", "--json")
    assert (code, json.loads(out)) == (0, [{"Kind": "pipeline", "Name": "memotion"}]), err
    assert "nothing is left that costs money" in run(capsys, "destroy", "--yes")[2]
