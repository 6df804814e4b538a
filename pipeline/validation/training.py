"""Training jobs beyond their shape: spot, checkpoints, and what the built-in algorithms and their manifests ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition import Step, references
from pipeline.validation.algorithms import ALGORITHMS, Algorithm, algorithm_name, check_hyperparameters
from pipeline.validation.reading import structure, structures
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import Surroundings

LONGEST_WAIT_WITHOUT_CHECKPOINTS = 3600
GPU_FAMILIES = ("ml.p", "ml.g")
MANIFEST = "AugmentedManifestFile"


def check_training(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "Training":
        return
    image = surroundings.known(structure(step.arguments, "AlgorithmSpecification").get("TrainingImage"))
    name = algorithm_name(image)
    yield from _check_spot(step.arguments, ALGORITHMS.get(name or ""))
    yield from _check_checkpoints(step.arguments)
    yield from _check_channels(step.arguments, surroundings)
    if name is not None:
        yield from _check_algorithm(name, step.arguments, surroundings)


def _check_spot(arguments: Mapping[str, Any], algorithm: Algorithm | None) -> Iterator[Problem]:
    stopping, path = structure(arguments, "StoppingCondition"), "Arguments.StoppingCondition.MaxWaitTimeInSeconds"
    run, wait = stopping.get("MaxRuntimeInSeconds", 0), stopping.get("MaxWaitTimeInSeconds")
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


def _check_checkpoints(arguments: Mapping[str, Any]) -> Iterator[Problem]:
    uri = structure(arguments, "CheckpointConfig").get("S3Uri")
    if isinstance(uri, str) and not list(references(uri, "")):
        yield "Arguments.CheckpointConfig.S3Uri", f"{uri} is the same for every training: each would resume another's"


def _check_channels(arguments: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Problem]:
    names = Counter(str(channel.get("ChannelName")) for channel in structures(arguments, "InputDataConfig"))
    for index, channel in enumerate(structures(arguments, "InputDataConfig")):
        path = f"Arguments.InputDataConfig[{index}]"
        if names[str(channel.get("ChannelName"))] > 1:
            yield f"{path}.ChannelName", f"two channels are called {channel.get('ChannelName')}"
        source = structure(channel, "DataSource", "S3DataSource")
        if source.get("S3DataType") == MANIFEST:
            mode = channel.get("InputMode") or structure(arguments, "AlgorithmSpecification").get("TrainingInputMode")
            yield from _check_manifest(channel, source, surroundings.known(mode), path)
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


def _check_algorithm(name: str, arguments: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Problem]:
    for key, problem in check_hyperparameters(name, structure(arguments, "HyperParameters"), surroundings):
        yield f"Arguments.HyperParameters.{key}", problem
    yield from _check_instances(name, arguments, surroundings)
    algorithm, channels = ALGORITHMS[name], structures(arguments, "InputDataConfig")
    present = [channel.get("ChannelName") for channel in channels]
    for missing in (each for each in algorithm.required_channels if each not in present):
        yield "Arguments.InputDataConfig", f"{name} requires the channel {missing}"
    for index, channel in enumerate(channels):
        yield from _check_feed(name, channel, f"Arguments.InputDataConfig[{index}]")


def _check_feed(name: str, channel: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """What a channel carries, for the algorithm that reads it."""
    algorithm, source = ALGORITHMS[name], structure(channel, "DataSource", "S3DataSource")
    if channel.get("ChannelName") not in algorithm.channels:
        yield f"{path}.ChannelName", f"{name} has the channels {', '.join(algorithm.channels)}"
    if source.get("S3DataType") != MANIFEST:
        return
    if source.get("AttributeNames") and source["AttributeNames"] != list(algorithm.attributes):
        wanted = ", ".join(algorithm.attributes)
        yield f"{path}.DataSource.S3DataSource.AttributeNames", f"{name} reads {wanted}, in this order"
    if channel.get("ContentType") not in algorithm.manifest_content_types:
        wanted = " or ".join(algorithm.manifest_content_types)
        yield f"{path}.ContentType", f"{name} reads a manifest as {wanted}; it is {channel.get('ContentType')!r}"


def _check_instances(name: str, arguments: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Problem]:
    resources = structure(arguments, "ResourceConfig")
    kind, count = surroundings.known(resources.get("InstanceType")), surroundings.known(resources.get("InstanceCount"))
    on_gpu = ALGORITHMS[name].on_gpu
    if isinstance(kind, str) and kind.startswith(GPU_FAMILIES) != on_gpu:
        wanted = "a GPU" if on_gpu else "a CPU where it reads augmented manifests"
        yield "Arguments.ResourceConfig.InstanceType", f"{name} trains on {wanted}: it is {kind}"
    if name == "blazingtext" and isinstance(count, int) and count > 1:
        yield "Arguments.ResourceConfig.InstanceCount", f"supervised {name} trains on one instance: it is {count}"
