"""Models served by a person's inference.py: an endpoint's container and a batch transform, through boto3 alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from localcloud.frameworks.handlers import HandlerError, Handlers, program_at
from localcloud_tests.archives import archive
from localcloud_tests.small_cloud import ROLE, LocalCloud, until

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.1-cpu-py310"
FUNCTIONS = """
    import json, os
    from beside import scaled

    def model_fn(model_dir):
        return float(open(os.path.join(model_dir, "factor.txt")).read())

    def input_fn(body, content_type):
        return json.loads(body)["values"]

    def predict_fn(data, model):
        return [scaled(value, model) for value in data]

    def output_fn(prediction, accept):
        return json.dumps({"answers": prediction, "accept": accept})
"""
BESIDE = """
    def scaled(value, factor):
        return value * factor
"""
CODE = {"code__inference_py": FUNCTIONS, "code__beside_py": BESIDE, "factor_txt": "2"}


def create_model(cloud: LocalCloud, name: str, environment: dict[str, str] | None = None, **files: str) -> None:
    cloud.s3.put_object(Bucket="bucket", Key=f"{name}.tar.gz", Body=archive(**files))
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://bucket/{name}.tar.gz", "Environment": environment or {}}
    cloud.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)


def ask(cloud: LocalCloud, body: str, **more: Any) -> Any:
    members = {"ContentType": "application/json", **more}
    return cloud.runtime.invoke_endpoint(EndpointName="e", Body=body, **members)["Body"].read().decode()


def transformed(cloud: LocalCloud, **output: str) -> dict[str, Any]:
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}}
    cloud.sagemaker.create_transform_job(
        TransformJobName="t",
        ModelName="m",
        TransformInput={"DataSource": data, "ContentType": "application/json", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": "s3://bucket/out", "AssembleWith": "Line", **output},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        BatchStrategy="SingleRecord",
    )

    def described() -> dict[str, Any]:
        return dict(cloud.sagemaker.describe_transform_job(TransformJobName="t"))

    until(lambda: described()["TransformJobStatus"] in {"Completed", "Failed"})
    return described()


def test_an_endpoint_answers_by_the_models_own_functions(cloud: LocalCloud) -> None:
    create_model(cloud, "m", **CODE)
    cloud.endpoint("e", cloud.config("c", "m"))
    assert json.loads(ask(cloud, '{"values": [1, 2]}')) == {"answers": [2.0, 4.0], "accept": "application/json"}
    assert json.loads(ask(cloud, '{"values": []}', Accept="a/b"))["accept"] == "a/b"
    with pytest.raises(ClientError) as refused:
        ask(cloud, "{}")
    assert refused.value.response["OriginalStatusCode"] == 500
    assert refused.value.response["OriginalMessage"] == "KeyError: 'values'"
    (log,) = (cloud.home / "logs/aws/sagemaker/Endpoints/e").rglob("container-1")
    assert f"the image {IMAGE} is not used on this machine" in log.read_text()


def test_a_batch_transform_answers_by_an_archive_of_source_beside_the_model(cloud: LocalCloud) -> None:
    source = archive(serve_py=FUNCTIONS, beside_py=BESIDE)
    cloud.s3.put_object(Bucket="bucket", Key="source.tar.gz", Body=source)
    environment = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "s3://bucket/source.tar.gz"}
    create_model(cloud, "m", environment, factor_txt="3")
    cloud.s3.put_object(Bucket="bucket", Key="in/a.jsonl", Body=b'{"values": [1]}\n{"values": [2]}\n')
    assert transformed(cloud)["TransformJobStatus"] == "Completed", cloud.home
    body = cloud.s3.get_object(Bucket="bucket", Key="out/a.jsonl.out")["Body"].read().decode()
    assert [json.loads(line)["answers"] for line in body.splitlines()] == [[3.0], [6.0]]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"factor_txt": "1"}, "the model's code has no inference.py"),
        ({"code__other_py": ""}, "has no inference.py; it has other.py"),
        ({"code__inference_py": "def predict_fn(data, model): ..."}, "has no model_fn"),
        ({"code__inference_py": "raise RuntimeError('broken')"}, "RuntimeError: broken"),
    ],
)
def test_a_model_whose_program_cannot_serve_fails_with_a_sentence(
    cloud: LocalCloud, files: dict[str, str], message: str
) -> None:
    create_model(cloud, "m", **files)
    cloud.s3.put_object(Bucket="bucket", Key="in/a", Body=b"{}\n")
    job = transformed(cloud)
    assert job["TransformJobStatus"] == "Failed"
    assert message in job["FailureReason"]


def test_a_built_in_algorithm_that_is_not_emulated_makes_no_endpoint(cloud: LocalCloud) -> None:
    image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
    container = {"Image": image}
    cloud.sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    with pytest.raises(ClientError, match="linear-learner:1' is not emulated on this machine"):
        cloud.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName=cloud.config("c", "m"))


def handlers(folder: Path, text: str) -> Handlers:
    (folder / "program.py").write_text(text)
    return Handlers.of(program_at(folder, "program.py"), folder)


def test_missing_functions_are_the_frameworks_for_a_scikit_learn_model(tmp_path: Path) -> None:
    from sklearn.linear_model import LinearRegression

    text = """
from sklearn.linear_model import LinearRegression
def model_fn(model_dir): return LinearRegression().fit([[0, 0], [1, 0], [0, 1]], [1, 3, 4])
"""
    theirs = LinearRegression().fit([[0, 0], [1, 0], [0, 1]], [1, 3, 4]).predict([[2, 3], [1, 1]])
    served = handlers(tmp_path, text)
    for content_type, body in [("text/csv", b"2,3\n1,1\n"), ("application/json", b"[[2, 3], [1, 1]]")]:
        answer, answered = served.answer(body, content_type, "application/json")
        assert answered == "application/json"
        np.testing.assert_allclose(json.loads(answer), theirs)


def test_missing_functions_are_the_frameworks_for_a_pytorch_model(tmp_path: Path) -> None:
    text = """
import torch
def model_fn(model_dir):
    model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Dropout(0.9))
    torch.nn.init.constant_(model[0].weight, 2.0)
    torch.nn.init.constant_(model[0].bias, 1.0)
    return model
"""
    answer, _ = handlers(tmp_path, text).answer(b"[[1, 2], [0, 0]]", "application/json", "application/json")
    assert json.loads(answer) == [[7.0], [1.0]]


def test_transform_fn_stands_for_the_three_and_functions_may_take_a_context(tmp_path: Path) -> None:
    text = """
def model_fn(model_dir, context): return 2
def transform_fn(model, body, content_type, accept, context): return body * model, "text/plain"
"""
    assert handlers(tmp_path, text).answer(b"ab", "text/csv", "*/*") == (b"abab", "text/plain")
    with pytest.raises(HandlerError, match="transform_fn beside predict_fn"):
        handlers(tmp_path, f"{text}\ndef predict_fn(data, model): ...\n")


def test_a_models_functions_may_ask_the_local_cloud_themselves(cloud: LocalCloud) -> None:
    functions = FUNCTIONS.replace(
        "return [scaled(value, model) for value in data]",
        'import boto3; return boto3.client("sts").get_caller_identity()["Arn"]',
    )
    create_model(cloud, "m", **{**CODE, "code__inference_py": functions})
    cloud.endpoint("e", cloud.config("c", "m"))
    caller = json.loads(ask(cloud, '{"values": [1]}'))["answers"]
    assert caller == f"arn:aws:sts::000000000000:assumed-role/{ROLE.rpartition('/')[2]}/container"
