"""What a step refers to is there, and the functions over it are of the service's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.definition.expressions.placeholders import Context, MissingTargetError
from localcloud.definition.expressions.references import FUNCTIONS, PROPERTY_FILES, Reference, function_of, parse_path
from localcloud.definition.finding import Problem
from localcloud.definition.model import Step
from localcloud.definition.reading import repeated, structures, unknown
from localcloud.definition.rules.flow import in_the_other_branch
from localcloud.errors import ValidationException

LISTED = ("PropertyFileName", "OutputName", "FilePath")


def check_references(step: Step, context: Context) -> Iterator[Problem]:
    for reference in step.references:
        missing = missing_target(reference, context)
        if missing is not None:
            yield reference.place, missing
        elif reference.step is not None and in_the_other_branch(step, context.steps[reference.step]):
            yield reference.place, f"it refers to {reference.step}, which runs only in the other branch"


def missing_target(reference: Reference, context: Context) -> str | None:
    """What is missing of what it refers to, in a sentence; None if nothing is."""
    try:
        context.target(reference)
    except MissingTargetError as missing:
        return str(missing)
    return None


def check_functions(step: Step, context: Context) -> Iterator[Problem]:
    """Joins and JsonGets wherever they stand."""
    for path, name, body in _functions(step.arguments, "Arguments"):
        if name not in FUNCTIONS:
            yield path, f"there is no function {name}; there are {' and '.join(FUNCTIONS)}"
        elif not isinstance(body, Mapping) or not body.keys() <= FUNCTIONS[name]:
            yield path, f"{name} has {', '.join(sorted(FUNCTIONS[name]))} and nothing else"
        elif name == "Std:Join":
            yield from _check_join(body, path, context)
        else:
            yield from _check_json_get(body, path, context)


def _functions(value: object, path: str) -> Iterator[tuple[str, str, Any]]:
    """Path, name and body of every function, inner ones too."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key.startswith("Std:"):
                yield path, key, inner
            yield from _functions(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _functions(item, f"{path}[{index}]")


def _check_join(body: Mapping[str, Any], path: str, context: Context) -> Iterator[Problem]:
    if not isinstance(body.get("On", ""), str):
        yield f"{path}.On", f"it is {body['On']!r}, not the text that stands between the values"
    values = body.get("Values")
    if not isinstance(values, list):
        yield f"{path}.Values", "a join without a list of values"
        return
    for index, value in enumerate(values):
        if not context.is_scalar(value):
            yield f"{path}.Values[{index}]", "a join is of texts, numbers and truths, and references to them"


def _check_json_get(body: Mapping[str, Any], path: str, context: Context) -> Iterator[Problem]:
    try:
        parse_path(body["Path"])
    except (KeyError, AttributeError, ValidationException):
        yield f"{path}.Path", f"it is {body.get('Path')!r}, not the path of a value: member.list[0]['name']"
    if ("PropertyFile" in body) == ("S3Uri" in body):
        yield path, "a JsonGet reads either a PropertyFile or an S3Uri"
    if "PropertyFile" in body and not _is_property_file(body["PropertyFile"]):
        yield f"{path}.PropertyFile", "it names no Steps.NAME.PropertyFiles.FILE"
    uri = context.known(body.get("S3Uri"))
    if uri is not None and not str(uri).startswith("s3://"):
        yield f"{path}.S3Uri", f"it is {uri!r}, which is no s3:// URI"


def _is_property_file(value: Any) -> bool:
    return function_of(value) == "Get" and f".{PROPERTY_FILES}." in str(value["Get"])


def check_property_files(step: Step, _: Context) -> Iterator[Problem]:
    """They are outputs of a processing job."""
    files = structures(step.body, "PropertyFiles")
    if files and step.type != "Processing":
        yield "PropertyFiles", f"a {step.type} step has no property files: only a processing job writes them"
        return
    outputs = [output.get("OutputName") for output in structures(step.arguments, "ProcessingOutputConfig", "Outputs")]
    for index, file in enumerate(files):
        for member, message in _check_property_file(file, outputs):
            yield f"PropertyFiles[{index}].{member}", message
    yield from repeated(files, "PropertyFiles", "PropertyFileName")


def _check_property_file(file: Mapping[str, Any], outputs: list[Any]) -> Iterator[Problem]:
    yield from unknown(file, LISTED, "a property file")
    for member in LISTED:
        if not isinstance(file.get(member), str) or not file[member]:
            yield member, "it is missing, or no text"
    if file.get("OutputName") not in outputs:
        yield "OutputName", f"the job has no output {file.get('OutputName')!r}: {outputs}"
