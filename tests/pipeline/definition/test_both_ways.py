"""Over mutations of our own and of other people's definitions: `validate` and the local cloud never differ."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import localcloud
from pipeline.definition.compile import CompiledPipeline

ROOT = Path(__file__).parents[3]
ROLE = "arn:aws:iam::000000000000:role/memotion"
MODEL = botocore.session.Session().get_service_model("sagemaker")
CALLS = {
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": "name"}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": "name"}),
    "Transform": ("CreateTransformJob", {"TransformJobName": "name"}),
    "Model": ("CreateModel", {"ModelName": "name"}),
    "RegisterModel": ("CreateModelPackage", {}),
    "EndpointConfig": ("CreateEndpointConfig", {}),
    "Endpoint": ("CreateEndpoint", {}),
}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.text(max_size=3),
    st.sampled_from(["P30D", "5y", "ml.m5.large", "s3://bucket/key", "Completed", "1", "Line"]),
    st.sampled_from([
        [], {}, [{}], {"odd": 1}, {"Get": "Parameters.ImageEpochs"}, {"Get": "Steps.PrepareData"},
        {"Get": "Execution.PipelineName"}, {"Get": 1}, {"Std:Join": 1}, {"Std:JsonGet": []},
    ]),
)  # fmt: skip


@pytest.fixture(scope="module")
def sagemaker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return localcloud.session(Path(tmp_path_factory.mktemp("home"))).client("sagemaker")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in `value` with each of its keys."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.integers(0, 10_000), odd=ODD, dropped=st.booleans())
def test_what_validate_finds_nothing_in_is_taken_and_the_other_way_round(
    compiled: CompiledPipeline, sagemaker: Any, place: int, odd: Any, dropped: bool
) -> None:
    definition = json.loads(compiled.definition)
    every = list(places(definition))
    container, key = every[place % len(every)]
    if dropped:
        del container[key]
    else:
        container[key] = copy.deepcopy(odd)
    text = json.dumps(definition)
    findings = localcloud.validate(text)
    try:
        sagemaker.create_pipeline(PipelineName="p", PipelineDefinition=text, RoleArn=ROLE)
    except ClientError as error:
        assert findings
        assert str(findings[0]) in str(error)
        return
    assert findings == []
    sagemaker.delete_pipeline(PipelineName="p")
    for step in localcloud.read(text).steps.values():
        assert_botocore_takes(step, definition)


def assert_botocore_takes(step: localcloud.Step, definition: dict[str, Any]) -> None:
    """Its arguments are what botocore's own validator takes, with something of the right type for each expression."""
    if step.type not in CALLS:
        return
    call, supplied = CALLS[step.type]
    shape = MODEL.operation_model(call).input_shape
    request = {"RoleArn": ROLE} if "RoleArn" in shape.members else {}
    request |= {**supplied, **filled(step.arguments, shape, definition)}
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()


def filled(value: Any, shape: Any, definition: dict[str, Any]) -> Any:
    """`value` with what its expressions stand for: a parameter's default, else something of the shape's type."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Get", "Std:Join", "Std:JsonGet"):
        name = str(value.get("Get", "")).removeprefix("Parameters.")
        defaults = {each["Name"]: each.get("DefaultValue") for each in definition["Parameters"]}
        return defaults.get(name) if defaults.get(name) is not None else {"string": "text"}.get(shape.type_name, 1)
    if isinstance(value, dict) and shape.type_name == "structure":
        return {key: filled(inner, shape.members[key], definition) for key, inner in value.items()}
    if isinstance(value, dict):
        return {key: filled(inner, shape.value, definition) for key, inner in value.items()}
    return [filled(inner, shape.member, definition) for inner in value] if isinstance(value, list) else value
