"""Built-in XGBoost from CreateTrainingJob to a batch transform and an endpoint, seen through boto3 alone."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError

from localcloud_tests.definitions import BUCKET, ROLE, Local, wait_until

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
DRAW = np.random.default_rng(0)
FEATURES = DRAW.normal(size=(40, 3)).round(3)
LABELS = (FEATURES[:, 0] - FEATURES[:, 1]).round(3)


def csv(rows: Any) -> str:
    return "\n".join(",".join(map(str, row)) for row in rows) + "\n"


def training(**more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": "trees",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {"objective": "reg:squarederror", "num_round": "5", "max_depth": "3"},
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **more,
    }


def channel(name: str, content_type: str = "text/csv") -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data/{name}/"}
    return {"ChannelName": name, "ContentType": content_type, "DataSource": {"S3DataSource": source}}


def described(local: Local, name: str = "trees") -> dict[str, Any]:
    answer: dict[str, Any] = local.sagemaker.describe_training_job(TrainingJobName=name)
    return answer


def trained(local: Local, **more: Any) -> dict[str, Any]:
    """The ended job."""
    local.put("data/train/rows.csv", csv(np.column_stack([LABELS, FEATURES])))
    local.put("data/validation/rows.csv", csv(np.column_stack([LABELS, FEATURES])[:10]))
    local.sagemaker.create_training_job(**training(**more))
    wait_until(lambda: described(local)["TrainingJobStatus"] != "InProgress")
    return described(local)


def loaded(local: Local, uri: str) -> xgboost.Booster:
    archive = local.s3.get_object(Bucket=BUCKET, Key=uri.partition(f"{BUCKET}/")[2])["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == ["xgboost-model"]
        member = tar.extractfile("xgboost-model")
        assert member is not None
        model = xgboost.Booster()
        model.load_model(bytearray(member.read()))
    return model


def test_a_training_leaves_a_model_and_metrics_that_a_transform_and_an_endpoint_answer_from(local: Local) -> None:
    job = trained(local)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert {metric["MetricName"] for metric in job["FinalMetricDataList"]} == {"train:rmse", "validation:rmse"}
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    expected = loaded(local, uri).predict(xgboost.DMatrix(FEATURES))

    container = {"Image": IMAGE, "ModelDataUrl": uri}
    local.sagemaker.create_model(ModelName="trees", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    local.put("in/rows.csv", csv(FEATURES))
    assert answered_in_batch(local) == pytest.approx(expected, abs=1e-5)
    assert answered_by_endpoint(local) == pytest.approx(expected[:2], abs=1e-5)


def answered_in_batch(local: Local) -> list[float]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/"}}
    local.sagemaker.create_transform_job(
        TransformJobName="trees",
        ModelName="trees",
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    )

    def job() -> Any:
        return local.sagemaker.describe_transform_job(TransformJobName="trees")

    wait_until(lambda: job()["TransformJobStatus"] != "InProgress")
    assert job()["TransformJobStatus"] == "Completed", job().get("FailureReason")
    return [float(line) for line in local.object("out/rows.csv.out").split("\n")[:-1]]


def answered_by_endpoint(local: Local) -> list[float]:
    variant = {"VariantName": "v", "ModelName": "trees", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    local.sagemaker.create_endpoint_config(EndpointConfigName="trees", ProductionVariants=[variant])
    local.sagemaker.create_endpoint(EndpointName="trees", EndpointConfigName="trees")
    wait_until(
        lambda: local.sagemaker.describe_endpoint(EndpointName="trees")["EndpointStatus"] != "Creating",
    )
    runtime = local.session.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="trees", ContentType="text/csv", Body=csv(FEATURES[:2]).encode())
    local.sagemaker.delete_endpoint(EndpointName="trees")
    return [float(line) for line in answer["Body"].read().split()]


@pytest.mark.parametrize(
    ("text", "hyperparameters", "sentence"),
    [
        ("label,a\n1,2\n", {"num_round": "1"}, "channel train, rows.csv, line 1: 'label'"),
        ("1,2\n", {"objective": "reg:squarederror"}, "xgboost requires the hyperparameter num_round"),
        ("1,2\n", {"num_round": "1", "silent": "0"}, "xgboost has no hyperparameter 'silent'"),
    ],
)
def test_a_training_fails_as_a_client_error_that_names_the_line_or_the_hyperparameter(
    local: Local, text: str, hyperparameters: dict[str, str], sentence: str
) -> None:
    local.put("data/train/rows.csv", text)
    request = training(InputDataConfig=[channel("train")], HyperParameters=hyperparameters)
    local.sagemaker.create_training_job(**request)
    wait_until(lambda: described(local)["TrainingJobStatus"] != "InProgress")
    assert described(local)["FailureReason"].startswith(f"ClientError: {sentence}")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"InputDataConfig": [channel("validation")]}, "requires the channel 'train'"),
        ({"InputDataConfig": [channel("train", "image/png")]}, "xgboost reads text/libsvm"),
        ({"InputDataConfig": [channel("train"), channel("test")]}, "has the channels train, validation"),
        (
            {"ResourceConfig": {"InstanceType": "ml.p2.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            "not on ml.p2.xlarge",
        ),
    ],
)
def test_what_the_algorithm_does_not_take_is_refused_when_the_job_is_created(
    local: Local, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence):
        local.sagemaker.create_training_job(**training(**more))


def test_a_program_in_the_framework_s_image_trains_by_itself(local: Local) -> None:
    code = "import xgboost, pathlib; pathlib.Path('/opt/ml/model/mine').write_text(xgboost.__version__)"
    specification = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["python3", "-c", code],
    }
    job = trained(local, AlgorithmSpecification=specification, HyperParameters={"anything": "goes"})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
