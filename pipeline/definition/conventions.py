"""What this project asks of its definition beyond what the service does, found by the verbs that check one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import localcloud
from localcloud import Definition, Finding, Step, ValidationException

# The client finds the combiner through this variable of every container; without it a package is not deployed.
COMBINER = "MEMOTION_ENSEMBLE_URI"
ALGORITHMS = {"image-classification", "blazingtext"}
# What a cache hit compares, of the step types that have a cache.
CACHE_KEYS = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": ("AlgorithmSpecification", "CheckpointConfig", "Environment", "HyperParameters", "InputDataConfig"),
    "Transform": ("TransformInput", "Environment", "ModelName"),
}


def findings(definition: str | bytes) -> list[Finding]:
    """What the service would refuse of a definition, and what this project would."""
    service_findings = localcloud.validate(definition)
    try:
        read = localcloud.read(definition)
    except ValidationException:
        return service_findings
    return list(dict.fromkeys([*service_findings, *_findings(read)]))


def _findings(definition: Definition) -> Iterator[Finding]:
    for step in definition.steps.values():
        for path, message in (*_role(step), *_caching(step), *_checkpoints(step), *_ensemble(step), *_shifting(step)):
            yield Finding(step.name, f"Arguments.{path}", message)


def _role(step: Step) -> Iterator[tuple[str, str]]:
    """The service would take the pipeline's role; here every job says under which it runs."""
    if step.type in ("Processing", "Training") and "RoleArn" not in step.arguments:
        yield "RoleArn", "it is missing: a job says under which role it runs"


def _caching(step: Step) -> Iterator[tuple[str, str]]:
    """Nothing of an execution stands in a cached step's key."""
    if _at(step.body, "CacheConfig", "Enabled") is not True:
        return
    for argument in step.origins:
        if argument.path.startswith(CACHE_KEYS.get(step.type, ())):
            for reference in argument.references:
                if reference.source == "Execution":
                    yield argument.path, f"{reference.text} stands in the cache key, so this step never hits its cache"


def _checkpoints(step: Step) -> Iterator[tuple[str, str]]:
    """What lies there is restored into whatever training names it; a container of one's own may want that."""
    image = str(_at(step.arguments, "AlgorithmSpecification", "TrainingImage"))
    if step.type != "Training" or image.rpartition("/")[2].partition(":")[0] not in ALGORITHMS:
        return
    for argument in step.origins:
        if argument.path == "CheckpointConfig.S3Uri" and not argument.references:
            yield argument.path, f"{argument.value} is the same for every training: each would resume another's"


def _ensemble(step: Step) -> Iterator[tuple[str, str]]:
    """The containers of the ensemble are asked one by one, by name, and each names the combiner."""
    containers, path = _at(step.arguments, "Containers"), "Containers"
    if step.type == "RegisterModel":
        path = "InferenceSpecification.Containers"
        containers = _at(step.arguments, "InferenceSpecification", "Containers")
    if not isinstance(containers, list) or not _is_ensemble(containers):
        return
    is_direct = _at(step.arguments, "InferenceExecutionConfig", "Mode") == "Direct"
    if step.type == "Model" and len(containers) > 1 and not is_direct:
        yield "InferenceExecutionConfig.Mode", "it is not Direct: the ensemble's containers are asked one by one"
    for index, container in enumerate(containers):
        if not _at(container, "ContainerHostname"):
            yield f"{path}[{index}].ContainerHostname", "it is missing: an invocation names the container by it"
        if _at(container, "Environment", COMBINER) is None:
            yield f"{path}[{index}].Environment.{COMBINER}", "it is missing: every container of the ensemble names it"


def _is_ensemble(containers: Sequence[Any]) -> bool:
    hostnames = {str(_at(container, "ContainerHostname")) for container in containers}
    return hostnames >= ALGORITHMS or any(_at(each, "Environment", COMBINER) is not None for each in containers)


def _shifting(step: Step) -> Iterator[tuple[str, str]]:
    if step.type == "Endpoint" and "DeploymentConfig" in step.arguments:
        yield "DeploymentConfig", "an Endpoint step shifts no traffic: the deploy verb does"


def _at(value: Any, *path: str) -> Any:
    """What stands at a path of members; None where nothing does."""
    for member in path:
        value = value.get(member) if isinstance(value, Mapping) else None
    return value
