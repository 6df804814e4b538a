"""The session: real boto3 clients, botocore's own checks, no network and nothing of an account's configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError

import localcloud
from localcloud import cloud, dispatch
from localcloud.cloud import Answer, Cloud, Request
from localcloud.errors import ServiceError

ROOT = Path(localcloud.__file__).parents[1]


def python(code: str, **environment: str) -> str:
    """What a process of its own prints."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_importing_localcloud_and_its_handlers_of_sagemaker_loads_no_botocore() -> None:
    code = """
import importlib, sys, localcloud.dispatch
for module in localcloud.dispatch.MODULES["sagemaker"]:
    importlib.import_module(module)
print(sorted({"boto3", "botocore", "numpy", "PIL", "rapidocr"} & sys.modules.keys()))
"""
    assert python(code) == "[]"


def test_whatever_an_account_has_configured_the_session_is_the_local_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile real]\nregion = eu-north-1\ndefaults_mode = auto\nendpoint_url = http://203.0.113.1\n")
    for name, value in {
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "absent",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ENDPOINT_URL": "http://203.0.113.1",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_DEFAULTS_MODE": "auto",
    }.items():
        monkeypatch.setenv(name, value)
    session = localcloud.session(tmp_path / "home")
    assert session.region_name == "us-east-1"
    assert session.client("sts").get_caller_identity()["Account"] == "000000000000"
    session.client("s3").create_bucket(Bucket="bucket")
    assert (tmp_path / "home" / "buckets" / "bucket").is_dir()


def test_the_home_is_the_argument_else_the_environment_else_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for argument, variable, expected in (
        (None, None, tmp_path / ".localcloud"),
        (None, "env", tmp_path / "env"),
        (Path("given"), "env", tmp_path / "given"),
    ):
        if variable:
            monkeypatch.setenv("LOCALCLOUD_HOME", variable)
        localcloud.session(argument).client("s3").create_bucket(Bucket="bucket")
        assert (expected / "buckets" / "bucket").is_dir()


def test_parameters_are_validated_before_any_handler_is_asked(sagemaker: Any) -> None:
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        sagemaker.create_model_package_group()
    with pytest.raises(ParamValidationError, match="Unknown parameter"):
        sagemaker.describe_model(ModelName="m", Colour="red")


@pytest.mark.parametrize(
    ("call", "parameters", "sentence"),
    [
        ("create_model_package_group", {"ModelPackageGroupName": "under_score"}, "regular expression pattern"),
        (
            "create_model_package_group",
            {"ModelPackageGroupName": "g" * 64},
            "at 'modelPackageGroupName'|ModelPackageGroupName",
        ),
        (
            "create_model_package",
            {"ModelPackageGroupName": "g", "ModelApprovalStatus": "Maybe"},
            "none of its values: Approved, Rejected, PendingManualApproval",
        ),
        (
            "create_model_package",
            {"ModelPackageGroupName": "g", "CustomerMetadataProperties": {"figures": '{"a": 1}'}},
            "CustomerMetadataProperties.figures",
        ),
        ("list_models", {"MaxResults": 101}, "it is 101: at most 100"),
    ],
)
def test_what_botocore_lets_pass_and_the_service_would_not_is_refused(
    sagemaker: Any, call: str, parameters: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ClientError, match=sentence) as error:
        getattr(sagemaker, call)(**parameters)
    assert error.value.response["Error"]["Code"] == "ValidationException"


def test_metadata_in_any_script_passes(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    properties = {
        "größe": "0.35 – 0,36".replace("–", "-").replace(",", "."),
        "запуск": "arn:aws:sagemaker:us-east-1:1:x",
    }
    creation = sagemaker.create_model_package(ModelPackageGroupName="g", CustomerMetadataProperties=properties)
    answer = sagemaker.describe_model_package(ModelPackageName=creation["ModelPackageArn"])
    assert answer["CustomerMetadataProperties"] == properties


def test_an_operation_and_a_service_that_nobody_answers_say_so(session: boto3.Session) -> None:
    with pytest.raises(ClientError, match="does not answer ec2's DescribeInstances: it is no record"):
        session.client("ec2").describe_instances()
    with pytest.raises(ClientError, match="does not answer sagemaker's CreateNotebookInstance"):
        session.client("sagemaker").create_notebook_instance(
            NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn="arn:aws:iam::000000000000:role/memotion"
        )


def test_a_handler_is_asked_once_a_call_and_its_faults_come_out_as_they_are(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[Request] = []

    def faulty(_: Cloud, request: Request) -> Answer:
        requests.append(request)
        raise ZeroDivisionError("a fault of the handler")

    monkeypatch.setitem(cloud.HANDLERS, ("sts", "GetSessionToken"), faulty)
    with pytest.raises(ZeroDivisionError, match="a fault of the handler"):
        session.client("sts").get_session_token(DurationSeconds=900)
    assert requests == [{"DurationSeconds": 900}]


def test_times_are_seconds_inside_and_datetimes_outside(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[Request] = []

    def listed(_: Cloud, request: Request) -> Answer:
        requests.append(request)
        return {"Models": [{"ModelName": "m", "ModelArn": "arn", "CreationTime": 1.5, "Private": 1}], "More": None}

    monkeypatch.setitem(cloud.HANDLERS, ("sagemaker", "ListModels"), listed)
    answer = session.client("sagemaker").list_models(CreationTimeAfter=datetime(1970, 1, 2, tzinfo=UTC))
    assert requests == [{"CreationTimeAfter": 86400.0}]
    (model,) = answer["Models"]
    assert model == {"ModelName": "m", "ModelArn": "arn", "CreationTime": datetime.fromtimestamp(1.5, UTC)}


def test_an_error_has_the_members_that_its_shape_has(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Cloud, request: Request) -> Answer:
        raise ServiceError("the container said no", code="ModelError", status=424, members={"OriginalStatusCode": 500})

    dispatch._import_handlers("sagemaker-runtime")  # registers its own handler first
    monkeypatch.setitem(cloud.HANDLERS, ("sagemaker-runtime", "InvokeEndpoint"), failing)
    runtime = session.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ModelError) as error:
        runtime.invoke_endpoint(EndpointName="e", Body=b"")
    assert error.value.response["OriginalStatusCode"] == 500
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424


def test_two_handlers_of_one_operation_are_a_fault() -> None:
    dispatch._import_handlers("sts")
    with pytest.raises(AssertionError, match="two handlers"):
        cloud.operation("sts", "GetCallerIdentity")(lambda _cloud, _request: {})


def test_threads_share_a_session(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    with ThreadPoolExecutor(8) as pool:
        creations = pool.map(lambda _: sagemaker.create_model_package(ModelPackageGroupName="g"), range(40))
        versions = sorted(int(answer["ModelPackageArn"].split("/")[-1]) for answer in creations)
    assert versions == list(range(1, 41))


def test_processes_share_a_home_that_none_of_them_made(tmp_path: Path) -> None:
    code = f"""
import localcloud, pathlib
client = localcloud.session(pathlib.Path({str(tmp_path / "home")!r})).client("sagemaker")
try:
    client.create_model_package_group(ModelPackageGroupName="g")
except client.exceptions.ClientError as error:
    assert "already exist" in str(error)
for _ in range(10):
    client.create_model_package(ModelPackageGroupName="g")
"""
    workers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    pages = localcloud.session(tmp_path / "home").client("sagemaker").get_paginator("list_model_packages")
    versions = [
        item["ModelPackageVersion"]
        for page in pages.paginate(ModelPackageGroupName="g")
        for item in page["ModelPackageSummaryList"]
    ]
    assert versions == list(range(30, 0, -1))


def test_waiters_look_every_second_and_as_long_as_ever(sagemaker: Any) -> None:
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    assert (waiter.config.delay, waiter.config.max_attempts) == (1, 120 * 180)


def test_a_role_can_be_described_and_may_do_everything(session: boto3.Session) -> None:
    iam = session.client("iam")
    role = iam.get_role(RoleName="memotion")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    (result,) = iam.simulate_principal_policy(PolicySourceArn=role["Arn"], ActionNames=["iam:PassRole"])[
        "EvaluationResults"
    ]
    assert result["EvalDecision"] == "allowed"
