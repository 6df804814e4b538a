"""The images of a definition's steps, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud import algorithms
from localcloud.definition.model import Definition, Step
from localcloud.definition.references import references
from localcloud.definition.resolve import Scope, resolve
from localcloud.errors import ValidationException
from localcloud.jobs.checks import check_processing_image


def check_images(definition: Definition, steps: list[str], parameters: Mapping[str, Any]) -> None:
    """Raises ValidationException, naming the step, for an image that nobody can run here.

    An image that only another step's result names is looked at when its step comes.
    """
    scope = Scope(definition, parameters, {}, properties=lambda _: {}, read=lambda _: None)
    for name in steps:
        for image, check in _images(definition.steps[name]):
            if any(reference.source != "Parameters" for reference in references(image)):
                continue
            try:
                check(resolve(image, scope))
            except ValidationException as error:
                raise ValidationException(f"step {name!r}: {error.message}") from None


def _images(step: Step) -> Iterator[tuple[Any, Callable[[str], object]]]:
    """Each image of a step, and what refuses it."""
    arguments = step.arguments
    yield from _member(arguments.get("AppSpecification"), "ImageUri", check_processing_image)
    yield from _member(arguments.get("AlgorithmSpecification"), "TrainingImage", algorithms.find)
    for container in [arguments.get("PrimaryContainer"), *(arguments.get("Containers") or ())]:
        yield from _member(container, "Image", algorithms.find)


def _member(
    holder: Mapping[str, Any] | None, member: str, check: Callable[[str], object]
) -> Iterator[tuple[Any, Callable[[str], object]]]:
    if holder and holder.get(member):
        yield holder[member], check
