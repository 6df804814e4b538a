"""Processing jobs: an /opt/ml, a command, an end; through boto3 alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.jobs.filesystem import namespace
from localcloud_tests.definitions import Local, Make

ENDED = {"Completed", "Failed", "Stopped"}


class Jobs:
    def __init__(self, make: Make, local: Local, until: Any) -> None:
        self.make, self.local, self.until = make, local, until

    def start(self, code: str, arguments: list[str] | None = None, *, name: str = "job", **more: Any) -> None:
        request = self.make.processing_request(["python3", "-c", code], arguments)
        self.local.sagemaker.create_processing_job(ProcessingJobName=name, **request, **more)

    def describe(self, name: str = "job") -> dict[str, Any]:
        answer: dict[str, Any] = self.local.sagemaker.describe_processing_job(ProcessingJobName=name)
        return answer

    def ended(self, name: str = "job") -> dict[str, Any]:
        self.until(lambda: self.describe(name)["ProcessingJobStatus"] in ENDED)
        return self.describe(name)

    def run(self, code: str, arguments: list[str] | None = None, **more: Any) -> dict[str, Any]:
        self.start(code, arguments, **more)
        return self.ended()

    def log(self, name: str = "job") -> str:
        logs = self.local.session.client("logs")
        group = "/aws/sagemaker/ProcessingJobs"
        (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
        events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
        return "\n".join(event["message"] for event in events["events"])

    def folder(self, name: str = "job") -> Path:
        folder: Path = self.local.home / "jobs" / "ProcessingJob" / name
        return folder


@pytest.fixture(params=["in a namespace", "without"])
def is_placed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a job finds its tree at /opt/ml; each test of jobs runs both ways."""
    if request.param == "without":
        monkeypatch.setenv(namespace.SWITCH, "off")
        return False
    if not namespace.is_available():
        pytest.skip("this machine grants no mount namespace")
    return True


@pytest.fixture
def jobs(make: Make, local: Local, until: Any, is_placed: bool) -> Jobs:
    return Jobs(make, local, until)


def an_input(uri: str, folder: str = "in", **more: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": f"/opt/ml/processing/{folder}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": folder, "S3Input": source | more}


def an_output(uri: str, folder: str = "out") -> dict[str, Any]:
    output = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/{folder}", "S3UploadMode": "EndOfJob"}
    return {"Outputs": [{"OutputName": folder, "S3Output": output}]}


LIST = (
    "import os, sys; top = sys.argv[1]\n"
    "print(sorted(os.path.join(d, name)[len(top) :] for d, _, names in os.walk(top) for name in names))"
)


@pytest.mark.parametrize(
    ("uri", "files"),
    [
        ("s3://bucket/data", ["/a.txt", "/deep/b.txt"]),
        ("s3://bucket/data/", ["/a.txt", "/deep/b.txt"]),
        ("s3://bucket/data/a.txt", ["/a.txt"]),
        ("s3://bucket/data/a", ["/a.txt"]),
        ("s3://bucket/da", ["/data/a.txt", "/data/deep/b.txt", "/data2/c.txt"]),
    ],
)
def test_an_input_brings_what_lies_under_its_prefix(jobs: Jobs, uri: str, files: list[str]) -> None:
    for key in ("data/a.txt", "data/deep/b.txt", "data2/c.txt"):
        jobs.local.put(key, key)
    job = jobs.run(LIST, ["/opt/ml/processing/in"], ProcessingInputs=[an_input(uri)])
    assert job["ProcessingJobStatus"] == "Completed"
    assert jobs.log() == str(files)


def test_an_input_by_manifest_brings_what_it_names(jobs: Jobs) -> None:
    jobs.local.put("data/x/1.txt", "one")
    jobs.local.put("data/2.txt", "two")
    jobs.local.put("manifest.json", json.dumps([{"prefix": "s3://bucket/data/"}, "x/1.txt"]))
    jobs.run(
        LIST,
        ["/opt/ml/processing/in"],
        ProcessingInputs=[an_input("s3://bucket/manifest.json", S3DataType="ManifestFile")],
    )
    assert jobs.log() == "['/x/1.txt']"


def test_an_input_that_is_nothing_fails_the_job_with_its_uri(jobs: Jobs) -> None:
    job = jobs.run("pass", ProcessingInputs=[an_input("s3://bucket/nowhere")])
    assert job["ProcessingJobStatus"] == "Failed"
    assert "s3://bucket/nowhere" in job["FailureReason"]
    jobs.start("pass", name="other", ProcessingInputs=[an_input("s3://no-such-bucket/x")])
    assert "no-such-bucket" in jobs.ended("other")["FailureReason"]


def test_a_job_that_writes_to_its_input_changes_no_object(jobs: Jobs) -> None:
    jobs.local.put("data/a.txt", "as it was")
    code = "import sys; open(sys.argv[1], 'r+').write('spoilt!')"
    job = jobs.run(code, ["/opt/ml/processing/in/a.txt"], ProcessingInputs=[an_input("s3://bucket/data")])
    assert job["ProcessingJobStatus"] == "Completed"
    assert jobs.local.object("data/a.txt") == "as it was"


def test_outputs_go_up_after_success_and_not_after_failure(jobs: Jobs) -> None:
    code = "import sys; open(sys.argv[1] + '/figures.txt', 'w').write('42'); sys.exit(int(sys.argv[2]))"
    output = an_output("s3://bucket/results")
    jobs.start(code, ["/opt/ml/processing/out", "1"], name="bad", ProcessingOutputConfig=output)
    assert jobs.ended("bad")["ProcessingJobStatus"] == "Failed"
    assert "Contents" not in jobs.local.s3.list_objects_v2(Bucket="bucket")
    jobs.start(code, ["/opt/ml/processing/out", "0"], name="good", ProcessingOutputConfig=output)
    assert jobs.ended("good")["ProcessingJobStatus"] == "Completed"
    assert jobs.local.object("results/figures.txt") == "42"


def test_every_path_below_opt_ml_is_the_jobs_own_wherever_it_stands(jobs: Jobs, is_placed: bool) -> None:
    code = "import os, sys, json\nprint(json.dumps([*sys.argv[1:], os.environ['FOLDERS'], '/opt/ml/processing/in']))"
    jobs.run(
        code,
        ["/opt/ml", "--in=/opt/ml/processing/in", "/opt/mlflow", "/opt/ml.txt"],
        Environment={"FOLDERS": "/opt/ml/code:/usr/lib:/opt/ml/more"},
    )
    ml = "/opt/ml" if is_placed else f"{jobs.folder()}/ml"
    arguments = [ml, f"--in={ml}/processing/in", "/opt/mlflow", "/opt/ml.txt"]
    assert json.loads(jobs.log()) == [*arguments, f"{ml}/code:/usr/lib:{ml}/more", f"{ml}/processing/in"]


def test_a_shell_takes_the_jobs_paths_as_words_wherever_the_home_lies(
    make: Make, local: Local, until: Any, tmp_path: Path, is_placed: bool
) -> None:
    jobs = Jobs(make, type(local)(tmp_path / "it's my $HOME"), until)
    request = make.processing_request(["sh", "-c", "echo $WORDS > /opt/ml/processing/out/words.txt"])
    jobs.local.sagemaker.create_processing_job(
        ProcessingJobName="job",
        Environment={"WORDS": "/opt/ml/one:/opt/ml/two"},
        ProcessingOutputConfig=an_output("s3://bucket/results"),
        **request,
    )
    assert jobs.ended()["ProcessingJobStatus"] == "Completed"
    assert len(jobs.local.object("results/words.txt").split()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"home", "it's my $HOME"}


def test_a_jobs_own_request_lies_in_its_tree_with_uris_and_its_own_paths(jobs: Jobs, is_placed: bool) -> None:
    jobs.local.put("data/a.txt", "x")
    code = "import sys; print(open(sys.argv[1]).read())"
    jobs.run(
        code,
        ["/opt/ml/config/processingjobconfig.json"],
        ProcessingInputs=[an_input("s3://bucket/data")],
        ProcessingOutputConfig=an_output("s3://bucket/results"),
    )
    config = json.loads(jobs.log())
    ml = jobs.folder() / "ml"
    assert config["ProcessingJobName"] == "job"
    assert config["ProcessingInputs"][0]["S3Input"]["S3Uri"] == "s3://bucket/data"
    output = config["ProcessingOutputConfig"]["Outputs"][0]
    assert output["OutputName"] == "out"
    assert output["S3Output"]["S3Uri"] == "s3://bucket/results"
    assert output["S3Output"]["LocalPath"] == str((Path("/opt/ml") if is_placed else ml) / "processing" / "out")
    assert json.loads((ml / "config" / "resourceconfig.json").read_text())["hosts"] == ["algo-1"]


SAYS_ITS_ENVIRONMENT = "import os, json; print(json.dumps(dict(os.environ)))"


def test_a_jobs_environment_is_a_list_of_names(jobs: Jobs, is_placed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    leaking = (
        *(
            "AWS_SECRET_ACCESS_KEY",
            "AWS_PROFILE",
            "MEMOTION_HOME",
            "PYTHONPATH",
            "MY_SECRET",
            "HF_TOKEN",
        ),
        *("HF_HOME", "XDG_CONFIG_HOME", "PIP_CONFIG_FILE", "TORCH_HOME", "SSL_PASSWORD"),
    )
    for name in leaking:
        monkeypatch.setenv(name, "leaked")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/ca.pem")
    jobs.run(SAYS_ITS_ENVIRONMENT, Environment={"PYTHONPATH": "/opt/ml/code", "X": "y"})
    variables = json.loads(jobs.log())
    assert "leaked" not in variables.values()
    assert not [name for name in variables if name.startswith(("MEMOTION", "LOCALCLOUD_HOME"))]
    passed = {"OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8", "REQUESTS_CA_BUNDLE": "/etc/ssl/ca.pem", "X": "y"}
    assert variables.items() >= passed.items()
    assert variables["PYTHONPATH"] == ("/opt/ml/code" if is_placed else f"{jobs.folder()}/ml/code")
    own, below = variables["PATH"].split(os.pathsep)[:2]
    assert own == f"{variables['VIRTUAL_ENV']}/bin"
    assert Path(below).samefile(Path(sys.executable).parent)


def test_addresses_reach_a_job_without_their_passwords(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@index.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://token@one.example/ https://two.example/a@b")
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "index.example")
    jobs.run(SAYS_ITS_ENVIRONMENT)
    variables = json.loads(jobs.log())
    assert variables["PIP_INDEX_URL"] == "https://index.example/simple"
    assert variables["PIP_EXTRA_INDEX_URL"] == "https://one.example/ https://two.example/a@b"
    assert variables["https_proxy"] == "http://proxy.example:3128"
    assert {"index.example", "127.0.0.1"} <= set(variables["NO_PROXY"].split(","))


def test_what_pass_env_names_passes_as_it_is(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_mine")
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@index.example/simple")
    monkeypatch.setenv("LOCALCLOUD_PASS_ENV", "HF_TOKEN, PIP_INDEX_URL")
    jobs.run(SAYS_ITS_ENVIRONMENT)
    variables = json.loads(jobs.log())
    assert variables["HF_TOKEN"] == "hf_of_mine"
    assert variables["PIP_INDEX_URL"] == "https://me:secret@index.example/simple"


def test_a_job_has_a_home_and_a_temporary_folder_of_its_own(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text("[default]\naws_secret_access_key = mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    code = (  # Python itself may lie under /tmp
        "import pathlib, sys, tempfile; home = pathlib.Path.home()\n"
        "its = pathlib.Path(sys.prefix)\n"
        "found = [p for p in home.iterdir() if p not in (its, *its.parents)]\n"
        "print(found, tempfile.gettempdir() == str(home))\n"
        "(home / 'k').touch(); tempfile.mkstemp()"
    )
    assert jobs.run(code)["ProcessingJobStatus"] == "Completed"
    assert jobs.log() == "[] True"
    assert [path.name for path in jobs.folder().iterdir()] == ["ml"]


def test_a_job_runs_with_this_interpreter_where_the_image_would_run_it(jobs: Jobs, is_placed: bool) -> None:
    code = "import os, sys, boto3; print(os.getcwd(), sys.base_prefix, boto3.__file__)"
    jobs.run(code, Environment={"PATH": "/opt/conda/bin:/usr/bin"})
    assert jobs.log() == f"{'/' if is_placed else jobs.folder()} {sys.base_prefix} {boto3.__file__}"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print('so far'); raise ValueError('no such class: mauve')", "ValueError: no such class: mauve, exit code: 1"),
        ("import sys; sys.exit(3)", "it said nothing, exit code: 3"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL, exit code: 137"),
        (
            "open('/opt/ml/output/message', 'w').write('why'); exit(2)",
            "why",
        ),
    ],
)
def test_a_failure_says_what_the_job_said_last_and_how_it_ended(jobs: Jobs, code: str, reason: str) -> None:
    job = jobs.run(code)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert reason in job["FailureReason"]


def test_a_command_that_cannot_be_run_is_named(make: Make, jobs: Jobs) -> None:
    jobs.local.put("code/run.sh", "echo hello")
    request = make.processing_request(["/opt/ml/processing/code/run.sh"])
    code = [an_input("s3://bucket/code", "code")]
    jobs.local.sagemaker.create_processing_job(ProcessingJobName="job", ProcessingInputs=code, **request)
    assert "code/run.sh' cannot be run: Permission denied" in jobs.ended()["FailureReason"]


def test_an_image_of_whatever_name_is_this_environment_and_the_log_says_so(make: Make, jobs: Jobs) -> None:
    request = make.processing_request(["python3", "-c", "import sys; print(sys.base_prefix)"])
    request["AppSpecification"]["ImageUri"] = "000000000000.dkr.ecr.us-east-1.amazonaws.com/memotion-jobs:1"
    jobs.local.sagemaker.create_processing_job(ProcessingJobName="job", **request)
    assert jobs.ended()["ProcessingJobStatus"] == "Completed"
    notice, printed = jobs.log().splitlines()
    assert notice.startswith("the image 000000000000.dkr.ecr.us-east-1.amazonaws.com/memotion-jobs:1 is not used")
    assert notice.endswith(sys.prefix) and printed == sys.base_prefix
    request["AppSpecification"]["ContainerEntrypoint"] = ["python3", "-c", "exit(3)"]
    jobs.local.sagemaker.create_processing_job(ProcessingJobName="silent", **request)
    assert jobs.ended("silent")["FailureReason"] == "AlgorithmError: it said nothing, exit code: 3"


STUBBORN = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3000)', sys.argv[1]])\n"
    "open(sys.argv[1], 'w').write('up')\n"
    "time.sleep(3000)\n"
)


def commands() -> list[str]:
    out = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True)
    return out.stdout.splitlines()


def test_a_stop_ends_the_job_and_all_that_it_started(jobs: Jobs, shared: Path) -> None:
    flag = shared / "up"
    jobs.start(STUBBORN, [str(flag)])
    jobs.until(flag.exists)
    jobs.local.sagemaker.stop_processing_job(ProcessingJobName="job")
    assert jobs.ended()["ProcessingJobStatus"] == "Stopped"
    jobs.until(lambda: not [line for line in commands() if str(flag) in line])  # SIGKILL takes its time
    with pytest.raises(ClientError, match="cannot be stopped"):
        jobs.local.sagemaker.stop_processing_job(ProcessingJobName="job")


def test_what_a_job_leaves_running_ends_with_it(jobs: Jobs, shared: Path) -> None:
    flag = shared / "up"
    job = jobs.run(STUBBORN.removesuffix("time.sleep(3000)\n"), [str(flag)])
    assert job["ProcessingJobStatus"] == "Completed"
    jobs.until(lambda: not [line for line in commands() if str(flag) in line])


def test_a_job_that_takes_longer_than_it_may_is_stopped(jobs: Jobs) -> None:
    job = jobs.run("import time; time.sleep(3000)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "MaxRuntimeExceeded" in job["FailureReason"]


def test_a_job_that_a_script_created_outlives_the_script(jobs: Jobs, make: Make, shared: Path) -> None:
    flag = shared / "go"
    code = f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.05)"
    script = (
        "import sys, json, localcloud, pathlib\n"
        "client = localcloud.session(pathlib.Path(sys.argv[1])).client('sagemaker')\n"
        "client.create_processing_job(ProcessingJobName='job', **json.loads(sys.argv[2]))"
    )
    request = json.dumps(make.processing_request(["python3", "-c", code]))
    subprocess.run([sys.executable, "-c", script, str(jobs.local.home), request], check=True)
    assert jobs.describe()["ProcessingJobStatus"] == "InProgress"
    flag.touch()
    assert jobs.ended()["ProcessingJobStatus"] == "Completed"


def test_a_job_whose_supervisor_is_killed_is_failed_by_whoever_reads_it(jobs: Jobs) -> None:
    job = jobs.run("import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(1)")
    assert job["ProcessingJobStatus"] == "Failed"
    assert "killed by SIGKILL" in job["FailureReason"]


def test_a_list_of_jobs_knows_which_are_dead(jobs: Jobs) -> None:
    jobs.start("import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(300)")

    def names(status: str) -> list[str]:
        summaries = jobs.local.sagemaker.list_processing_jobs(StatusEquals=status)["ProcessingJobSummaries"]
        return [job["ProcessingJobName"] for job in summaries]

    jobs.until(lambda: names("InProgress") == [])
    assert names("Failed") == ["job"]


def test_what_a_job_runs_ends_when_its_supervisor_is_killed(jobs: Jobs, shared: Path) -> None:
    flag = shared / "up"
    killing = "import os, signal; os.kill(os.getppid(), signal.SIGKILL); time.sleep(3000)"
    job = jobs.run(STUBBORN.replace("time.sleep(3000)\n", f"{killing}\n"), [str(flag)])
    assert job["ProcessingJobStatus"] == "Failed"
    assert flag.exists()
    jobs.until(lambda: not [line for line in commands() if str(flag) in line])


def test_a_name_is_used_once(jobs: Jobs) -> None:
    jobs.run("pass")
    with pytest.raises(jobs.local.sagemaker.exceptions.ResourceInUse):
        jobs.start("pass")


def without(request: dict[str, Any], *path: str) -> dict[str, Any]:
    inner = request
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return request


def test_a_job_that_cannot_be_done_here_is_refused(jobs: Jobs, make: Make) -> None:
    create = jobs.local.sagemaker.create_processing_job
    plain = make.processing_request(["python3"])
    foreign = plain | {"AppSpecification": {"ImageUri": "my-own:1", "ContainerEntrypoint": ["/opt/conda/bin/Rscript"]}}
    outside = an_input("s3://bucket/x") | {
        "S3Input": {"S3Uri": "s3://b/x", "LocalPath": "/etc", "S3DataType": "S3Prefix"}
    }
    for request, message in [
        (
            without(make.processing_request(["python3"]), "AppSpecification", "ContainerEntrypoint"),
            "ContainerEntrypoint",
        ),
        (foreign, "'/opt/conda/bin/Rscript' is not on this machine, nor is the image 'my-own:1'"),
        (plain | {"ProcessingInputs": [outside]}, "/etc"),
        (plain | {"ProcessingInputs": [an_input("s3://bucket/x", folder="../../x")]}, r"\.\."),
        (plain | {"ProcessingInputs": [an_input("s3://bucket/x", S3InputMode="Pipe")]}, "Pipe"),
    ]:
        with pytest.raises(ClientError, match=message) as refused:
            create(ProcessingJobName="job", **request)
        assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert jobs.local.sagemaker.list_processing_jobs()["ProcessingJobSummaries"] == []
