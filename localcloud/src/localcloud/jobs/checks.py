"""What the calls that create jobs refuse, before anything is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud import channels
from localcloud.cloud import Cloud
from localcloud.errors import ValidationException
from localcloud.jobs import tuning
from localcloud.jobs.command import check_on_path
from localcloud.jobs.filesystem.opt_ml import CHECKPOINTS, local_path
from localcloud.jobs.ranges import candidates, problem
from localcloud.jobs.training.metrics import metric_definitions
from localcloud.jobs.training.programs import check_program_request, check_runs
from localcloud.paths import UnsafePathError


def check(cloud: Cloud, kind: str, request: Mapping[str, Any]) -> None:
    """Raises ValidationException for a Create request that cannot be done."""
    from localcloud.definition.validation import check_call  # imports botocore

    check_call(kind.removesuffix("Job"), request)
    if kind == "ProcessingJob":
        _check_processing(request)
    elif kind == "TrainingJob":
        _check_training(request)
    elif kind == tuning.KIND:
        _check_tuning(cloud, dict(request))
    elif cloud.store.find("Model", request["ModelName"]) is None:
        raise ValidationException(f"the model {request['ModelName']!r} does not exist")


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
    for channel in request.get("InputDataConfig") or ():
        source = channel["DataSource"].get("S3DataSource")
        if channel["ChannelName"] in {".", ".."}:
            raise ValidationException(f"a channel is a folder of its own, not {channel['ChannelName']!r}")
        if source is None or source["S3DataType"] not in (*channels.FILES, channels.MANIFEST):
            raise ValidationException(
                f"channel {channel['ChannelName']!r}: what can be read here is an S3DataSource of the type "
                f"{', '.join(channels.FILES)} or {channels.MANIFEST}"
            )
    check_runs(request)
    check_program_request(request)
    if checkpoints := request.get("CheckpointConfig"):
        _check_local_path(checkpoints.get("LocalPath", CHECKPOINTS), "the CheckpointConfig")
    metric_definitions(request)


def _check_tuning(cloud: Cloud, request: dict[str, Any]) -> None:
    """Raises ValidationException for a tuning that cannot be done here."""
    config = request[tuning.CONFIG]
    if tuning.DEFINITION not in request or "TrainingJobDefinitions" in request:
        raise ValidationException("a tuning here has one TrainingJobDefinition")
    for member in ("WarmStartConfig", "Autotune"):
        if request.get(member):
            raise ValidationException(f"{member} is not offered here; leave it out")
    if f"{tuning.KIND}Objective" not in config:
        raise ValidationException(f"{tuning.CONFIG} names no {tuning.KIND}Objective: by what are the trainings judged?")
    wrong = problem(config)
    if wrong:
        raise ValidationException(f"{tuning.CONFIG}: {wrong}")
    first = tuning.training_request(request, "first", next(candidates(config, request[f"{tuning.KIND}Name"])))
    check(cloud, "TrainingJob", first)
    wanted = config[f"{tuning.KIND}Objective"]["MetricName"]
    names = [metric["Name"] for metric in metric_definitions(first)]
    if wanted not in names:
        raise ValidationException(
            f"the objective metric {wanted!r} is none that the training publishes: {', '.join(names) or 'it has none'}"
        )


def _check_local_path(path: str | None, where: str) -> None:
    try:
        local_path(Path("ml"), path or "")
    except UnsafePathError as error:
        raise ValidationException(f"{where}: its LocalPath: {error}") from None
