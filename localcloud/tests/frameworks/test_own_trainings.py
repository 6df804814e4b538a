"""Trainings by a person's own program: script mode and entrypoints, through boto3 alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

PREFIX = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data/", "S3DataDistributionType": "FullyReplicated"}
CHANNEL = {"ChannelName": "train", "DataSource": {"S3DataSource": PREFIX}}
ECHO = """
    import argparse, json, os, pathlib
    import beside
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    given, _ = parser.parse_known_args()
    text = pathlib.Path(given.train, "a.txt").read_text()
    print("loss: 0.5\\nloss: 0.25; accuracy=0.75")
    pathlib.Path(given.model_dir, "model.json").write_text(json.dumps([given.epochs, text, beside.NAME, os.getcwd()]))
    pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "report.txt").write_text("done")
"""
METRICS = [
    {"Name": "loss", "Regex": r"loss: ([0-9.]+)"},
    {"Name": "accuracy", "Regex": r"accuracy=(\S+)"},
    {"Name": "never", "Regex": r"never: (\S+)"},
]


def spec(**more: Any) -> dict[str, Any]:
    return {"TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1", "TrainingInputMode": "File", **more}


def test_a_script_finds_its_data_and_arguments_and_what_it_writes_becomes_the_model(trainings: Any, cloud: Any) -> None:
    cloud.s3.put_object(Bucket="bucket", Key="data/a.txt", Body=b"data")
    hyperparameters = trainings.script_mode("train.py", {"epochs": 3}, train_py=ECHO, beside_py="NAME = 'beside'")
    specification = {**trainings.request()["AlgorithmSpecification"], "MetricDefinitions": METRICS}
    job = trainings.run(
        HyperParameters=hyperparameters, InputDataConfig=[CHANNEL], AlgorithmSpecification=specification
    )
    assert job["TrainingJobStatus"] == "Completed", trainings.log()
    epochs, text, name, folder = json.loads(trainings.model()["model.json"])
    assert (epochs, text, name) == (3, "data", "beside")
    assert folder.endswith("/code")
    keys = [entry["Key"] for entry in cloud.s3.list_objects_v2(Bucket="bucket", Prefix="models/")["Contents"]]
    assert keys == ["models/job/output/model.tar.gz", "models/job/output/output.tar.gz"]
    assert {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]} == {
        "loss": 0.25,
        "accuracy": 0.75,
    }
    assert "sagemaker-scikit-learn:1.2-1-cpu-py3 is not used on this machine" in trainings.log()
    (curve,) = cloud.session.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": "job"}],
        StartTime=job["TrainingStartTime"],
        EndTime=job["TrainingEndTime"] + timedelta(minutes=1),
        Period=60,
        Statistics=["Average", "SampleCount"],
    )["Datapoints"]
    assert (curve["Average"], curve["SampleCount"]) == (0.375, 2)


def test_a_script_that_fails_is_reported_as_the_toolkit_reports_it(trainings: Any) -> None:
    hyperparameters = trainings.script_mode("train.py", {"a": "b c"}, train_py="raise ValueError('no such thing')")
    job = trainings.run(HyperParameters=hyperparameters)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n")
    assert 'ErrorMessage "ValueError: no such thing"' in job["FailureReason"]
    assert job["FailureReason"].endswith("train.py -a 'b c'\", exit code: 1")
    assert job["FinalMetricDataList"] == []


@pytest.mark.parametrize(
    ("program", "files"),
    [
        ("run.sh", {"run_sh": 'echo "$2" > $SM_MODEL_DIR/said'}),
        ("run", {"run": '#!/bin/sh\necho "$2" > $SM_MODEL_DIR/said'}),
        (
            "module",
            {
                "setup_py": "",
                "module_py": "import sys, os; open(os.environ['SM_MODEL_DIR'] + '/said', 'w').write(sys.argv[2])",
            },
        ),
    ],
)
def test_a_program_may_be_a_shell_script_a_command_or_a_module(trainings: Any, program: str, files: Any) -> None:
    job = trainings.run(HyperParameters=trainings.script_mode(program, {"word": "it's $HOME"}, **files))
    assert job["TrainingJobStatus"] == "Completed", trainings.log()
    assert trainings.model()["said"].strip() == "it's $HOME"


def test_a_source_may_come_with_a_channel(trainings: Any, cloud: Any) -> None:
    trainings.source(train_py="import os; open(os.environ['SM_MODEL_DIR'] + '/said', 'w').write('here')")
    source = {**PREFIX, "S3Uri": "s3://bucket/source/sourcedir.tar.gz"}
    channel = {"ChannelName": "code", "DataSource": {"S3DataSource": source}}
    names = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz"}
    job = trainings.run(HyperParameters=names, InputDataConfig=[channel])
    assert job["TrainingJobStatus"] == "Completed", trainings.log()
    assert trainings.model() == {"said": "here"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sagemaker_program": "other.py"}, "the source has no other.py; it has train.py"),
        ({"sagemaker_program": "../train.py"}, "is no relative path"),
        ({"sagemaker_submit_directory": "s3://bucket/nowhere.tar.gz"}, "s3://bucket/nowhere.tar.gz is not there"),
        ({"sagemaker_submit_directory": "/etc"}, "neither an archive in S3 nor a path under /opt/ml"),
        ({"sagemaker_submit_directory": "/opt/ml/../../etc"}, "neither an archive in S3 nor a path under /opt/ml"),
    ],
)
def test_a_program_that_cannot_be_had_fails_its_job_with_a_sentence(
    trainings: Any, changes: dict[str, str], message: str
) -> None:
    job = trainings.run(HyperParameters={**trainings.script_mode("train.py", train_py=""), **changes})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert message in job["FailureReason"]


def test_what_requirements_ask_for_and_is_not_here_is_said(trainings: Any) -> None:
    files = {"train_py": "", "requirements_txt": "# these\nnumpy==0.1\nno-such-package>=2\nnumpy\n"}
    trainings.run(HyperParameters=trainings.script_mode("train.py", **files))
    assert "asks for numpy==0.1; this environment has " in trainings.log()
    assert "asks for no-such-package>=2, which this environment has not" in trainings.log()


def test_a_container_entrypoint_is_run_with_its_arguments_and_its_own_failure(trainings: Any) -> None:
    code = "import sys; open(sys.argv[1] + '/output/failure', 'w').write('told'); sys.exit(3)"
    specification = spec(ContainerEntrypoint=["python3", "-c", code], ContainerArguments=["/opt/ml"])
    job = trainings.run(AlgorithmSpecification=specification)
    assert job["FailureReason"] == "AlgorithmError: told, exit code: 3"


def test_an_entrypoint_writes_its_model(trainings: Any) -> None:
    entrypoint = ["/bin/sh", "-c", "echo trained > /opt/ml/model/said"]
    job = trainings.run(AlgorithmSpecification=spec(ContainerEntrypoint=entrypoint))
    assert job["TrainingJobStatus"] == "Completed", trainings.log()
    assert trainings.model() == {"said": "trained\n"}


MPI = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "s3://bucket/x", "sagemaker_mpi_enabled": "true"}
TENSORFLOW = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-tensorflow:2.14"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AlgorithmSpecification": spec()}, "own:1' is not on this machine.*sagemaker_program"),
        (
            {"AlgorithmSpecification": {**spec(), "TrainingImage": TENSORFLOW}},
            "sagemaker-tensorflow:2.14'.*sagemaker_program",
        ),
        ({"AlgorithmSpecification": spec(ContainerEntrypoint=["no-such"])}, "'no-such' is not on this machine"),
        ({"HyperParameters": {"sagemaker_program": "train.py"}}, "sagemaker_submit_directory is missing"),
        ({"HyperParameters": MPI}, "distributed by MPI is not offered"),
        (
            {
                "AlgorithmSpecification": spec(ContainerEntrypoint=["true"]),
                "InputDataConfig": [{**CHANNEL, "InputMode": "Pipe"}],
            },
            "channel train: .* set InputMode to File",
        ),
        (
            {
                "AlgorithmSpecification": spec(
                    ContainerEntrypoint=["true"], MetricDefinitions=[{"Name": "a", "Regex": "("}]
                )
            },
            "the Regex of metric a cannot be read",
        ),
        (
            {
                "AlgorithmSpecification": spec(
                    ContainerEntrypoint=["true"], MetricDefinitions=[{"Name": "a", "Regex": "b"}]
                )
            },
            "has no group",
        ),
    ],
)
def test_what_cannot_run_here_is_refused_when_the_job_is_created(
    trainings: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        trainings.cloud.sagemaker.create_training_job(**trainings.request(**changes))
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_an_unknown_training_job_is_answered_as_the_service_does(trainings: Any) -> None:
    with pytest.raises(ClientError) as refused:
        trainings.describe("nowhere")
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Requested resource not found.",
    }


def test_a_training_job_has_its_models_place_and_no_key_from_its_start(trainings: Any) -> None:
    entrypoint = ["/bin/sh", "-c", "sleep 60"]
    trainings.cloud.sagemaker.create_training_job(
        **trainings.request(AlgorithmSpecification=spec(ContainerEntrypoint=entrypoint))
    )
    job = trainings.describe()
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": "s3://bucket/models/job/output/model.tar.gz"}
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    trainings.cloud.sagemaker.stop_training_job(TrainingJobName="job")


def test_a_programs_boto3_asks_this_machine_as_the_trainings_role(trainings: Any, cloud: Any) -> None:
    asking = """
        import boto3, os, pathlib
        arn = boto3.client("sts").get_caller_identity()["Arn"]
        boto3.client("s3").put_object(Bucket="bucket", Key="who", Body=arn.encode())
        pathlib.Path(os.environ["SM_MODEL_DIR"], "model").touch()
    """
    job = trainings.run(HyperParameters=trainings.script_mode("train.py", {}, train_py=asking))
    assert job["TrainingJobStatus"] == "Completed", trainings.log()
    who = cloud.s3.get_object(Bucket="bucket", Key="who")["Body"].read().decode()
    assert who == f"arn:aws:sts::000000000000:assumed-role/{job['RoleArn'].rpartition('/')[2]}/job"


def test_a_training_of_several_instances_runs_its_program_once(trainings: Any) -> None:
    program = "import os; open(os.environ['SM_MODEL_DIR'] + '/hosts', 'w').write(os.environ['SM_HOSTS'])"
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    hyperparameters = trainings.script_mode("train.py", train_py=program)
    job = trainings.run(HyperParameters=hyperparameters, ResourceConfig=cluster)
    assert job["TrainingJobStatus"] == "Completed", trainings.log()
    assert trainings.model() == {"hosts": '["algo-1"]'}
    assert "the job has 2 instances; on this machine its program runs once" in trainings.log()
