"""Programs that open AWS sessions of their own: in a job, under `localcloud run`, and other clients than boto3."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

import localcloud
from localcloud.gateway.command_line import run_environment
from localcloud_tests.definitions import Local, Make
from localcloud_tests.small_cloud import PATIENCE_SECONDS

ASKS = """
import json, os, boto3
s3 = boto3.client("s3")
s3.put_object(Bucket="bucket", Key="from-the-job", Body=b"a job was here")
print(json.dumps({
    "who": boto3.client("sts").get_caller_identity()["Arn"],
    "read": boto3.resource("s3").Object("bucket", "given").get()["Body"].read().decode(),
    "region": boto3.Session().region_name,
}))
boto3.client("sagemaker").create_model_package_group(ModelPackageGroupName="of-the-job")
"""


def run_job(local: Local, make: Make, until: Any, code: str) -> dict[str, Any]:
    local.put("code/script.py", code)
    source = {"S3Uri": "s3://bucket/code", "LocalPath": "/opt/ml/processing/input/code", "S3DataType": "S3Prefix"}
    local.sagemaker.create_processing_job(
        ProcessingJobName="job",
        ProcessingInputs=[{"InputName": "code", "S3Input": source}],
        **make.processing_request(["python3", "/opt/ml/processing/input/code/script.py"]),
    )

    def job() -> dict[str, Any]:
        return dict(local.sagemaker.describe_processing_job(ProcessingJobName="job"))

    until(lambda: job()["ProcessingJobStatus"] not in {"InProgress", "Stopping"})
    return job()


def log_of(local: Local) -> str:
    logs = local.session.client("logs")
    group = "/aws/sagemaker/ProcessingJobs"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    return "\n".join(event["message"] for event in events["events"])


def test_a_jobs_boto3_asks_this_machine_as_the_jobs_role(local: Local, make: Make, until: Any) -> None:
    local.put("given", "what lies here")
    assert run_job(local, make, until, ASKS)["ProcessingJobStatus"] == "Completed", log_of(local)
    printed = json.loads(log_of(local))
    arn = f"arn:aws:sts::000000000000:assumed-role/{make.role.rpartition('/')[2]}/job"
    assert printed == {"who": arn, "read": "what lies here", "region": "us-east-1"}
    assert local.object("from-the-job") == "a job was here"
    group = local.sagemaker.describe_model_package_group(ModelPackageGroupName="of-the-job")
    assert group["CreatedBy"]["IamIdentity"]["Arn"] == arn


def test_a_jobs_presigned_url_is_answered_while_it_runs(local: Local, make: Make, until: Any) -> None:
    local.put("given", "what lies here")
    code = (
        "import boto3, urllib.request\n"
        "url = boto3.client('s3').generate_presigned_url('get_object', {'Bucket': 'bucket', 'Key': 'given'})\n"
        "print(urllib.request.urlopen(url).read().decode())"
    )
    run_job(local, make, until, code)
    assert log_of(local) == "what lies here"


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "localcloud", "run", "--home", str(home), *arguments]
    variables = {**os.environ, "AWS_PROFILE": "somebody", "AWS_SECRET_ACCESS_KEY": "of somebody's", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=variables, timeout=PATIENCE_SECONDS)


def test_a_program_with_sessions_of_its_own_runs_unchanged(local: Local, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, boto3\n"
        "boto3.client('s3').put_object(Bucket='bucket', Key=sys.argv[1], Body=b'from a script')\n"
        "print(boto3.Session().client('sts').get_caller_identity()['Account'])\n"
        "sys.exit(7)\n"
    )
    process = run(local.home, str(script), "key")
    assert (process.returncode, process.stdout) == (7, "000000000000\n"), process.stderr
    assert local.object("key") == "from a script"


def test_a_program_that_is_none_or_dies_has_a_shells_exit_code(tmp_path: Path) -> None:
    assert run(tmp_path / "home", "--", "sh", "-c", "kill -9 $$").returncode == 137
    none = run(tmp_path / "home", "no-such-program")
    assert (none.returncode, "no-such-program cannot be run" in none.stderr) == (127, True)
    assert run(tmp_path / "home").returncode == 2


def test_serve_prints_what_a_client_needs_and_ends_in_good_order(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "localcloud", "serve", "--home", str(tmp_path / "home"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first_line, variables = process.stdout.readline(), {}
        while "AWS_SECRET_ACCESS_KEY" not in variables:
            name, _, value = process.stdout.readline().removeprefix("export ").strip().partition("=")
            variables[name] = value
        asks = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
        client = subprocess.run([sys.executable, "-c", asks], env={**os.environ, **variables}, capture_output=True)
        assert (variables["AWS_ENDPOINT_URL"] in first_line, client.stdout) == (True, b"000000000000\n"), client.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.fixture
def server(local: Local) -> Any:
    opened = localcloud.serve(local.home)
    opened.start()
    yield opened
    opened.stop(5)


def test_the_aws_command_line_copies_lists_and_removes(
    local: Local, server: localcloud.GatewayServer, tmp_path: Path
) -> None:
    aws = shutil.which("aws", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if aws is None:
        pytest.skip("no `aws` on PATH: pip install awscli")

    def command(*arguments: str, stdin: bytes | None = None) -> bytes:
        process = subprocess.run(
            [aws, *arguments], input=stdin, capture_output=True, env=run_environment(server, os.environ), check=False
        )
        assert process.returncode == 0, process.stderr
        return process.stdout

    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("a")
    (tmp_path / "folder" / "large").write_bytes(os.urandom(9_000_000))
    command("s3", "cp", "--recursive", str(tmp_path / "folder"), "s3://bucket/folder")
    assert command("s3", "cp", "s3://bucket/folder/large", "-") == (tmp_path / "folder" / "large").read_bytes()
    command("s3", "cp", "-", "s3://bucket/piped", stdin=b"through a pipe")
    assert local.object("piped") == "through a pipe"
    assert b"folder/a.txt" in command("s3", "ls", "--recursive", "s3://bucket")
    command("s3", "rm", "--recursive", "s3://bucket/folder")
    assert b"folder" not in command("s3", "ls", "s3://bucket")
    assert json.loads(command("sagemaker", "list-pipelines"))["PipelineSummaries"] == []


def test_s3fs_reads_and_writes(local: Local, server: localcloud.GatewayServer) -> None:
    s3fs = pytest.importorskip("s3fs", reason="no s3fs here: pip install s3fs")
    options = {"endpoint_url": server.url, "region_name": "us-east-1"}
    files = s3fs.S3FileSystem(key=server.key.id, secret=server.key.secret, client_kwargs=options)
    with files.open("bucket/by-s3fs", "wb") as file:
        file.write(b"x" * 6_000_000)
    assert files.info("bucket/by-s3fs")["size"] == 6_000_000
    assert [name.rpartition("/")[2] for name in files.ls("bucket")] == ["by-s3fs"]
    assert len(local.object("by-s3fs")) == 6_000_000


def test_small_calls_are_quick(server: localcloud.GatewayServer) -> None:
    """Nagle's algorithm and a delayed acknowledgement would make 40 ms of each."""
    import boto3

    s3 = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.key.id,
        aws_secret_access_key=server.key.secret,
    )
    s3.put_object(Bucket="bucket", Key="k", Body=b"v")

    def seconds() -> float:
        began = time.perf_counter()
        s3.get_object(Bucket="bucket", Key="k")["Body"].read()
        return time.perf_counter() - began

    assert min(seconds() for _ in range(30)) < 0.03


def test_queues_are_asked_over_http_as_well(server: Any) -> None:
    keys = {"aws_access_key_id": server.key.id, "aws_secret_access_key": server.key.secret}
    sqs = boto3.client("sqs", endpoint_url=server.url, region_name="us-east-1", **keys)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=url)["Messages"]] == ["hello"]
