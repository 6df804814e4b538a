"""Where a job finds itself: the container's paths, on a machine that has none of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud.jobs.filesystem import namespace
from localcloud_tests.definitions import Local, Make

ENDED = {"Completed", "Failed", "Stopped"}

WRITES = "open('/opt/ml/processing/out/answer.txt', 'w').write('42')"

needs_namespaces = pytest.mark.skipif(not namespace.is_available(), reason="this machine grants no mount namespace")


class Scripts:
    """Processing jobs whose script comes by an input, as the SDK's do: nobody rewrites what stands in it."""

    def __init__(self, make: Make, local: Local, until: Any) -> None:
        self.make, self.local, self.until = make, local, until

    def run(self, script: str, name: str = "job") -> dict[str, Any]:
        self.local.put(f"{name}/code/script.py", script)
        code = {"S3Uri": f"s3://bucket/{name}/code", "LocalPath": "/opt/ml/processing/input/code"}
        output = {"S3Uri": f"s3://bucket/{name}/out", "LocalPath": "/opt/ml/processing/out"}
        self.local.sagemaker.create_processing_job(
            ProcessingJobName=name,
            ProcessingInputs=[{"InputName": "code", "S3Input": {**code, "S3DataType": "S3Prefix"}}],
            ProcessingOutputConfig={
                "Outputs": [{"OutputName": "out", "S3Output": {**output, "S3UploadMode": "EndOfJob"}}]
            },
            **self.make.processing_request(["python3", "/opt/ml/processing/input/code/script.py"]),
        )
        self.until(lambda: self.described(name)["ProcessingJobStatus"] in ENDED)
        return self.described(name)

    def described(self, name: str) -> dict[str, Any]:
        return dict(self.local.sagemaker.describe_processing_job(ProcessingJobName=name))


@pytest.fixture
def scripts(make: Make, local: Local, until: Any) -> Scripts:
    return Scripts(make, local, until)


@needs_namespaces
def test_a_script_that_names_opt_ml_itself_finds_its_tree_there_and_the_machine_keeps_nothing(
    scripts: Scripts,
) -> None:
    before = set(Path("/").iterdir()), set(Path("/opt").iterdir()), Path("/opt/ml").exists()
    script = f"{WRITES}\nopen('beside.txt', 'w').write('x'); open('/tmp/of-the-job.txt', 'w').write('x')"
    job = scripts.run(script)
    assert job["ProcessingJobStatus"] == "Completed", job
    assert scripts.local.object("job/out/answer.txt") == "42"
    assert (set(Path("/").iterdir()), set(Path("/opt").iterdir()), Path("/opt/ml").exists()) == before
    assert not Path("/tmp/of-the-job.txt").exists()


@needs_namespaces
def test_a_job_sees_the_machine_beside_its_own_folders(scripts: Scripts, shared: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "python = pathlib.Path(sys.prefix)  # which may itself lie under /tmp\n"
        "assert [path for path in pathlib.Path('/tmp').iterdir() if path not in (python, *python.parents)] == []\n"
        f"pathlib.Path({str(shared)!r}, 'seen').touch()\n"
        f"assert set({[path.name for path in Path('/opt').iterdir()]!r}) <= set(os.listdir('/opt'))\n"
        "import ssl, json, http.client"
    )
    job = scripts.run(script)
    assert job["ProcessingJobStatus"] == "Completed", job
    assert (shared / "seen").exists()


def test_without_namespaces_a_script_that_names_opt_ml_itself_does_not_complete_with_nothing(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(namespace.SWITCH, "off")
    job = scripts.run("folder = '/opt/ml/processing/out'\nprint('nothing is written')")
    assert job["ProcessingJobStatus"] == "Failed"
    assert "/opt/ml/processing/out is empty, and script.py names /opt/ml itself" in job["FailureReason"]
    assert "Contents" not in scripts.local.s3.list_objects_v2(Bucket="bucket", Prefix="job/out")


@pytest.mark.parametrize("switch", ["off", ""])
def test_an_output_may_stay_empty_where_no_code_names_opt_ml(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv(namespace.SWITCH, switch)
    assert scripts.run("print('there was nothing to write')")["ProcessingJobStatus"] == "Completed"


AS_NOBODY = """
import ctypes, os, pathlib, shutil, signal, subprocess, sys, tempfile
from localcloud.jobs.filesystem import namespace
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # a process that was root's is otherwise not its own in /proc
if not namespace.is_available():
    sys.exit(77)
with tempfile.TemporaryDirectory() as folder:
    ml, tmp = (pathlib.Path(folder, name) for name in ("ml", "tmp"))
    for path in (ml, tmp):
        path.mkdir()
    entered = namespace.prepare(pathlib.Path(folder), {"/opt/ml": ml, "/tmp": tmp})
    process = subprocess.Popen(sys.argv[1:], preexec_fn=entered.enter, start_new_session=True)
    assert os.getpgid(process.pid) == process.pid
    code = process.wait()
    print((ml / "out").read_text().strip(), code, flush=True)
"""


def test_another_user_than_root_has_a_namespace_in_which_he_is_himself() -> None:
    """Run by root, the process becomes nobody."""
    command = ["sh", "-c", 'echo "$(id -u) $(pwd) $(ls -d /opt/ml)" > /opt/ml/out; exit 3']
    process = subprocess.run([sys.executable, "-c", AS_NOBODY, *command], capture_output=True, text=True)
    if process.returncode == 77:
        pytest.skip("this machine grants no user namespace")
    user = os.getuid() or 65534
    assert process.stdout.split() == [str(user), "/", "/opt/ml", "3"], process.stderr
