"""Training jobs beyond their shape: spot, checkpoints, and what the built-in algorithms and their manifests ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.algorithms import GPU_FAMILIES, Algorithm, algorithm_of
from localcloud.algorithms.blazingtext.hyperparameters import VECTOR_MODES
from localcloud.channels import MANIFEST
from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Problem
from localcloud.definition.model import Step
from localcloud.definition.reading import repeated, structure, structures
from localcloud.frameworks.training import names_program

DAY = 86_400
LONGEST_WAIT_WITHOUT_CHECKPOINTS = 3_600
# The service model does not require them, because of jobs that run without instances.
PARTS = ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition")


def check_training(step: Step, context: Context) -> Iterator[Problem]:
    if step.type != "Training":
        return
    image = context.known(structure(step.arguments, "AlgorithmSpecification").get("TrainingImage"))
    algorithm = algorithm_of(image, is_own=names_program(step.arguments))
    if "ServerlessJobConfig" not in step.arguments:
        yield from _check_parts(step.arguments)
    yield from _check_spot(step.arguments, algorithm)
    yield from _check_channels(step.arguments, context)
    if algorithm is not None:
        yield from _check_algorithm(algorithm, step.arguments, context)


def _check_parts(arguments: Mapping[str, Any]) -> Iterator[Problem]:
    for part in (each for each in PARTS if each not in arguments):
        yield f"Arguments.{part}", "it is missing: a training on instances has one"
    specification, resources = structure(arguments, PARTS[0]), structure(arguments, PARTS[1])
    if specification and ("TrainingImage" in specification) == ("AlgorithmName" in specification):
        yield (
            "Arguments.AlgorithmSpecification.TrainingImage",
            "an algorithm is either a TrainingImage or an AlgorithmName",
        )
    if resources and not resources.keys() & {"InstanceGroups", "InstancePreferences"}:
        for member in (each for each in ("InstanceType", "InstanceCount") if each not in resources):
            yield f"Arguments.ResourceConfig.{member}", "it is missing: on what, and how many of them?"


def _check_spot(arguments: Mapping[str, Any], algorithm: Algorithm | None) -> Iterator[Problem]:
    stopping, path = structure(arguments, "StoppingCondition"), "Arguments.StoppingCondition.MaxWaitTimeInSeconds"
    run, wait = stopping.get("MaxRuntimeInSeconds", DAY), stopping.get("MaxWaitTimeInSeconds")
    spot = arguments.get("EnableManagedSpotTraining") is True
    if wait is None and spot:
        yield path, "it is missing: spot training says how long it waits and runs together"
    elif wait is not None and not spot:
        yield path, "it is refused where EnableManagedSpotTraining is off"
    elif isinstance(wait, int) and isinstance(run, int) and wait < run:
        yield path, f"it is {wait}, less than MaxRuntimeInSeconds, which is {run}"
    elif isinstance(wait, int) and wait > LONGEST_WAIT_WITHOUT_CHECKPOINTS and not _resumes(arguments, algorithm):
        yield path, f"it is {wait}: at most {LONGEST_WAIT_WITHOUT_CHECKPOINTS} without checkpoints"


def _resumes(arguments: Mapping[str, Any], algorithm: Algorithm | None) -> bool:
    """A container of one's own is taken at its word."""
    return algorithm is None or (algorithm.checkpoints and "CheckpointConfig" in arguments)


def _check_channels(arguments: Mapping[str, Any], context: Context) -> Iterator[Problem]:
    channels = structures(arguments, "InputDataConfig")
    yield from repeated(channels, "Arguments.InputDataConfig", "ChannelName")
    for index, channel in enumerate(channels):
        path = f"Arguments.InputDataConfig[{index}]"
        source = structure(channel, "DataSource", "S3DataSource")
        if _is_manifest(channel):
            mode = channel.get("InputMode") or structure(arguments, "AlgorithmSpecification").get("TrainingInputMode")
            yield from _check_manifest(channel, source, context.known(mode), path)
        elif source.get("AttributeNames"):
            yield f"{path}.DataSource.S3DataSource.AttributeNames", f"only a channel of {MANIFEST} has attributes"


def _check_manifest(channel: Mapping[str, Any], source: Mapping[str, Any], mode: Any, path: str) -> Iterator[Problem]:
    if mode != "Pipe":
        yield f"{path}.InputMode", f"it is {mode!r}: an augmented manifest is streamed, in Pipe mode"
    if channel.get("RecordWrapperType") != "RecordIO":
        yield f"{path}.RecordWrapperType", "an augmented manifest's records are wrapped as RecordIO"
    if channel.get("CompressionType", "None") != "None":
        yield f"{path}.CompressionType", "an augmented manifest is not compressed"
    if not source.get("AttributeNames"):
        yield (
            f"{path}.DataSource.S3DataSource.AttributeNames",
            "which attributes of a line are read, and in which order?",
        )


def _check_algorithm(algorithm: Algorithm, arguments: Mapping[str, Any], context: Context) -> Iterator[Problem]:
    hyperparameters = structure(arguments, "HyperParameters")
    values = {
        key: value if isinstance(value := context.known(each), str) else None for key, each in hyperparameters.items()
    }
    for key, problem in algorithm.problems(values):
        yield f"Arguments.HyperParameters.{key}", problem
    channels = structures(arguments, "InputDataConfig")
    present = [channel.get("ChannelName") for channel in channels]
    for missing in (each for each in algorithm.required_channels if each not in present):
        yield "Arguments.InputDataConfig", f"{algorithm.name} requires the channel {missing!r}"
    content_types = algorithm.manifest_content_types(values.get("multi_label", "0"))
    for index, channel in enumerate(channels):
        path = f"Arguments.InputDataConfig[{index}]"
        yield from _check_feed(algorithm, channel, path, content_types, context)
    reads_manifests = any(_is_manifest(channel) for channel in channels)
    if reads_manifests:
        yield from _check_beside_manifests(values)
    yield from _check_instances(
        algorithm, structure(arguments, "ResourceConfig"), values.get("mode"), reads_manifests, context
    )


def _is_manifest(channel: Mapping[str, Any]) -> bool:
    return structure(channel, "DataSource", "S3DataSource").get("S3DataType") == MANIFEST


def _check_feed(
    algorithm: Algorithm,
    channel: Mapping[str, Any],
    path: str,
    content_types: tuple[str, ...],
    context: Context,
) -> Iterator[Problem]:
    """What a channel carries, for the algorithm that reads it."""
    source = structure(channel, "DataSource", "S3DataSource")
    if channel.get("ChannelName") not in algorithm.channels:
        yield f"{path}.ChannelName", f"{algorithm.name} has the channels {', '.join(algorithm.channels)}"
    content_type = context.known(channel.get("ContentType", ""))
    if not _is_manifest(channel):
        if algorithm.content_types and isinstance(content_type, str) and content_type:
            yield from _check_content_type(algorithm, content_type, f"{path}.ContentType")
        return
    if not algorithm.attributes:
        yield f"{path}.DataSource.S3DataSource.S3DataType", f"{algorithm.name} reads no augmented manifest"
        return
    if source.get("AttributeNames") and source["AttributeNames"] != list(algorithm.attributes):
        allowed = ", ".join(algorithm.attributes)
        yield f"{path}.DataSource.S3DataSource.AttributeNames", f"{algorithm.name} reads {allowed}, in this order"
    if content_type is not None and re.sub("; *", "; ", str(content_type)) not in content_types:
        allowed = " or ".join(content_types)
        yield f"{path}.ContentType", f"{algorithm.name} reads a manifest as {allowed}; it is {content_type!r}"


def _check_content_type(algorithm: Algorithm, content_type: str, path: str) -> Iterator[Problem]:
    if content_type.partition(";")[0].strip().lower() not in algorithm.content_types:
        yield path, f"{algorithm.name} reads {', '.join(algorithm.content_types)} here; it is {content_type!r}"


def _check_beside_manifests(values: Mapping[str, str | None]) -> Iterator[Problem]:
    if values.get("use_weighted_loss") == "1":
        yield "Arguments.HyperParameters.use_weighted_loss", "it fails with an augmented manifest (pos_cls_weights)"
    if values.get("mode") in VECTOR_MODES:
        yield "Arguments.HyperParameters.mode", f"it is {values['mode']}: only supervised reads augmented manifests"


def _check_instances(
    algorithm: Algorithm,
    resources: Mapping[str, Any],
    mode: str | None,
    reads_manifests: bool,
    context: Context,
) -> Iterator[Problem]:
    kind, count = (context.known(resources.get(member)) for member in ("InstanceType", "InstanceCount"))
    path = "Arguments.ResourceConfig.InstanceType"
    if isinstance(kind, str) and algorithm.families and not kind.startswith(algorithm.families):
        families = ", ".join(family.strip(".") for family in algorithm.families)
        needs_gpu = not any(family.startswith(("ml.m", "ml.c")) for family in algorithm.families)
        needs_gpu = needs_gpu and not kind.startswith(GPU_FAMILIES)
        only = f"only GPU instances are supported by algorithm {algorithm.name}; it" if needs_gpu else algorithm.name
        yield path, f"{only} trains on {families}, not on {kind}"
    if algorithm.name != "blazingtext":
        return
    if reads_manifests and isinstance(kind, str) and kind.startswith(GPU_FAMILIES):
        yield path, f"blazingtext trains on a CPU where it reads augmented manifests: it is {kind}"
    if isinstance(count, int) and count > 1 and mode != "batch_skipgram":
        yield "Arguments.ResourceConfig.InstanceCount", f"{mode} blazingtext trains on one instance: it is {count}"
