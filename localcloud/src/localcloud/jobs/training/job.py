"""A training job: channels into its tree, its program, the model out of it."""

from __future__ import annotations

import gzip
import tarfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from localcloud import channels
from localcloud.errors import JobFailed, ServiceError
from localcloud.gateway.on_demand import gateway_of
from localcloud.jobs.command import run_command
from localcloud.jobs.context import JobContext
from localcloud.jobs.filesystem.job_filesystem import filesystem_of
from localcloud.jobs.filesystem.literal_paths import check_outputs
from localcloud.jobs.filesystem.objects import Mirror, fetch, files_in, upload
from localcloud.jobs.filesystem.opt_ml import CHECKPOINTS, local_path, write_json, write_resources
from localcloud.jobs.training.outputs import model_uri, output_uri
from localcloud.jobs.training.programs import is_emulated, training_program
from localcloud.paths import path_inside
from localcloud.s3 import parse_uri, put_file

LOOK_SECONDS = 1.0
_COMPRESSION = 1  # weights hardly compress; a higher level only takes longer


def run(job: JobContext) -> dict[str, Any]:
    """Answers nothing beyond the request. Raises JobFailed and JobEnded."""
    _build_tree(job)
    checkpoints = _checkpoints(job)
    try:
        _train(job, checkpoints)
    finally:
        if checkpoints:
            checkpoints.send()
    job.go_on()
    _store_model(job)
    return {}


def _build_tree(job: JobContext) -> None:
    request, config = job.request, job.ml / "input" / "config"
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    inputs = request.get("InputDataConfig") or []
    write_json(config / "hyperparameters.json", request.get("HyperParameters") or {})
    write_json(config / "inputdataconfig.json", channels.configuration(inputs, mode))
    cluster = request["ResourceConfig"]
    instances = cluster.get("InstanceCount", 1) if is_emulated(request) else 1  # a program of one's own runs once
    write_resources(config / "resourceconfig.json", cluster, instances)
    for folder in ("model", "output/data"):
        (job.ml / folder).mkdir(parents=True, exist_ok=True)
    for channel in inputs:
        source = channel["DataSource"]["S3DataSource"]
        job.go_on()
        target = path_inside(job.ml / "input" / "data", channel["ChannelName"])
        fetch(job.cloud.home, source["S3Uri"], source["S3DataType"], target)


def _checkpoints(job: JobContext) -> Mirror | None:
    """The job's checkpoints, what an earlier job left there restored; None where it keeps none."""
    config = job.request.get("CheckpointConfig")
    if not config:
        return None
    folder = local_path(job.ml, config.get("LocalPath", CHECKPOINTS))
    mirror = Mirror(job.cloud.home, folder, config["S3Uri"])
    try:
        mirror.restore()
    except ServiceError as error:
        raise JobFailed(f"ClientError: {config['S3Uri']} cannot be read: {error.message}") from None
    return mirror


def _train(job: JobContext, checkpoints: Mirror | None) -> None:
    tick = _every(LOOK_SECONDS, checkpoints.send_settled) if checkpoints else None
    is_own = not is_emulated(job.request)
    with filesystem_of(job.folder, isolated=is_own) as filesystem, _gateway(job, is_own) as aws:
        program = training_program(job, filesystem, aws)
        env, folder = program.environment, program.working_directory
        try:
            code = run_command(job, filesystem, program.command, env, working_directory=folder, tick=tick)
        except OSError as error:
            raise JobFailed(
                f"ClientError: the command {program.command[0]!r} cannot be run: {error.strerror}"
            ) from None
    if code:
        raise JobFailed(program.reason(code))
    if is_own and filesystem.namespace is None:
        check_outputs(job.ml, [job.ml / "model"])


def _gateway(job: JobContext, is_own: bool) -> AbstractContextManager[dict[str, str]]:
    """What the AWS clients of a person's program ask; an emulated algorithm has none."""
    return gateway_of(job.cloud.home, job.request["RoleArn"], job.name) if is_own else nullcontext({})


def _every(seconds: float, action: Callable[[], None]) -> Callable[[], None]:
    """A function to be called at will, which does the action at most once in so many seconds."""
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            action()
            last = time.monotonic()

    return tick


def _store_model(job: JobContext) -> None:
    """Upload the model, and the job's other output where there is any."""
    uri = model_uri(job.request)
    if uri.endswith("/"):
        upload(job.cloud.home, job.ml / "model", uri.rstrip("/"))
        return
    if any(files_in(job.ml / "output" / "data")):
        _upload_archive(job, "output/data", f"{output_uri(job.request)}/output.tar.gz")
    _upload_archive(job, "model", uri)


def _upload_archive(job: JobContext, folder: str, uri: str) -> None:
    archive = job.folder / Path(uri).name
    pack(job.ml / folder, archive)
    try:
        put_file(job.cloud.home, *parse_uri(uri), archive)
    except ServiceError as error:
        raise JobFailed(f"ClientError: {uri} cannot be written: {error.message}") from None
    archive.unlink()


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
