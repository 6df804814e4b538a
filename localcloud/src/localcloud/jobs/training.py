"""A training job: channels into its /opt/ml, the algorithm's emulator, the model out of it."""

from __future__ import annotations

import gzip
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localcloud import algorithms, channels
from localcloud.errors import JobFailed, ServiceError
from localcloud.jobs.command import failure, run_command
from localcloud.jobs.context import JobContext
from localcloud.jobs.environment import emulator_environment
from localcloud.jobs.filesystem import filesystem_of
from localcloud.jobs.objects import Mirror, fetch, files_in, upload
from localcloud.jobs.opt_ml import local_path, write_json, write_resources
from localcloud.processes import SOURCE
from localcloud.s3 import parse_uri, put_file

LOOK_SECONDS = 1.0
_COMPRESSION = 1  # weights hardly compress; a higher level only takes longer


def run(job: JobContext) -> dict[str, Any]:
    """Answers ModelArtifacts. Raises JobFailed and JobEnded."""
    _build_tree(job)
    checkpoints = _checkpoints(job)
    try:
        _train(job, checkpoints)
    finally:
        if checkpoints:
            checkpoints.send()
    job.go_on()
    return {"ModelArtifacts": {"S3ModelArtifacts": _store_model(job)}}


def _build_tree(job: JobContext) -> None:
    request, config = job.request, job.ml / "input" / "config"
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    inputs = request.get("InputDataConfig") or []
    write_json(config / "hyperparameters.json", request.get("HyperParameters") or {})
    write_json(config / "inputdataconfig.json", channels.configuration(inputs, mode))
    cluster = request["ResourceConfig"]
    write_resources(config / "resourceconfig.json", cluster, cluster.get("InstanceCount", 1))
    for folder in ("model", "output/data"):
        (job.ml / folder).mkdir(parents=True, exist_ok=True)
    for channel in inputs:
        source = channel["DataSource"]["S3DataSource"]
        job.go_on()
        folder = job.ml / "input" / "data" / channel["ChannelName"]
        fetch(job.cloud.home, source["S3Uri"], source["S3DataType"], folder)


def _checkpoints(job: JobContext) -> Mirror | None:
    """The job's checkpoints, what an earlier job left there restored; None where it keeps none."""
    config = job.request.get("CheckpointConfig")
    if not config:
        return None
    folder = local_path(job.ml, config.get("LocalPath", "/opt/ml/checkpoints"))
    mirror = Mirror(job.cloud.home, folder, config["S3Uri"])
    try:
        mirror.restore()
    except ServiceError as error:
        raise JobFailed(f"ClientError: {config['S3Uri']} cannot be read: {error.message}") from None
    return mirror


def _train(job: JobContext, checkpoints: Mirror | None) -> None:
    algorithm = algorithms.find(job.request["AlgorithmSpecification"]["TrainingImage"])
    given = {
        "TRAINING_JOB_NAME": job.name,
        "TRAINING_JOB_ARN": job.request["TrainingJobArn"],
        "AWS_REGION": job.cloud.region,
        **(job.request.get("Environment") or {}),
    }
    tick = _every(LOOK_SECONDS, checkpoints.send_settled) if checkpoints else None
    with filesystem_of(job.folder, isolated=False) as filesystem:
        env = emulator_environment(filesystem.rewritten({**algorithm.environment, **given}), filesystem) | {
            "LOCALCLOUD_ML": str(job.ml),
            "LOCALCLOUD_BUCKETS": str(job.cloud.home.buckets),
            "PYTHONPATH": str(SOURCE),
        }
        code = run_command(job, filesystem, [sys.executable, "-m", algorithm.train], env, tick=tick)
    if code:
        raise JobFailed(failure(job, code, job.ml / "output" / "failure"))


def _every(seconds: float, action: Callable[[], None]) -> Callable[[], None]:
    """A function to be called at will, which does the action at most once in so many seconds."""
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            action()
            last = time.monotonic()

    return tick


def _store_model(job: JobContext) -> str:
    """Upload the model, and the job's other output where there is any; the model's URI."""
    config = job.request["OutputDataConfig"]
    start = f"{config['S3OutputPath'].rstrip('/')}/{job.name}/output"
    if config.get("CompressionType") == "NONE":
        upload(job.cloud.home, job.ml / "model", f"{start}/model")
        return f"{start}/model/"
    if any(files_in(job.ml / "output" / "data")):
        _upload_archive(job, "output/data", f"{start}/output.tar.gz")
    return _upload_archive(job, "model", f"{start}/model.tar.gz")


def _upload_archive(job: JobContext, folder: str, uri: str) -> str:
    archive = job.folder / Path(uri).name
    pack(job.ml / folder, archive)
    try:
        put_file(job.cloud.home, *parse_uri(uri), archive)
    except ServiceError as error:
        raise JobFailed(f"ClientError: {uri} cannot be written: {error.message}") from None
    archive.unlink()
    return uri


def pack(folder: Path, archive: Path) -> None:
    """A folder's files as a tar.gz. The same files make the same bytes: no times, no owners."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", _COMPRESSION, raw, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in files_in(folder):
            tar.add(path, path.relative_to(folder).as_posix(), filter=_anonymous)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid, member.uname, member.gname, member.mode = 0, 0, 0, "", "", 0o644
    return member
