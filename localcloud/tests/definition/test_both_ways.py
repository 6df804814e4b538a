"""What `validate` finds nothing in, the calls take, and the other way round."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import localcloud
from localcloud import Finding
from localcloud_tests.definitions import ROLE, Make, a_bit_of_everything, places

Document = dict[str, Any]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.floats(-1, 2), st.text(max_size=3),
    st.sampled_from(["P30D", "5y", "ml.m5.large", "s3://b/k", "Completed", "String", "1", "FILE"]),
    st.sampled_from([
        [], {}, [{}], {"odd": 1}, {"Get": "Parameters.Number"}, {"Get": "Parameters.Text"}, {"Get": "Steps.First"},
        {"Get": "Execution.PipelineName"}, {"Get": 1}, {"Std:Join": 1}, {"Std:JsonGet": []},
        {"Std:Join": {"On": "-", "Values": [{"Get": "Parameters.Number"}]}},
    ]),
)  # fmt: skip


@pytest.fixture(scope="module")
def sagemaker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return localcloud.session(Path(tmp_path_factory.mktemp("home"))).client("sagemaker")


def refusal(call: Any, **request: Any) -> str | None:
    try:
        call(**request)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException"
        return str(error)
    return None


def mutated(place: int, odd: Any, *, dropped: bool) -> Document:
    """A sound definition in which one value is another, or is gone."""
    document = copy.deepcopy(a_bit_of_everything(Make()))
    every = list(places(document))
    *above, last = every[place % len(every)]
    holder: Any = document
    for name in above:
        holder = holder[name]
    if dropped:
        del holder[last]
    else:
        holder[last] = odd
    return document


@settings(max_examples=250, derandomize=True, suppress_health_check=list(HealthCheck))
@given(place=st.integers(0, 10_000), odd=ODD, dropped=st.booleans())
def test_validate_and_create_pipeline_agree_on_every_mutation(
    sagemaker: Any, place: int, odd: Any, dropped: bool
) -> None:
    text = json.dumps(mutated(place, odd, dropped=dropped))
    findings = localcloud.validate(text)
    refusal_message = refusal(sagemaker.create_pipeline, PipelineName="p", PipelineDefinition=text, RoleArn=ROLE)
    assert (refusal_message is None) == (findings == [])
    if refusal_message is None:
        taken(sagemaker, text)
    else:
        assert str(findings[0]) in refusal_message


def taken(sagemaker: Any, text: str) -> None:
    """What was taken is read as what it says, is updated to likewise, and is gone afterwards."""
    read = localcloud.read(text)
    for step in read.steps.values():
        assert all(policy.errors for policy in step.retries)
        assert step.cache is None or step.cache > 0
        assert step.upstream <= set(read.steps)
        assert {each.text for origin in step.origins for each in origin.references} == {
            each.text for each in step.references
        }
    assert refusal(sagemaker.update_pipeline, PipelineName="p", PipelineDefinition=text) is None
    sagemaker.delete_pipeline(PipelineName="p")


VALUES = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["", "3", "+3", "0", "1e3", "ml.m5.large", "ml.m5.imaginary", "s3://b/y", "nan"]),
)


@settings(max_examples=80, derandomize=True, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(["Count", "Kind", "Missing"]), value=VALUES)
def test_a_start_is_refused_for_what_its_values_add_and_for_nothing_else(sagemaker: Any, name: str, value: str) -> None:
    """The image is on no machine, which is said of a start that is right in all else."""
    make = Make()
    step = make.processing("A")
    step["Arguments"]["AppSpecification"] = {"ImageUri": "nowhere:1"}
    cluster = step["Arguments"]["ProcessingResources"]["ClusterConfig"]
    cluster |= {"InstanceType": {"Get": "Parameters.Kind"}, "InstanceCount": {"Get": "Parameters.Count"}}
    count = make.parameter("Count", "Integer", DefaultValue=1)
    text = make.definition(step, parameters=[make.parameter("Kind", DefaultValue="ml.m5.large"), count])
    with suppress(ClientError):
        sagemaker.create_pipeline(PipelineName="values", PipelineDefinition=text, RoleArn=ROLE)
    added = localcloud.validate(text, {name: value})
    parameters = [{"Name": name, "Value": value}]
    refusal_message = refusal(sagemaker.start_pipeline_execution, PipelineName="values", PipelineParameters=parameters)
    assert refusal_message is not None
    assert ("is not on this machine" in refusal_message) == (added == [])


def test_a_value_of_a_start_is_checked_where_it_goes(sagemaker: Any) -> None:
    make = Make()
    step = make.processing("A")
    step["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceType"] = {"Get": "Parameters.Kind"}
    text = make.definition(step, parameters=[make.parameter("Kind", DefaultValue="ml.m5.large")])
    assert localcloud.validate(text) == []
    (finding,) = localcloud.validate(text, {"Kind": "ml.imaginary.large"})
    assert (finding.step, finding.field) == (
        "A", "Arguments.ProcessingResources.ClusterConfig.InstanceType",
    )  # fmt: skip
    sagemaker.create_pipeline(PipelineName="kind", PipelineDefinition=text, RoleArn=ROLE)
    parameters = [{"Name": "Kind", "Value": "ml.imaginary.large"}]
    refusal_message = refusal(sagemaker.start_pipeline_execution, PipelineName="kind", PipelineParameters=parameters)
    assert refusal_message is not None
    assert str(finding) in refusal_message
    assert sagemaker.list_pipeline_executions(PipelineName="kind")["PipelineExecutionSummaries"] == []


def test_a_parameter_without_a_default_wants_a_value() -> None:
    make = Make()
    text = make.definition(make.processing("A"), parameters=[make.parameter("Must")])
    assert localcloud.validate(text) == []
    assert localcloud.validate(text, {"Must": "x"}) == []
    assert localcloud.validate(text, {}) == [
        Finding("", "PipelineParameters.Must", "parameter 'Must' has no default; give it a value")
    ]
