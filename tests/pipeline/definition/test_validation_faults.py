"""Every seeded fault is found, at its step and field; the definition as it stands has no finding."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.definition.compile import CompiledPipeline
from pipeline.definition.conventions import findings

Json = dict[str, Any]
# Each is seeded into the good definition: `step` is whose body is changed, the whole definition where it is absent;
# `set` and `drop` are dotted paths in it, of a list an index or a name. `found` is the step that must be named, `step`
# where it is absent; `field` is a part of the field.
FAULTS: list[Json] = [
    fault
    for path in sorted(Path(__file__).with_name("faults").glob("*.toml"))
    for fault in tomllib.loads(path.read_text())["fault"]
]


def seeded(fault: Json, definition: Json) -> str:
    """`definition` with the fault in it."""
    name = fault.get("step")
    body: Any = next(body for body in bodies(definition) if body["Name"] == name) if name else definition
    for path, value in fault.get("set", {}).items():
        container, key = _place(body, path)
        if isinstance(container, list) and key == len(container):
            container.append(value)
        else:
            container[key] = value
    for path in fault.get("drop", ()):
        container, key = _place(body, path)
        del container[key]
    return json.dumps(definition)


def bodies(definition: Json) -> Iterator[Json]:
    """Every step as JSON, those in the branches of conditions too."""
    for step in definition["Steps"]:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from step["Arguments"].get(branch, ())


def _place(body: Any, path: str) -> tuple[Any, Any]:
    """The container that a dotted path ends in, and its key there."""
    *parents, last = path.split(".")
    for part in parents:
        body = body[_key(body, part)]
    return body, _key(body, last)


def _key(container: Any, part: str) -> Any:
    """In a list a number, or the name of what stands there."""
    if not isinstance(container, list):
        return part
    return int(part) if part.isdecimal() else next(n for n, item in enumerate(container) if item["Name"] == part)


def test_the_definition_as_it_stands_has_no_finding(compiled: CompiledPipeline) -> None:
    assert findings(compiled.definition) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["title"])
def test_a_seeded_fault_is_found_at_its_step_and_field_and_said_in_words(fault: Json, definition: Json) -> None:
    problems = findings(seeded(fault, definition))
    place = fault.get("found", fault.get("step", ""))
    assert [each for each in problems if each.step == place and fault["field"] in each.field], problems
    assert all(len(each.message.split()) >= 3 for each in problems)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", '"Steps"', "{}", '{"Steps": 1}', '{"Steps": [1, {"Name": "A"}]}'),
        "[" * 100_000,
    ],
    ids=lambda text: text[:40] or "nothing",
)
def test_what_is_no_definition_is_a_finding_and_no_crash(text: str) -> None:
    assert findings(text)


def test_what_is_no_text_is_a_finding_and_no_crash() -> None:
    (finding,) = findings(b"\xff\x00")
    assert "is not JSON" in finding.message


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_python_reads_as_a_number_and_json_has_not_is_found(constant: str, compiled: CompiledPipeline) -> None:
    (finding,) = findings(compiled.definition.replace('"DefaultValue": 0.05', f'"DefaultValue": {constant}'))
    assert constant in finding.message


def test_two_hundred_parameters_are_enough(definition: Json) -> None:
    definition["Parameters"] += [{"Name": f"P{index}", "Type": "String"} for index in range(200)]
    (finding,) = findings(json.dumps(definition))
    assert (finding.step, finding.field) == ("", "Parameters")


def test_a_definition_that_is_too_large_is_refused_unread() -> None:
    (finding,) = findings(" " * 1_048_577)
    assert "1048577 characters" in finding.message


GARBAGE = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.text(max_size=3), st.just([]), st.just({}), st.just([{}]),
    st.just({"Get": "Steps.PrepareData"}), st.just({"Get": 1}), st.just({"Std:Join": 1}), st.just({"Std:JsonGet": []}),
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(place=st.integers(0, 10_000), garbage=GARBAGE)
def test_garbage_anywhere_never_crashes_the_validation(place: int, garbage: Any, compiled: CompiledPipeline) -> None:
    definition = json.loads(compiled.definition)
    places = list(_places(definition))
    container, key = places[place % len(places)]
    container[key] = garbage
    findings(json.dumps(definition))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in `value` with each of its keys."""
    keyed = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(keyed):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def test_other_peoples_definition_is_read_by_the_same_rules() -> None:
    """Processing, conditions of several kinds, a failure, a training of one's own image with a parameterised input."""
    uri, image = "s3://other/data", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/other:1"
    role = "arn:aws:iam::123456789012:role/other"
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
    channel = {
        "ChannelName": "any",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": {"Get": "Parameters.Uri"}}},
    }
    training = {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "InputDataConfig": [channel],
        "OutputDataConfig": {"S3OutputPath": uri},
        "ResourceConfig": resources,
        "RoleArn": role,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "HyperParameters": {"anything": "goes"},
    }
    processing = {
        "AppSpecification": {"ImageUri": image},
        "ProcessingResources": {"ClusterConfig": resources},
        "RoleArn": role,
    }
    outcome = {"Type": "Equals", "LeftValue": {"Get": "Steps.Look.ProcessingJobStatus"}, "RightValue": "Completed"}
    anything = {
        "Type": "Or",
        "Conditions": [
            {"Type": "Not", "Condition": outcome},
            {"Type": "In", "QueryValue": {"Get": "Parameters.Uri"}, "Values": [uri]},
        ],
    }
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Uri", "Type": "String", "DefaultValue": uri}],
        "Steps": [
            {"Name": "Look", "Type": "Processing", "Arguments": processing},
            {
                "Name": "Decide",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": [anything],
                    "IfSteps": [{"Name": "Learn", "Type": "Training", "Arguments": training}],
                    "ElseSteps": [{"Name": "Give-up", "Type": "Fail", "Arguments": {"ErrorMessage": "No."}}],
                },
                "DependsOn": [{"Step": "Look", "Trigger": "Any"}],
            },
        ],
    }
    assert findings(json.dumps(definition)) == []
    broken = json.loads(json.dumps(definition))
    broken["Steps"][1]["Arguments"]["IfSteps"][0]["Arguments"]["ResourceConfig"]["InstanceCount"] = 0
    (finding,) = findings(json.dumps(broken))
    assert (finding.step, finding.field) == ("Learn", "Arguments.ResourceConfig.InstanceCount")
