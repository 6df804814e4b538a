"""What a job installs is its own: found by it before all else, and by nobody after it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.jobs.filesystem import namespace
from localcloud.jobs.packages import make_layer
from localcloud_tests.definitions import Local, Make, wait_until
from localcloud_tests.wheels import wheel

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="this environment has no pip")

INSTALLS = """
import importlib.metadata, subprocess, sys
packages = sys.argv[1:]
subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", packages[0]])
subprocess.check_call(["pip", "install", "--quiet", "--no-index", "--no-deps", packages[1]])
done = subprocess.run([sys.executable, "-c", "import greeting, idna; print(greeting.WORD, idna.VERSION)"],
                      capture_output=True, text=True, check=True)
print(done.stdout.strip(), importlib.metadata.version("boto3"))
"""


@pytest.mark.parametrize("switch", ["", "off"])
def test_a_job_installs_packages_for_itself_alone(
    local: Local, make: Make, switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(namespace.SWITCH, switch)
    before = importlib.metadata.version("idna")
    wheels = [wheel("greeting", "1.0", "WORD = 'hello'"), wheel("idna", "0.1", "VERSION = 'of the job'")]
    for name, content in (*wheels, ("install.py", INSTALLS.encode())):
        local.s3.put_object(Bucket="bucket", Key=f"wheels/{name}", Body=content)
    folder = "/opt/ml/processing/wheels"
    request = make.processing_request(["python3", f"{folder}/install.py"], [f"{folder}/{name}" for name, _ in wheels])
    source = {"S3Uri": "s3://bucket/wheels/", "LocalPath": folder, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    local.sagemaker.create_processing_job(
        ProcessingJobName="job", ProcessingInputs=[{"InputName": "wheels", "S3Input": source}], **request
    )

    def status() -> str:
        return str(local.sagemaker.describe_processing_job(ProcessingJobName="job")["ProcessingJobStatus"])

    wait_until(lambda: status() != "InProgress")
    log = "".join(path.read_text() for path in local.home.glob("logs/aws/sagemaker/ProcessingJobs/job/*"))
    assert status() == "Completed", log
    assert f"hello of the job {importlib.metadata.version('boto3')}" in log
    assert importlib.util.find_spec("greeting") is None
    importlib.invalidate_caches()
    assert importlib.metadata.version("idna") == before


def test_a_layer_sees_what_lies_below_and_copies_nothing_of_it(tmp_path: Path) -> None:
    make_layer(tmp_path / "layer")
    python = str(tmp_path / "layer" / "bin" / "python")
    code = "import sys, numpy; print(sys.prefix); print(numpy.__file__)"
    prefix, numpy = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    below = importlib.util.find_spec("numpy")
    assert below is not None
    assert (prefix, numpy) == (str(tmp_path / "layer"), below.origin)
    files = [path for path in (tmp_path / "layer").rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) < 4_096
    assert sys.prefix != prefix
