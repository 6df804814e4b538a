"""Batch transforms beyond their shape: what fits into memory, and what the model's algorithm reads and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.algorithms import algorithm_of
from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.expressions.references import is_expression
from localcloud.definition.finding import Problem
from localcloud.definition.model import Step
from localcloud.definition.reading import structure
from localcloud.frameworks.training import PROGRAM_VARIABLE

MOST_MEGABYTES = 100
JSON_LINES = "application/jsonlines"
INPUT, OUTPUT = "TransformInput", "TransformOutput"
# What a member of the request may be where the model is a built-in algorithm's; None: it may be left out.
WANTED: dict[str, dict[tuple[str, str], tuple[str | None, ...]]] = {
    "blazingtext": {
        (INPUT, "ContentType"): (JSON_LINES,),
        (INPUT, "SplitType"): ("Line",),
        (OUTPUT, "Accept"): (JSON_LINES,),
        (OUTPUT, "AssembleWith"): ("Line",),
    },
    "image-classification": {
        (INPUT, "ContentType"): ("application/x-image", "image/jpeg", "image/png"),
        (INPUT, "SplitType"): ("None", None),
        (OUTPUT, "Accept"): ("application/json", JSON_LINES, None),
    },
    "xgboost": {
        (INPUT, "ContentType"): ("text/csv", "csv", "text/libsvm", "text/x-libsvm", "libsvm", None),
        (INPUT, "SplitType"): ("Line", "None", None),
        (OUTPUT, "Accept"): ("text/csv", "application/json", JSON_LINES, None),
    },
}


def check_transform(step: Step, context: Context) -> Iterator[Problem]:
    if step.type != "Transform":
        return
    yield from _check_payload(step.arguments, context)
    source = structure(step.arguments, INPUT, "DataSource", "S3DataSource")
    if source.get("S3DataType") == "AugmentedManifestFile":
        path = f"Arguments.{INPUT}.DataSource.S3DataSource.S3DataType"
        yield path, "a batch transform reads S3Prefix or ManifestFile, no augmented manifest"
    model = context.step_behind(step.arguments.get("ModelName"))
    container = structure(model.arguments, "PrimaryContainer") if model else {}
    own = PROGRAM_VARIABLE in structure(container, "Environment")
    algorithm = algorithm_of(context.known(container.get("Image")), is_own=own)
    yield from _check_formats(step.arguments, algorithm.name if algorithm else "", context)


def _check_payload(arguments: Mapping[str, Any], context: Context) -> Iterator[Problem]:
    concurrent = context.known(arguments.get("MaxConcurrentTransforms", 1))
    megabytes = context.known(arguments.get("MaxPayloadInMB", 6))
    if isinstance(concurrent, int) and isinstance(megabytes, int) and concurrent * megabytes > MOST_MEGABYTES:
        yield "Arguments.MaxPayloadInMB", f"{concurrent} at a time of {megabytes} MB: at most {MOST_MEGABYTES} together"


def _check_formats(arguments: Mapping[str, Any], algorithm: str, context: Context) -> Iterator[Problem]:
    for (part, member), formats in WANTED.get(algorithm, {}).items():
        argument = structure(arguments, part).get(member)
        value = context.known(argument)
        if value not in formats and not (value is None and is_expression(argument)):
            allowed = " or ".join(str(each) for each in formats if each is not None)
            yield f"Arguments.{part}.{member}", f"it is {value!r}: {algorithm} transforms with {allowed}"
