"""What the calls that create jobs refuse, before anything is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud import channels
from localcloud.cloud import Cloud
from localcloud.errors import ValidationException
from localcloud.jobs.command import check_on_path
from localcloud.jobs.opt_ml import CHECKPOINTS, local_path
from localcloud.jobs.training_metrics import metric_definitions
from localcloud.jobs.training_programs import check_program_request, check_runs
from localcloud.paths import UnsafePathError

MAX_SPOT_SECONDS_WITHOUT_CHECKPOINTS = 3_600
MAX_TRANSFORM_MEGABYTES = 100


def check(cloud: Cloud, kind: str, request: Mapping[str, Any]) -> None:
    """Raises ValidationException for a Create request that cannot be done."""
    if kind == "ProcessingJob":
        _check_processing(request)
    elif kind == "TrainingJob":
        _check_training(request)
    else:
        _check_transform(cloud, request)


def check_command(application: Mapping[str, Any]) -> None:
    """Raises ValidationException for an AppSpecification whose program is not on this machine: no image is."""
    image, entrypoint = application["ImageUri"], application.get("ContainerEntrypoint")
    if not entrypoint:
        raise ValidationException(
            f"the image {image!r} is not on this machine, and only in it stands what the job runs; name the command "
            f"as the AppSpecification's ContainerEntrypoint"
        )
    check_on_path(entrypoint, image)


def _check_processing(request: Mapping[str, Any]) -> None:
    check_command(request["AppSpecification"])
    for item in request.get("ProcessingInputs") or ():
        source = item.get("S3Input")
        if source is None:
            raise ValidationException(f"input {item['InputName']!r} has no S3Input; no other input can be read here")
        if source.get("S3InputMode") == "Pipe":
            raise ValidationException(f"input {item['InputName']!r}: Pipe is not offered here; set S3InputMode to File")
        _check_local_path(source.get("LocalPath"), f"input {item['InputName']!r}")
    for output in (request.get("ProcessingOutputConfig") or {}).get("Outputs") or ():
        if output.get("S3Output") is None:
            raise ValidationException(f"output {output['OutputName']!r} has no S3Output; no other can be written here")
        _check_local_path(output["S3Output"].get("LocalPath"), f"output {output['OutputName']!r}")


def _check_training(request: Mapping[str, Any]) -> None:
    specification = request.get("AlgorithmSpecification") or {}
    if not specification.get("TrainingImage"):
        raise ValidationException("the AlgorithmSpecification names no TrainingImage; nothing else can train here")
    check_runs(request)
    for member in ("ResourceConfig", "StoppingCondition"):
        if not request.get(member):
            raise ValidationException(f"the training job has no {member}")
    channels.check(request.get("InputDataConfig") or (), specification["TrainingInputMode"])
    check_program_request(request)
    if checkpoints := request.get("CheckpointConfig"):
        _check_local_path(checkpoints.get("LocalPath", CHECKPOINTS), "the CheckpointConfig")
    metric_definitions(specification["TrainingImage"], specification.get("MetricDefinitions"))
    _check_times(request)


def _check_transform(cloud: Cloud, request: Mapping[str, Any]) -> None:
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in channels.FILES:
        raise ValidationException(
            f"the S3DataType of a batch transform is {' or '.join(channels.FILES)}, not {source['S3DataType']}"
        )
    if cloud.store.find("Model", request["ModelName"]) is None:
        raise ValidationException(f"the model {request['ModelName']!r} does not exist")
    megabytes = request.get("MaxConcurrentTransforms", 1) * request.get("MaxPayloadInMB", 6)
    if megabytes > MAX_TRANSFORM_MEGABYTES:
        raise ValidationException(
            f"MaxConcurrentTransforms times MaxPayloadInMB is {megabytes}; it is at most {MAX_TRANSFORM_MEGABYTES}"
        )


def _check_local_path(path: str | None, where: str) -> None:
    try:
        local_path(Path("ml"), path or "")
    except UnsafePathError as error:
        raise ValidationException(f"{where}: its LocalPath: {error}") from None


def _check_times(request: Mapping[str, Any]) -> None:
    """What holds between run time, wait time, spot and checkpoints."""
    stopping = request["StoppingCondition"]
    wait, run = stopping.get("MaxWaitTimeInSeconds"), stopping.get("MaxRuntimeInSeconds", 86_400)
    if not request.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise ValidationException("MaxWaitTimeInSeconds is for EnableManagedSpotTraining only; leave it out")
        return
    if wait is None or wait < run:
        raise ValidationException(f"with spot, MaxWaitTimeInSeconds is at least the run time of {run}, not {wait}")
    if not request.get("CheckpointConfig") and wait > MAX_SPOT_SECONDS_WITHOUT_CHECKPOINTS:
        raise ValidationException(
            f"with spot and without a CheckpointConfig, MaxWaitTimeInSeconds is at most "
            f"{MAX_SPOT_SECONDS_WITHOUT_CHECKPOINTS}, not {wait}"
        )
