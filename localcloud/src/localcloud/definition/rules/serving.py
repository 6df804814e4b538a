"""Models, packages and endpoint configs beyond their shapes: containers that can be told apart and do serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.algorithms import GPU_FAMILIES, algorithm_of
from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Problem
from localcloud.definition.model import Step
from localcloud.definition.reading import repeated, structure, structures
from localcloud.definition.rules.requests import has_own_disk
from localcloud.frameworks.training import PROGRAM_VARIABLE

SERVERLESS_MEMORY = range(1024, 6145, 1024)


def check_model(step: Step, _: Context) -> Iterator[Problem]:
    if step.type != "Model":
        return
    arguments = step.arguments
    if ("PrimaryContainer" in arguments) == ("Containers" in arguments):
        yield "Arguments.Containers", "a model has either a PrimaryContainer or Containers"
    primary, containers = arguments.get("PrimaryContainer"), structures(arguments, "Containers")
    if isinstance(primary, Mapping):
        yield from _check_content(primary, "Arguments.PrimaryContainer")
    yield from _check_containers(containers, "Arguments.Containers", _is_direct(step))
    if _is_direct(step) and len(containers) < 2:
        yield "Arguments.Containers", "a model that is invoked directly has at least two containers"


def check_package(step: Step, _: Context) -> Iterator[Problem]:
    if step.type != "RegisterModel":
        return
    arguments = step.arguments
    if ("ModelPackageGroupName" in arguments) == ("ModelPackageName" in arguments):
        yield "Arguments.ModelPackageGroupName", "a package has either a group, and then versions, or a name"
    if "ModelPackageGroupName" in arguments and arguments.get("Tags"):
        yield "Arguments.Tags", "a versioned package wears its group's tags and takes none of its own"
    if not arguments.keys() & {"InferenceSpecification", "SourceAlgorithmSpecification", "SourceUri"}:
        yield "Arguments.InferenceSpecification", "it is missing: a package without containers serves nothing"
    containers = structures(arguments, "InferenceSpecification", "Containers")
    yield from _check_containers(containers, "Arguments.InferenceSpecification.Containers", False)


def check_model_data(step: Step, context: Context) -> Iterator[Problem]:
    """The service makes such a model, and it never serves."""
    places: dict[str, list[Any]] = {"PrimaryContainer": [step.arguments.get("PrimaryContainer")]}
    for path in ("Containers", "InferenceSpecification.Containers"):
        places[path] = structures(step.arguments, *path.split("."))
    for path, containers in places.items():
        for index, container in enumerate(map(structure, containers)):
            own = PROGRAM_VARIABLE in structure(container, "Environment")
            built_in = algorithm_of(context.known(container.get("Image")), is_own=own)
            if built_in and not container.keys() & {"ModelDataUrl", "ModelDataSource"}:
                where = path if path == "PrimaryContainer" else f"{path}[{index}]"
                yield f"Arguments.{where}.ModelDataUrl", f"it is missing: {built_in.name} serves what a training left"


def check_endpoint_config(step: Step, context: Context) -> Iterator[Problem]:
    if step.type != "EndpointConfig":
        return
    variants = structures(step.arguments, "ProductionVariants")
    for index, variant in enumerate(variants):
        yield from _check_variant(variant, f"Arguments.ProductionVariants[{index}]")
        if "KmsKeyId" in step.arguments and has_own_disk(variant, context):
            yield "Arguments.KmsKeyId", f"the instances of variant {index} have disks of their own, which take no key"
        if _is_direct(context.step_behind(variant.get("ModelName"))):
            yield from _check_direct_variant(step.arguments, variant, index, context)
    yield from repeated(variants, "Arguments.ProductionVariants", "VariantName")


def _check_direct_variant(
    arguments: Mapping[str, Any], variant: Mapping[str, Any], index: int, context: Context
) -> Iterator[Problem]:
    for member in ("DataCaptureConfig", "ShadowProductionVariants"):
        if arguments.get(member):
            yield f"Arguments.{member}", "it is not offered for a model that is invoked directly"
    kind = context.known(variant.get("InstanceType"))
    if isinstance(kind, str) and kind.startswith(GPU_FAMILIES):
        path = f"Arguments.ProductionVariants[{index}].InstanceType"
        yield path, f"it is {kind}: a model that is invoked directly is not served on a GPU"


def _check_variant(variant: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if "ModelName" not in variant:
        yield f"{path}.ModelName", "it is missing: a variant without a model serves nothing"
    serverless = structure(variant, "ServerlessConfig")
    memory = serverless.get("MemorySizeInMB")
    if isinstance(memory, int) and memory not in SERVERLESS_MEMORY:
        yield f"{path}.ServerlessConfig.MemorySizeInMB", f"it is {memory}: 1024 to 6144 in steps of 1024"
    most, provisioned = serverless.get("MaxConcurrency"), serverless.get("ProvisionedConcurrency")
    if isinstance(most, int) and isinstance(provisioned, int) and provisioned > most:
        yield (
            f"{path}.ServerlessConfig.ProvisionedConcurrency",
            f"it is {provisioned}, more than MaxConcurrency, {most}",
        )
    if serverless:
        for member in ("InstanceType", "InitialInstanceCount"):
            if member in variant:
                yield f"{path}.{member}", "a variant is on instances or serverless, not both"
    if "ServerlessConfig" not in variant:
        for member in ("InstanceType", "InitialInstanceCount"):
            if member not in variant:
                yield f"{path}.{member}", "it is missing"


def _check_containers(containers: list[Mapping[str, Any]], path: str, is_direct: bool) -> Iterator[Problem]:
    """Of several, all have a hostname or none; those that are invoked directly have one."""
    is_named = is_direct or any("ContainerHostname" in container for container in containers)
    for index, container in enumerate(containers):
        yield from _check_content(container, f"{path}[{index}]")
        if is_named and not container.get("ContainerHostname"):
            yield f"{path}[{index}].ContainerHostname", "it is missing: an invocation names the container by it"
    yield from repeated(containers, path, "ContainerHostname")


def _check_content(container: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if "Image" not in container and "ModelPackageName" not in container:
        yield f"{path}.Image", "it is missing: a container is an image, or a model package"


def _is_direct(step: Step | None) -> bool:
    return step is not None and structure(step.arguments, "InferenceExecutionConfig").get("Mode") == "Direct"
