"""The images of a definition's steps, and the commands that do without theirs, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud import algorithms
from localcloud.definition.expressions.references import references
from localcloud.definition.expressions.resolve import Scope, resolve
from localcloud.definition.model import Definition, Step
from localcloud.errors import ValidationException
from localcloud.frameworks.hyperparameters import PROGRAM
from localcloud.frameworks.training import PROGRAM_VARIABLE
from localcloud.jobs.checks import check_command
from localcloud.jobs.training.programs import check_runs


def check_images(definition: Definition, steps: list[str], parameters: Mapping[str, Any]) -> None:
    """Raises ValidationException, naming the step, for an image or a command that nobody can run here.

    What only another step's result names is looked at when its step comes.
    """
    scope = Scope(definition, parameters, {}, properties=lambda _: {}, read=lambda _: None)
    for name in steps:
        for value, check in _image_checks(definition.steps[name]):
            if any(reference.parameter is None for reference in references(value)):
                continue
            try:
                check(resolve(value, scope))
            except ValidationException as error:
                raise ValidationException(f"step {name!r}: {error.message}") from None


def _image_checks(step: Step) -> Iterator[tuple[Any, Callable[[Any], object]]]:
    """What of a step says which image or command runs, and what refuses it."""
    application, training = step.arguments.get("AppSpecification"), step.arguments.get("AlgorithmSpecification")
    if application and application.get("ImageUri"):
        yield _members(application, "ImageUri", "ContainerEntrypoint"), check_command
    if training and training.get("TrainingImage"):
        yield (
            {
                "AlgorithmSpecification": _members(training, "TrainingImage", "ContainerEntrypoint"),
                "HyperParameters": _members(step.arguments.get("HyperParameters") or {}, PROGRAM),
                "Environment": _members(step.arguments.get("Environment") or {}, PROGRAM_VARIABLE),
            },
            check_runs,
        )
    for container in step.arguments.get("PrimaryContainer"), *(step.arguments.get("Containers") or ()):
        if isinstance(container, dict) and container.get("Image"):
            yield container["Image"], _check_image


def _members(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: content[name] for name in names if content.get(name)}


def _check_image(image: Any) -> None:
    algorithms.check_emulated_or_own(str(image))
