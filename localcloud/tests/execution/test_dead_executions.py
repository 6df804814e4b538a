"""What is left when a process is killed, and that somebody notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import Cloud
from localcloud.errors import ResourceInUse
from localcloud.pipelines import records
from localcloud.state.lock import hold, is_held
from localcloud_tests.definitions import Local, Make

WAIT = "import pathlib, time\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.05)"


def processes(word: str) -> list[int]:
    """The processes whose command line has a word, this one aside."""
    identifiers = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().decode()
            except OSError:
                continue
            if word in command:
                identifiers.append(int(entry.name))
    return identifiers


def executor_of(arn: str) -> int:
    """The process of an execution. A child of it looks like it for a moment, between its making and its command."""
    identifiers = processes(arn)
    (process,) = [each for each in identifiers if parent_of(each) not in identifiers]
    return process


def parent_of(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # it has ended
        return process
    return int(status.rpartition(")")[2].split()[1])


pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="it finds the processes that it kills under /proc")


def test_a_killed_execution_is_failed_with_a_sentence_its_job_ends_and_a_retry_goes_on(
    make: Make, local: Local, shared: Path, until: Any
) -> None:
    flag = str(shared / "go")
    local.create(
        make.definition(make.processing("First"), make.processing("Long", WAIT.format(flag), DependsOn=["First"]))
    )
    arn = local.start()
    until(lambda: local.statuses(arn).get("Long") == "Executing")
    executor = executor_of(arn)
    os.kill(executor, signal.SIGKILL)

    until(lambda: local.status(arn) == "Failed")
    assert local.describe(arn)["FailureReason"] == "the process that ran it ended; `retry` goes on"
    assert local.statuses(arn) == {"First": "Succeeded", "Long": "Failed"}
    until(lambda: not processes(flag), lambda: "the job of a dead execution runs on")
    with pytest.raises(ClientError, match="Failed"):
        local.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)

    Path(flag).touch()
    local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert local.status(local.ended(arn)) == "Succeeded"
    assert {name: step["AttemptCount"] for name, step in local.steps(arn).items()} == {"First": 1, "Long": 2}


@pytest.mark.parametrize("reading", ["list_pipeline_executions", "list_pipeline_execution_steps"])
def test_whoever_reads_a_dead_execution_marks_it(
    make: Make, local: Local, cloud: Cloud, shared: Path, until: Any, reading: str
) -> None:
    local.create(make.definition(make.processing("Long", WAIT.format(str(shared / "never")))))
    arn = local.start()
    until(lambda: local.statuses(arn).get("Long") == "Executing")
    executor = executor_of(arn)
    os.kill(executor, signal.SIGKILL)
    until(lambda: not is_held(records.lock_file(cloud, records.read(cloud.store, arn))))
    if reading == "list_pipeline_executions":
        answer = local.sagemaker.list_pipeline_executions(PipelineName="pipeline")
        assert answer["PipelineExecutionSummaries"][0]["PipelineExecutionStatus"] == "Failed"
    else:
        assert local.statuses(arn) == {"Long": "Failed"}
    assert records.read(cloud.store, arn).status == "Failed"


def test_the_process_of_an_execution_outlives_the_one_that_started_it(make: Make, local: Local, shared: Path) -> None:
    """And whoever reads the starter's output sees its end although the execution goes on."""
    local.create(make.definition(make.processing("A", WAIT.format(str(shared / "go")))))
    script = (
        "import sys, localcloud, pathlib\n"
        "client = localcloud.session(pathlib.Path(sys.argv[1])).client('sagemaker')\n"
        "print(client.start_pipeline_execution(PipelineName='pipeline')['PipelineExecutionArn'])"
    )
    out = subprocess.run([sys.executable, "-c", script, str(local.home)], capture_output=True, text=True, check=True)
    arn = out.stdout.strip()
    assert local.status(arn) == "Executing"
    (shared / "go").touch()
    assert local.status(local.ended(arn)) == "Succeeded"


def test_an_execution_has_no_terminal_and_no_descriptors_of_its_starter(
    make: Make, local: Local, shared: Path, until: Any
) -> None:
    local.create(make.definition(make.processing("Long", WAIT.format(str(shared / "go")))))
    with (shared / "open").open("w") as mine:
        os.set_inheritable(mine.fileno(), True)
        arn = local.start()
    until(lambda: local.statuses(arn).get("Long") == "Executing")
    executor = executor_of(arn)
    descriptors = {
        link.name: str(link.readlink()) for link in Path(f"/proc/{executor}/fd").iterdir() if link.is_symlink()
    }
    assert descriptors["0"] == os.devnull
    assert descriptors["1"] == descriptors["2"] == str(local.home / "executions" / arn.rpartition("/")[2] / "log")
    assert str(shared / "open") not in descriptors.values()
    assert os.getsid(executor) == executor
    (shared / "go").touch()
    local.ended(arn)


def test_a_process_that_nobody_asked_for_does_nothing(make: Make, local: Local) -> None:
    arn = local.run(make.definition(make.processing("A", "exit(1)")))
    before = local.describe(arn)
    environment = {**os.environ, "LOCALCLOUD_HOME": str(local.home)}
    subprocess.run([sys.executable, "-m", "localcloud.execution", arn], env=environment, check=True)
    assert local.describe(arn)["LastModifiedTime"] == before["LastModifiedTime"]
    assert local.steps(arn)["A"]["AttemptCount"] == 1


def test_a_lock_is_held_by_one_and_seen_by_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    assert not is_held(path)
    with hold(path):
        assert is_held(path)
        with pytest.raises(ResourceInUse), hold(path, patience=0.01):
            pass
    assert not is_held(path)
