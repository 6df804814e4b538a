"""The gateway as boto3 sees it: an AWS client with an endpoint_url and a key, and nothing of ours in its process."""

from __future__ import annotations

import io
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import localcloud
from localcloud.gateway import application
from localcloud.gateway.authentication.access_keys import AccessKey, home_key, session_key
from localcloud.gateway.server import GatewayServer
from localcloud.state.home import Home
from localcloud_tests.small_cloud import PATIENCE_SECONDS

ROLE = "arn:aws:iam::000000000000:role/jobs"


class Door:
    """A home's gateway, and clients of it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.server = GatewayServer(home)
        self.url = self.server.url
        self.server.start()

    def client(self, service: str, key: AccessKey | None = None, **config: Any) -> Any:
        key = key or home_key(self.home)
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
            aws_session_token=key.token,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE_SECONDS, **config),
        )


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    opened = Door(Home(tmp_path / "home"))
    yield opened
    opened.server.stop(5)


@pytest.fixture
def s3(door: Door) -> Any:
    client = door.client("s3")
    client.create_bucket(Bucket="bucket")
    return client


def test_an_object_comes_back_with_its_headers(s3: Any) -> None:
    key = "a b/ü+%20/c&d=e.txt"
    s3.put_object(Bucket="bucket", Key=key, Body=b"body", ContentType="text/x-own", Metadata={"colour": "mauve"})
    answer = s3.get_object(Bucket="bucket", Key=key)
    assert answer["Body"].read() == b"body"
    assert (answer["ContentType"], answer["ContentLength"]) == ("text/x-own", 4)
    assert answer["Metadata"] == {"colour": "mauve"}
    assert s3.head_object(Bucket="bucket", Key=key)["ETag"] == answer["ETag"]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [key]
    assert s3.get_object(Bucket="bucket", Key=key, Range="bytes=1-2")["Body"].read() == b"od"


def test_an_object_of_many_parts_goes_up_and_down(s3: Any, tmp_path: Path) -> None:
    data = os.urandom(20_000_000)
    s3.upload_fileobj(io.BytesIO(data), "bucket", "large")
    assert s3.head_object(Bucket="bucket", Key="large")["ETag"].endswith('-3"')
    s3.download_file("bucket", "large", str(tmp_path / "large"))
    assert (tmp_path / "large").read_bytes() == data


def test_buckets_and_objects_are_listed_copied_tagged_and_deleted(s3: Any) -> None:
    for name in ("a/1", "a/2", "b"):
        s3.put_object(Bucket="bucket", Key=name, Body=name.encode())
    listed = s3.list_objects_v2(Bucket="bucket", Delimiter="/")
    assert [prefix["Prefix"] for prefix in listed["CommonPrefixes"]] == ["a/"]
    s3.copy_object(Bucket="bucket", Key="c", CopySource={"Bucket": "bucket", "Key": "b"})
    s3.put_object_tagging(Bucket="bucket", Key="c", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_object_tagging(Bucket="bucket", Key="c")["TagSet"] == [{"Key": "k", "Value": "v"}]
    objects = [{"Key": name} for name in ("a/1", "a/2", "b")]
    assert len(s3.delete_objects(Bucket="bucket", Delete={"Objects": objects})["Deleted"]) == 3
    assert [entry["Key"] for entry in s3.list_objects(Bucket="bucket")["Contents"]] == ["c"]
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]
    assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] is None


def test_errors_are_the_modelled_ones(door: Door, s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="no")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="no-bucket")
    with pytest.raises(ClientError) as absent:
        s3.head_object(Bucket="bucket", Key="no")
    assert absent.value.response["Error"]["Code"] == "404"
    sagemaker = door.client("sagemaker")
    with pytest.raises(ClientError, match="no-model") as unknown:
        sagemaker.describe_model(ModelName="no-model")
    assert unknown.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_pipeline(PipelineName="no-pipeline")
    with pytest.raises(ClientError) as pattern:
        sagemaker.create_model(ModelName="not a name", ExecutionRoleArn=ROLE)
    assert pattern.value.response["Error"]["Code"] == "ValidationException"


def test_a_pipeline_runs_that_was_made_over_http(door: Door, s3: Any, make: Any, until: Any) -> None:
    sagemaker = door.client("sagemaker")
    definition = make.definition(make.processing("Say", "open('/opt/ml/processing/out/x', 'w').write('said')"))
    created = sagemaker.create_pipeline(PipelineName="p", PipelineDefinition=definition, RoleArn=ROLE)
    assert created["PipelineArn"].endswith("pipeline/p")
    arn = sagemaker.start_pipeline_execution(PipelineName="p")["PipelineExecutionArn"]

    def status() -> str:
        return str(sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"])

    until(lambda: status() not in {"Executing", "Stopping"})
    assert status() == "Succeeded"
    assert s3.get_object(Bucket="bucket", Key="Say/x")["Body"].read() == b"said"
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=arn)
    (step,) = [step for page in pages for step in page["PipelineExecutionSteps"]]
    assert step["EndTime"] >= step["StartTime"]
    logs = door.client("logs")
    streams = logs.describe_log_streams(logGroupName="/aws/sagemaker/ProcessingJobs")["logStreams"]
    assert len(streams) == 1


def test_every_service_is_answered_in_its_own_protocol(door: Door) -> None:
    assert door.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert door.client("iam").get_role(RoleName="r")["Role"]["RoleName"] == "r"
    assert door.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    targets = door.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    assert targets["ScalableTargets"] == []


def test_a_sessions_key_names_its_role_in_what_it_makes(door: Door) -> None:
    key = session_key(door.home, ROLE, "train-1")
    arn = "arn:aws:sts::000000000000:assumed-role/jobs/train-1"
    assert door.client("sts", key).get_caller_identity()["Arn"] == arn
    sagemaker = door.client("sagemaker", key)
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    described = sagemaker.describe_model_package_group(ModelPackageGroupName="g")
    assert described["CreatedBy"]["IamIdentity"]["Arn"] == arn


def test_the_key_pair_is_one_a_home_and_its_file_is_its_owners_alone(tmp_path: Path) -> None:
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    assert home_key(home) == home_key(home) != home_key(other)
    assert (home.root / "access-key.json").stat().st_mode & 0o777 == 0o600
    assert session_key(home, ROLE, "a") != session_key(home, ROLE, "b")


@pytest.mark.parametrize("service", ["s3", "sagemaker", "sts"])
def test_who_has_another_key_is_refused(door: Door, service: str) -> None:
    calls = {"s3": "list_buckets", "sagemaker": "list_models", "sts": "get_caller_identity"}
    key, session = home_key(door.home), session_key(door.home, ROLE, "job")
    elsewhere = session_key(Home(door.home.root / "elsewhere"), ROLE, "job")
    for wrong, code in [
        (AccessKey(key.id, "another secret"), "SignatureDoesNotMatch"),
        (AccessKey("AKIAIOSFODNN7EXAMPLE", key.secret), "InvalidAccessKeyId"),
        (AccessKey(session.id, session.secret, session.token and session.token + "0"), "InvalidToken"),
        (AccessKey(session.id, key.secret, session.token), "SignatureDoesNotMatch"),
        (AccessKey(session.id, session.secret), "InvalidAccessKeyId"),
        (elsewhere, "InvalidToken"),
    ]:
        with pytest.raises(ClientError) as refused:
            getattr(door.client(service, wrong), calls[service])()
        assert refused.value.response["Error"]["Code"] == code
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_presigned_urls_work_until_they_expire_or_are_changed(door: Door, s3: Any, until: Any) -> None:
    put = s3.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "x y"}, ExpiresIn=60)
    typed = {"Content-Type": ""}  # else urllib sends one that was not signed
    urllib.request.urlopen(urllib.request.Request(put, b"by url", typed, method="PUT")).close()
    assert urllib.request.urlopen(s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "x y"})).read()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(put.replace("x%20y", "other"))
    client = door.client("s3", signature_version="s3v4")
    get = client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "x y"}, ExpiresIn=60)
    assert urllib.request.urlopen(get).read() == b"by url"
    for changed in (get.replace("x%20y", "other"), get.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(changed)
    short = client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "x y"}, ExpiresIn=1)

    def is_over() -> bool:
        try:
            urllib.request.urlopen(short).close()
        except urllib.error.HTTPError as error:
            return error.code == 403 and b"expired" in error.read()
        return False

    until(is_over)


def test_the_local_session_presigns_for_a_gateway_of_its_home(door: Door, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"v")
    session = localcloud.session(door.home.root)
    local = session.client("s3", endpoint_url=door.url)
    url = local.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"})
    assert urllib.request.urlopen(url).read() == b"v"
    with pytest.raises(ClientError, match="localcloud serve"):
        session.client("s3").generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"})


def test_a_fault_of_this_program_is_an_answer_too(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr(application, "answer_call", broken)
    with pytest.raises(ClientError, match="RuntimeError: it broke") as failed:
        door.client("sagemaker").list_models()
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "RuntimeError" in capsys.readouterr().err


def test_a_bearer_asks_with_curls_means(door: Door, s3: Any) -> None:
    def ask(path: str, token: str, **headers: str) -> bytes:
        request_headers = {
            "Authorization": f"Bearer {token}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        return bytes(urllib.request.urlopen(urllib.request.Request(door.url + path, headers=request_headers)).read())

    s3.put_object(Bucket="bucket", Key="k", Body=b"v")
    secret = home_key(door.home).secret
    assert ask("/bucket/k", secret) == b"v"
    request = urllib.request.Request(
        door.url + "/",
        b"{}",
        {
            "Authorization": f"Bearer {secret}",
            "X-Amz-Target": "SageMaker.ListModels",
            "Content-Type": "application/x-amz-json-1.1",
        },
    )
    assert json.loads(urllib.request.urlopen(request).read()) == {"Models": []}
    for path in ("/bucket/k", "/metrics", "/endpoints/e/invocations"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            ask(path, "wrong")
    assert b"# TYPE" in ask("/metrics", secret)
