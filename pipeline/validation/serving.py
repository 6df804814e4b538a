"""Models, packages and endpoint configs beyond their shapes: containers that can be told apart and do serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition import Reference, Step
from pipeline.validation.algorithms import ALGORITHMS, algorithm_name
from pipeline.validation.reading import structure, structures
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import Surroundings

# The client finds the combiner through this variable of both containers; without it a package is not deployed.
COMBINER = "MEMOTION_ENSEMBLE_URI"


def check_model(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "Model":
        return
    arguments = step.arguments
    if ("PrimaryContainer" in arguments) == ("Containers" in arguments):
        yield "Arguments.Containers", "a model has either a PrimaryContainer or Containers"
    primary, containers = arguments.get("PrimaryContainer"), structures(arguments, "Containers")
    if isinstance(primary, Mapping):
        yield from _check_content(primary, "Arguments.PrimaryContainer", surroundings)
    yield from _check_containers(containers, "Arguments.Containers", surroundings)
    if _is_direct(step):
        yield from _check_direct(containers, "Arguments.Containers")


def check_package(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "RegisterModel":
        return
    arguments = step.arguments
    if ("ModelPackageGroupName" in arguments) == ("ModelPackageName" in arguments):
        yield "Arguments.ModelPackageGroupName", "a package has either a group, and then versions, or a name"
    if "ModelPackageGroupName" in arguments and arguments.get("Tags"):
        yield "Arguments.Tags", "a versioned package wears its group's tags and takes none of its own"
    specification = arguments.get("InferenceSpecification")
    if not isinstance(specification, Mapping):
        yield "Arguments.InferenceSpecification", "it is missing: a package without containers serves nothing"
        return
    path, containers = "Arguments.InferenceSpecification.Containers", structures(specification, "Containers")
    yield from _check_containers(containers, path, surroundings)
    if len(containers) > 1:
        yield from _check_direct(containers, path)


def check_endpoint_config(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "EndpointConfig":
        return
    variants = structures(step.arguments, "ProductionVariants")
    for index, variant in enumerate(variants):
        yield from _check_variant(variant, f"Arguments.ProductionVariants[{index}]")
        if "DataCaptureConfig" in step.arguments and _is_direct(_model(variant, surroundings)):
            yield "Arguments.DataCaptureConfig", "there is no data capture for a model that is invoked directly"
    yield from _unique(variants, "VariantName", "Arguments.ProductionVariants")


def _check_variant(variant: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if "ModelName" not in variant:
        yield f"{path}.ModelName", "it is missing: a variant without a model serves nothing"
    if "ServerlessConfig" not in variant:
        for member in ("InstanceType", "InitialInstanceCount"):
            if member not in variant:
                yield f"{path}.{member}", "it is missing"


def _check_containers(containers: list[Mapping[str, Any]], path: str, surroundings: Surroundings) -> Iterator[Problem]:
    for index, container in enumerate(containers):
        yield from _check_content(container, f"{path}[{index}]", surroundings)
    yield from _unique(containers, "ContainerHostname", path)
    hostnames = {str(container.get("ContainerHostname")) for container in containers}
    told = [COMBINER in structure(container, "Environment") for container in containers]
    if any(told) or hostnames >= ALGORITHMS.keys():
        for index in (index for index, is_told in enumerate(told) if not is_told):
            yield f"{path}[{index}].Environment.{COMBINER}", "it is missing: every container of the ensemble names it"


def _check_content(container: Mapping[str, Any], path: str, surroundings: Surroundings) -> Iterator[Problem]:
    if "Image" not in container and "ModelPackageName" not in container:
        yield f"{path}.Image", "it is missing: a container is an image, or a model package"
    built_in = algorithm_name(surroundings.known(container.get("Image")))
    if built_in and "ModelDataUrl" not in container and "ModelDataSource" not in container:
        yield f"{path}.ModelDataUrl", f"it is missing: {built_in} serves what a training left"


def _check_direct(containers: list[Mapping[str, Any]], path: str) -> Iterator[Problem]:
    if len(containers) < 2:
        yield path, "a model that is invoked directly has at least two containers"
    for index, container in enumerate(containers):
        if not container.get("ContainerHostname"):
            yield f"{path}[{index}].ContainerHostname", "it is missing: an invocation names the container by it"


def _unique(items: list[Mapping[str, Any]], member: str, path: str) -> Iterator[Problem]:
    counted = Counter(str(item[member]) for item in items if member in item)
    for index, item in enumerate(items):
        if member in item and counted[str(item[member])] > 1:
            yield f"{path}[{index}].{member}", f"{item[member]!r} stands {counted[str(item[member])]} times"


def _is_direct(step: Step | None) -> bool:
    return step is not None and structure(step.arguments, "InferenceExecutionConfig").get("Mode") == "Direct"


def _model(variant: Mapping[str, Any], surroundings: Surroundings) -> Step | None:
    given = variant.get("ModelName")
    name = Reference("", str(given.get("Get"))).step if isinstance(given, Mapping) else None
    return surroundings.steps.get(name or "")
