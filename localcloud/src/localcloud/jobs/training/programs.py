"""What a training job runs: an emulated algorithm, the job's own entrypoint, or a program in script mode.

    AlgorithmSpecification.ContainerEntrypoint       that command, with ContainerArguments
    an image of localcloud.algorithms                its emulator
    the hyperparameter sagemaker_program             that program (localcloud.frameworks)

For any other the command stands in the image alone, which is not on this machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud import algorithms
from localcloud.algorithms import Algorithm
from localcloud.algorithms.errors import CLIENT_ERROR
from localcloud.errors import ValidationException
from localcloud.extras import lacking
from localcloud.frameworks import hyperparameters, training
from localcloud.frameworks.environment import TrainingEnvironment
from localcloud.frameworks.source import check_program, place_source, unmet_requirements
from localcloud.jobs.command import check_on_path, failure, last_line
from localcloud.jobs.context import JobContext
from localcloud.jobs.environment import emulator_environment, environment
from localcloud.jobs.filesystem.job_filesystem import JobFilesystem
from localcloud.jobs.filesystem.opt_ml import ML
from localcloud.processes import SOURCE


@dataclass(frozen=True)
class TrainingProgram:
    """A command, what it is run with and where, and the FailureReason of its exit code.

    `working_directory` is the container's path, None where that is the image's own.
    """

    command: list[str]
    environment: Mapping[str, str]
    reason: Callable[[int], str]
    working_directory: str | None = None


def algorithm_of(request: Mapping[str, Any]) -> Algorithm | None:
    """Return the emulated algorithm that a CreateTrainingJob request asks for; None where it asks for a program."""
    image = request["AlgorithmSpecification"]["TrainingImage"]
    return algorithms.algorithm_of(image, is_own=training.names_program(request))


def is_emulated(request: Mapping[str, Any]) -> bool:
    """Return whether a CreateTrainingJob request asks for an algorithm that is emulated here, not for a program."""
    return not request["AlgorithmSpecification"].get("ContainerEntrypoint") and algorithm_of(request) is not None


def check_runs(request: Mapping[str, Any]) -> None:
    """Raises ValidationException for a CreateTrainingJob request whose command is not on this machine."""
    specification = request["AlgorithmSpecification"]
    image, entrypoint = str(specification["TrainingImage"]), specification.get("ContainerEntrypoint")
    algorithm = algorithm_of(request)
    if algorithm is not None:
        if entrypoint or specification.get("ContainerArguments"):
            raise ValidationException(
                "the algorithm's image trains by its own command; leave ContainerEntrypoint and ContainerArguments out"
            )
        sentence = lacking("train", algorithm.trains_with)
        if sentence:
            raise ValidationException(f"{algorithm.name} cannot be trained here: {sentence}")
        return
    if entrypoint:
        check_on_path(entrypoint, image)
        return
    algorithms.check_emulated_or_own(image)
    if training.program_of(request) is None:
        raise ValidationException(
            f"the image {image!r} is not on this machine, and only in it stands what the job runs. Emulated are "
            f"{', '.join(sorted(algorithms.ALGORITHMS))}; for any other image name a program of your own, as the "
            f"AlgorithmSpecification's ContainerEntrypoint or the hyperparameter {hyperparameters.PROGRAM}"
        )
    if specification.get("ContainerArguments"):
        raise ValidationException(
            f"ContainerArguments are for a ContainerEntrypoint; a {hyperparameters.PROGRAM} gets the hyperparameters"
        )


def check_program_request(request: Mapping[str, Any]) -> None:
    """Raises ValidationException for what cannot be done here for a program that is a person's own."""
    if is_emulated(request):
        return
    default = request["AlgorithmSpecification"]["TrainingInputMode"]
    for channel in request.get("InputDataConfig") or ():
        if channel.get("InputMode", default) == "Pipe":
            raise ValidationException(
                f"channel {channel['ChannelName']}: a program of one's own is given no Pipe here; set InputMode to File"
            )
    if request["AlgorithmSpecification"].get("ContainerEntrypoint"):
        return
    values = hyperparameters.decoded(request.get("HyperParameters") or {})
    words = hyperparameters.distribution(values)
    if words is not None:
        raise ValidationException(f"a training distributed by {words} is not offered here; run it as one process")
    if training.source_of(request) is None:
        raise ValidationException(
            f"the hyperparameter {hyperparameters.SUBMIT_DIRECTORY} is missing: the program would be looked for "
            f"in the image, which is not on this machine"
        )


def training_program(job: JobContext, filesystem: JobFilesystem, aws: Mapping[str, str]) -> TrainingProgram:
    """Return what a job runs, its tree being there. Raises JobFailed where its source cannot be had.

    `aws` are the variables by which its AWS clients find the local cloud.
    """
    variables = {
        "TRAINING_JOB_NAME": job.name,
        "TRAINING_JOB_ARN": job.request["TrainingJobArn"],
        "AWS_REGION": job.cloud.region,
        **aws,
        **(job.request.get("Environment") or {}),
    }
    if is_emulated(job.request):
        return _emulator(job, filesystem, variables)
    _say(job)
    if job.request["AlgorithmSpecification"].get("ContainerEntrypoint"):
        return _entrypoint(job, filesystem, variables)
    return _script(job, filesystem, variables)


def _emulator(job: JobContext, filesystem: JobFilesystem, variables: Mapping[str, str]) -> TrainingProgram:
    algorithm = algorithms.find(job.request["AlgorithmSpecification"]["TrainingImage"])
    env = emulator_environment(filesystem.rewritten({**algorithm.environment, **variables}), filesystem) | {
        "LOCALCLOUD_ML": str(job.ml),
        "LOCALCLOUD_BUCKETS": str(job.cloud.home.buckets),
        "PYTHONPATH": str(SOURCE),
    }

    def reason(code: int) -> str:
        return failure(job, code, _failure_file(job), kind="ClientError" if code == CLIENT_ERROR else "AlgorithmError")

    return TrainingProgram([sys.executable, "-m", algorithm.train], env, reason)


def _entrypoint(job: JobContext, filesystem: JobFilesystem, variables: Mapping[str, str]) -> TrainingProgram:
    specification, log_size = job.request["AlgorithmSpecification"], job.log.stat().st_size
    command = [*specification["ContainerEntrypoint"], *(specification.get("ContainerArguments") or ())]
    env = environment(filesystem.rewritten(variables), filesystem)
    return TrainingProgram(
        filesystem.rewritten(command), env, lambda code: failure(job, code, _failure_file(job), log_size)
    )


def _script(job: JobContext, filesystem: JobFilesystem, variables: Mapping[str, str]) -> TrainingProgram:
    """A program in script mode. The toolkit reports its end as a message of its own, and ends with code 1."""
    program, source = training.program_of(job.request), training.source_of(job.request)
    assert program is not None
    assert source is not None
    code = place_source(job.cloud.home, source, job.ml)
    check_program(code, program)
    with job.log.open("a") as log:
        log.writelines(f"{line}\n" for line in unmet_requirements(code))
    log_size = job.log.stat().st_size
    values = filesystem.rewritten(hyperparameters.decoded(job.request.get("HyperParameters") or {}))
    command = training.command(
        filesystem.python, code, program, hyperparameters.arguments(hyperparameters.of_program(values))
    )

    def reason(exit_code: int) -> str:
        message_file = _failure_file(job)
        message = (
            message_file.read_text(errors="replace").strip() if message_file.is_file() else last_line(job.log, log_size)
        )
        message_file.write_text(training.failure(exit_code, message, command))
        return failure(job, 1, message_file)

    env = filesystem.rewritten({**variables, **_toolkit_environment(job, filesystem, program, values)})
    return TrainingProgram(command, environment(env, filesystem), reason, f"{ML}/code")


def _toolkit_environment(
    job: JobContext, filesystem: JobFilesystem, program: str, values: Mapping[str, Any]
) -> dict[str, str]:
    def config(name: str) -> dict[str, Any]:
        return dict(json.loads((job.ml / "input" / "config" / f"{name}.json").read_text()))

    resources = config("resourceconfig")
    variables = TrainingEnvironment(
        str(filesystem.ml), job.name, program, values, config("inputdataconfig"), resources
    ).variables()
    return variables | {
        "CURRENT_HOST": resources["current_host"],
        "SAGEMAKER_JOB_NAME": str(values.get(hyperparameters.JOB_NAME, "")),
        "SAGEMAKER_REGION": str(values.get(hyperparameters.REGION, job.cloud.region)),
    }


def _failure_file(job: JobContext) -> Path:
    """Where a container says why it failed."""
    return job.ml / "output" / "failure"


def _say(job: JobContext) -> None:
    """Say in the log what is otherwise here than on the service."""
    instances = job.request["ResourceConfig"].get("InstanceCount", 1)
    with job.log.open("a") as log:
        image = job.request["AlgorithmSpecification"]["TrainingImage"]
        log.write(f"the image {image} is not used on this machine: the program runs in {sys.prefix}\n")
        if instances > 1:
            log.write(f"the job has {instances} instances; on this machine its program runs once, as the only host\n")
