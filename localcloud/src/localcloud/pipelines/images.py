"""The images of a definition's steps, and the commands that do without theirs, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud import algorithms
from localcloud.definition.model import Definition, Step
from localcloud.definition.references import references
from localcloud.definition.resolve import Scope, resolve
from localcloud.errors import ValidationException
from localcloud.jobs.checks import check_command


def check_images(definition: Definition, steps: list[str], parameters: Mapping[str, Any]) -> None:
    """Raises ValidationException, naming the step, for an image or a command that nobody can run here.

    What only another step's result names is looked at when its step comes.
    """
    scope = Scope(definition, parameters, {}, properties=lambda _: {}, read=lambda _: None)
    for name in steps:
        for named, check in _named(definition.steps[name]):
            if any(reference.parameter is None for reference in references(named)):
                continue
            try:
                check(resolve(named, scope))
            except ValidationException as error:
                raise ValidationException(f"step {name!r}: {error.message}") from None


def _named(step: Step) -> Iterator[tuple[Any, Callable[[Any], object]]]:
    """Each image of a step, or the command that is run in place of one, and what refuses it."""
    application, training = step.arguments.get("AppSpecification"), step.arguments.get("AlgorithmSpecification")
    if application and application.get("ImageUri"):
        yield {name: application.get(name) for name in ("ImageUri", "ContainerEntrypoint")}, check_command
    for container, member in [
        (training, "TrainingImage"),
        (step.arguments.get("PrimaryContainer"), "Image"),
        *((container, "Image") for container in step.arguments.get("Containers") or ()),
    ]:
        if isinstance(container, dict) and container.get(member):
            yield container[member], _check_image


def _check_image(image: Any) -> None:
    algorithms.find(str(image))
