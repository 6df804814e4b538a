"""What a step refers to is there, and the functions over it are of the service's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.definition import Step
from pipeline.validation.reading import structures
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import MissingTargetError, Surroundings

MEMBERS = {"Std:Join": {"On", "Values"}, "Std:JsonGet": {"PropertyFile", "S3Uri", "Path"}}
LISTED = "PropertyFileName", "OutputName", "FilePath"


def check_references(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    for reference in step.references:
        try:
            surroundings.target(reference.target)
        except MissingTargetError as missing:
            yield reference.path, str(missing)
            continue
        if reference.step is not None and _in_the_other_branch(step, surroundings.steps[reference.step]):
            yield reference.path, f"it refers to {reference.step}, which runs only in the other branch"


def _in_the_other_branch(step: Step, other: Step) -> bool:
    return step.condition is not None and step.condition == other.condition and step.branch != other.branch


def check_functions(step: Step, _: Surroundings) -> Iterator[Problem]:
    """Joins and JsonGets wherever they stand."""
    for path, name, body in _functions(step.arguments, "Arguments"):
        if name not in MEMBERS:
            yield path, f"there is no function {name}; there are {' and '.join(MEMBERS)}"
        elif not isinstance(body, Mapping) or not body.keys() <= MEMBERS[name]:
            yield path, f"{name} has {', '.join(sorted(MEMBERS[name]))} and nothing else"
        elif name == "Std:Join" and not isinstance(body.get("Values"), list):
            yield f"{path}.Values", "a join without a list of values"
        elif name == "Std:JsonGet":
            yield from _check_json_get(body, path)


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


def _check_json_get(body: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if not isinstance(body.get("Path"), str) or not body["Path"]:
        yield f"{path}.Path", "a JsonGet without the path of a value"
    if ("PropertyFile" in body) == ("S3Uri" in body):
        yield path, "a JsonGet reads either a PropertyFile or an S3Uri"
    source = body.get("PropertyFile")
    if source is not None and ".PropertyFiles." not in str(
        source.get("Get") if isinstance(source, Mapping) else source
    ):
        yield f"{path}.PropertyFile", "it names no Steps.NAME.PropertyFiles.FILE"


def check_property_files(step: Step, _: Surroundings) -> Iterator[Problem]:
    """They are outputs of a processing job."""
    files = step.body.get("PropertyFiles") or ()
    if files and step.type != "Processing":
        yield "PropertyFiles", f"a {step.type} step has no property files: only a processing job writes them"
        return
    outputs = [output.get("OutputName") for output in structures(step.arguments, "ProcessingOutputConfig", "Outputs")]
    for index, file in enumerate(files):
        for member in LISTED:
            if not file.get(member):
                yield f"PropertyFiles[{index}].{member}", "it is missing"
        if file.get("OutputName") not in outputs:
            yield f"PropertyFiles[{index}].OutputName", f"the job has no output {file.get('OutputName')!r}: {outputs}"
