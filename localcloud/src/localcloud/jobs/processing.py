"""A processing job: inputs into its /opt/ml, its own command, outputs out of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud import algorithms
from localcloud.errors import JobFailed
from localcloud.gateway.on_demand import gateway_of
from localcloud.jobs.command import failure, run_command
from localcloud.jobs.context import JobContext
from localcloud.jobs.environment import environment
from localcloud.jobs.filesystem.job_filesystem import JobFilesystem, filesystem_of
from localcloud.jobs.filesystem.literal_paths import check_outputs
from localcloud.jobs.filesystem.objects import fetch, upload
from localcloud.jobs.filesystem.opt_ml import local_path, write_json, write_resources

SAGEMAKERS = "sagemaker-"


def run(job: JobContext) -> dict[str, Any]:
    """Answers nothing beyond the request. Raises JobFailed and JobEnded."""
    outputs = _outputs(job)
    for folder in (job.ml / "output", *(local for local, _ in outputs)):
        folder.mkdir(parents=True, exist_ok=True)
    for item in job.request.get("ProcessingInputs") or ():
        source = item["S3Input"]
        job.go_on()
        fetch(job.cloud.home, source["S3Uri"], source["S3DataType"], local_path(job.ml, source["LocalPath"]))
    gateway = gateway_of(job.cloud.home, job.request["RoleArn"], job.name)
    with filesystem_of(job.folder) as filesystem, gateway as aws:
        _write_configuration(job, filesystem)
        _run_command(job, filesystem, aws)
        if filesystem.namespace is None:
            check_outputs(job.ml, [local for local, _ in outputs])
    for local, uri in outputs:
        job.go_on()
        upload(job.cloud.home, local, uri)
    return {}


def _run_command(job: JobContext, filesystem: JobFilesystem, aws: Mapping[str, str]) -> None:
    application = job.request["AppSpecification"]
    log_size = _say_what_runs(job, application["ImageUri"])
    command = [*application["ContainerEntrypoint"], *(application.get("ContainerArguments") or ())]
    variables = {**aws, **(job.request.get("Environment") or {})}
    try:
        rewritten_command, env = filesystem.rewritten(command), environment(filesystem.rewritten(variables), filesystem)
        code = run_command(job, filesystem, rewritten_command, env)
    except OSError as error:
        raise JobFailed(f"ClientError: the command {command[0]!r} cannot be run: {error.strerror}") from None
    if code:
        raise JobFailed(failure(job, code, job.ml / "output" / "message", log_size))


def _say_what_runs(job: JobContext, image: str) -> int:
    """SageMaker's own images are Python environments like this one; of any other, its owner is told in the log.

    Answers how long the log is now.
    """
    with job.log.open("a") as log:
        if not algorithms.repository(image).startswith(SAGEMAKERS):
            log.write(f"the image {image} is not used on this machine: the command runs in {sys.prefix}\n")
        return log.tell()


def _outputs(job: JobContext) -> list[tuple[Path, str]]:
    """Each output's folder and where it goes. What an application uploads itself is left to it."""
    outputs = (job.request.get("ProcessingOutputConfig") or {}).get("Outputs") or ()
    return [
        (local_path(job.ml, output["S3Output"]["LocalPath"]), output["S3Output"]["S3Uri"])
        for output in outputs
        if not output.get("AppManaged")
    ]


def _write_configuration(job: JobContext, filesystem: JobFilesystem) -> None:
    """What the service writes; the paths in it are the command's, as everywhere in what the job is told."""
    request = job.request
    members = (
        *("ProcessingJobArn", "ProcessingJobName", "AppSpecification", "Environment", "ProcessingInputs"),
        *("ProcessingOutputConfig", "ProcessingResources", "RoleArn", "StoppingCondition"),
    )
    configuration = {member: request.get(member) for member in members}
    write_json(job.ml / "config" / "processingjobconfig.json", filesystem.rewritten(configuration))
    write_resources(job.ml / "config" / "resourceconfig.json", job.request["ProcessingResources"]["ClusterConfig"])
