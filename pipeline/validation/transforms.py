"""Batch transforms beyond their shape: what fits into memory, and what the model's algorithm reads and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition import Reference, Step
from pipeline.validation.algorithms import algorithm_name
from pipeline.validation.reading import structure
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import Surroundings

MOST_MEGABYTES = 100
IMAGES = ("application/x-image", "image/jpeg", "image/png")
JSON_LINES = "application/jsonlines"


def check_transform(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    if step.type != "Transform":
        return
    yield from _check_payload(step.arguments, surroundings)
    algorithm = algorithm_name(_image(step, surroundings))
    if algorithm == "blazingtext":
        yield from _check_text(step.arguments)
    elif algorithm == "image-classification":
        yield from _check_images(step.arguments)


def _check_payload(arguments: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Problem]:
    concurrent = surroundings.known(arguments.get("MaxConcurrentTransforms", 1))
    megabytes = surroundings.known(arguments.get("MaxPayloadInMB", 6))
    if isinstance(concurrent, int) and isinstance(megabytes, int) and concurrent * megabytes > MOST_MEGABYTES:
        yield "Arguments.MaxPayloadInMB", f"{concurrent} at a time of {megabytes} MB: at most {MOST_MEGABYTES} together"


def _check_text(arguments: Mapping[str, Any]) -> Iterator[Problem]:
    given, output = structure(arguments, "TransformInput"), structure(arguments, "TransformOutput")
    wanted = (
        ("Arguments.TransformInput.ContentType", given.get("ContentType"), JSON_LINES),
        ("Arguments.TransformInput.SplitType", given.get("SplitType"), "Line"),
        ("Arguments.TransformOutput.Accept", output.get("Accept"), JSON_LINES),
        ("Arguments.TransformOutput.AssembleWith", output.get("AssembleWith"), "Line"),
    )
    for path, found, expected in wanted:
        if found != expected:
            yield path, f"it is {found!r}: BlazingText's batch transform wants {expected!r}"


def _check_images(arguments: Mapping[str, Any]) -> Iterator[Problem]:
    given = structure(arguments, "TransformInput")
    if given.get("ContentType") not in IMAGES:
        yield "Arguments.TransformInput.ContentType", f"it is {given.get('ContentType')!r}: one of {', '.join(IMAGES)}"
    if given.get("SplitType", "None") != "None":
        yield "Arguments.TransformInput.SplitType", f"it is {given.get('SplitType')!r}: a picture is not split"


def _image(step: Step, surroundings: Surroundings) -> Any:
    """The image of the model that the step asks, where that is another step of this pipeline."""
    given = step.arguments.get("ModelName")
    name = Reference("", str(given.get("Get"))).step if isinstance(given, Mapping) else None
    model = surroundings.steps.get(name or "")
    return structure(model.arguments, "PrimaryContainer").get("Image") if model else None
