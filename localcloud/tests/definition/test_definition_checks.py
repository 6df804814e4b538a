"""What CreatePipeline refuses, and that it says the name of what is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.definition.document import read
from localcloud.definition.parameters import bind
from localcloud.definition.validation import refuse_findings
from localcloud.errors import ValidationException
from localcloud.pipelines import selection
from localcloud.pipelines.images import check_images
from localcloud_tests.definitions import Make, a_bit_of_everything, places

Document = dict[str, Any]


def refusal(definition: str) -> str:
    with pytest.raises(ValidationException) as refused:
        refuse_findings(definition)
    return str(refused.value)


def test_text_that_is_not_json_is_refused() -> None:
    assert "not JSON" in refusal("{")
    assert "NaN is no JSON value" in refusal('{"Steps": [NaN]}')


@pytest.mark.parametrize("text", ["[]", "{}", '{"Steps": []}', '{"Steps": {}}', "1"])
def test_a_document_without_steps_is_refused(text: str) -> None:
    assert "Steps" in refusal(text)


def test_two_steps_of_one_name_are_refused_also_where_one_stands_in_a_branch(make: Make) -> None:
    condition = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    branch = make.condition("Check", condition, yes=[make.processing("Twin")])
    assert "'Twin'" in refusal(make.definition(make.processing("Twin"), make.processing("Twin")))
    assert "'Twin'" in refusal(make.definition(make.processing("Twin"), branch))


def test_two_parameters_of_one_name_are_refused(make: Make) -> None:
    twin = make.parameter("Twin", DefaultValue="x")
    assert "'Twin'" in refusal(make.definition(make.processing("A"), parameters=[twin, twin]))


@pytest.mark.parametrize(
    ("reference", "fragment"),
    [
        ("Parameters.Missing", "Parameters.Missing"),
        ("Steps.Missing.ProcessingJobArn", "Steps.Missing.ProcessingJobArn"),
        ("Steps.First.NoSuchMember", "NoSuchMember"),
        ("Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.NoSuchMember", "NoSuchMember"),
        ("Steps.First.PropertyFiles.Missing", "PropertyFiles.Missing"),
        ("Execution.NoSuchVariable", "Execution.NoSuchVariable"),
        ("Nothing.At.All", "Nothing.At.All"),
        ("Steps.First.Outputs[", "Outputs["),
        ("Steps.First", "Steps.First"),
    ],
)
def test_an_unknown_reference_is_refused(make: Make, reference: str, fragment: str) -> None:
    step = make.processing("Second", arguments=[{"Get": reference}])
    message = refusal(make.definition(make.processing("First"), step))
    assert "'Second'" in message
    assert fragment in message


def test_a_reference_is_found_however_deep(make: Make) -> None:
    value = {"Std:Join": {"On": "/", "Values": ["a", {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Deep"}]}}]}}
    assert "Parameters.Deep" in refusal(make.definition(make.processing("A", Arguments={"Environment": {"X": value}})))


def test_a_condition_has_no_property_but_its_outcome_and_a_fail_step_has_none(make: Make) -> None:
    condition = make.condition(
        "Check", {"Type": "Equals", "LeftValue": 1, "RightValue": 1}, no=[make.fail("End", "no")]
    )
    for property_ in ("Steps.Check.Conditions", "Steps.End.ErrorMessage"):
        step = make.processing("A", arguments=[{"Get": property_}])
        assert property_ in refusal(make.definition(condition, step))


def test_an_unknown_dependency_is_refused(make: Make) -> None:
    assert "'Missing'" in refusal(make.definition(make.processing("A", DependsOn=["Missing"])))


def test_a_cycle_is_refused_and_shown(make: Make) -> None:
    read = [{"Get": "Steps.C.ProcessingJobArn"}]
    message = refusal(
        make.definition(
            make.processing("A", arguments=read),
            make.processing("B", DependsOn=["A"]),
            make.processing("C", DependsOn=["B"]),
        )
    )
    assert all(name in message for name in "ABC")
    assert "cycle" in message


def test_a_condition_that_waits_for_its_own_branch_is_a_cycle(make: Make) -> None:
    condition = {"Type": "Equals", "LeftValue": make.content("A", "x"), "RightValue": 1}
    assert "cycle" in refusal(make.definition(make.condition("Check", condition, yes=[make.writing("A", {"x": 1})])))


@pytest.mark.parametrize("kind", ["AutoML", "EMR", "QualityCheck", "Wish"])
def test_a_step_type_that_nobody_here_can_run_is_refused(make: Make, kind: str) -> None:
    message = refusal(make.definition({"Name": "Odd", "Type": kind, "Arguments": {}}))
    assert "'Odd'" in message
    assert "Processing" in message


@pytest.mark.parametrize("name", ["", "a b", "a.b", "x" * 65])
def test_a_name_that_the_service_refuses_is_refused(make: Make, name: str) -> None:
    refusal(make.definition(make.processing(name)))


def test_a_condition_in_a_branch_is_refused(make: Make) -> None:
    holds = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    assert "'Inner'" in refusal(make.definition(make.condition("Outer", holds, yes=[make.condition("Inner", holds)])))


@pytest.mark.parametrize(
    ("condition", "fragment"),
    [
        ({"Type": "Similar", "LeftValue": 1, "RightValue": 1}, "Similar"),
        ({"Type": "Equals", "LeftValue": 1}, "RightValue"),
        ({"Type": "In", "QueryValue": 1}, "Values"),
        ({"Type": "Or"}, "Conditions"),
        ({"Type": "Not", "Condition": {"Type": "Less"}}, "Less"),
        ({"Type": "And", "Conditions": {"Type": "Equals"}}, "Conditions"),
        ({"Type": {"Get": "Parameters.Kind"}}, "Kind"),
    ],
)
def test_a_condition_that_cannot_be_evaluated_is_refused(make: Make, condition: Document, fragment: str) -> None:
    assert fragment in refusal(make.definition(make.condition("Check", condition)))


def change_argument(path: list[str], value: Any) -> Callable[[Document], None]:
    def change(step: Document) -> None:
        inner = step["Arguments"]
        for name in path[:-1]:
            inner = inner[name]
        if value is None:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        (change_argument(["AppSpecification"], None), "AppSpecification"),
        (change_argument(["AppSpecification", "ImageUri"], None), "ImageUri"),
        (change_argument(["Colour"], "red"), "Colour"),
        (change_argument(["ProcessingResources", "ClusterConfig", "InstanceCount"], "one"), "'one'"),
        (change_argument(["AppSpecification", "ContainerArguments"], ["a", 3]), "ContainerArguments[1]"),
        (change_argument(["Environment"], {"X": True}), "True"),
    ],
)
def test_arguments_that_the_call_does_not_take_are_refused(
    make: Make, change: Callable[[Document], None], fragment: str
) -> None:
    step = make.processing("A")
    change(step)
    message = refusal(make.definition(step))
    assert "'A'" in message
    assert fragment in message


@pytest.mark.parametrize("instance", ["ml.imaginary.large", ""])
def test_a_value_outside_an_enumeration_is_refused(make: Make, instance: str) -> None:
    step = make.processing("A")
    change_argument(["ProcessingResources", "ClusterConfig", "InstanceType"], instance)(step)
    message = refusal(make.definition(step))
    assert "'A'" in message
    assert "InstanceType" in message


@pytest.mark.parametrize(
    ("more", "fragment"),
    [
        ({"RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"]}]}, "MaxAttempts"),
        ({"RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 21}]}, "20"),
        ({"RetryPolicies": [{"ExceptionType": [], "MaxAttempts": 1}]}, "ExceptionType"),
        ({"RetryPolicies": [{"ExceptionType": ["X"], "MaxAttempts": 1, "BackoffRate": "2"}]}, "BackoffRate"),
        ({"CacheConfig": {"Enabled": True, "ExpireAfter": "soon"}}, "soon"),
        ({"DependsOn": [{"Step": "A", "Trigger": "Maybe"}]}, "Maybe"),
        ({"PropertyFiles": [{"PropertyFileName": "F", "OutputName": "nowhere", "FilePath": "f.json"}]}, "nowhere"),
    ],
)
def test_what_a_step_says_of_itself_is_checked(make: Make, more: Document, fragment: str) -> None:
    assert fragment in refusal(make.definition(make.processing("A", **more)))


def test_a_retry_policy_that_leaves_out_how_long_to_wait_has_the_services_defaults(make: Make) -> None:
    for blank in ({}, {"IntervalSeconds": None, "BackoffRate": None, "ExpireAfterMin": None}):
        members = {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1, **blank}
        (policy,) = read(make.definition(make.processing("A", RetryPolicies=[members]))).steps["A"].retries
        assert (policy.interval, policy.backoff, policy.attempts, policy.seconds) == (1, 2.0, 1, None)


def test_a_cache_where_the_service_has_none_is_refused(make: Make) -> None:
    step = make.fail("A", "no") | {"CacheConfig": {"Enabled": True}}
    assert "cached" in refusal(make.definition(step))


@pytest.mark.parametrize(
    ("kind", "default", "more"),
    [("Integer", "x", {}), ("Integer", 1.5, {}), ("Boolean", "maybe", {}), ("String", "c", {"EnumValues": ["a", "b"]})],
)
def test_a_default_that_its_own_parameter_does_not_take_is_refused(
    make: Make, kind: str, default: Any, more: Document
) -> None:
    parameter = make.parameter("P", kind, DefaultValue=default, **more)
    assert "'P'" in refusal(make.definition(make.processing("A"), parameters=[parameter]))


def test_more_characters_and_parameters_than_the_service_takes_are_refused(make: Make) -> None:
    many = [make.parameter(f"P{number}", DefaultValue="x") for number in range(201)]
    assert "201" in refusal(make.definition(make.processing("A"), parameters=many))
    assert "characters" in refusal(make.definition(make.processing("A", code="#" * 1_048_577)))


def test_a_definition_of_every_kind_of_expression_is_taken(make: Make) -> None:
    first = make.writing("First", {"x": 1})
    arguments = [
        {"Get": "Parameters.Known"},
        {"Get": "Execution.PipelineExecutionId"},
        {"Get": "Execution.ProcessingJobName"},
        {"Get": "Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"},
        {"Get": "Steps.First.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri"},
        make.content("First", "x"),
        {"Std:JsonGet": {"S3Uri": {"Std:Join": {"On": "", "Values": ["s3://b/k"]}}, "Path": "$.a['b.c'][0]"}},
    ]
    second = make.processing("Second", arguments=arguments)
    parameter = make.parameter("Known", DefaultValue="x")
    text = make.definition(first, second, parameters=[parameter])
    refuse_findings(text)
    definition = read(text)
    assert [need.step for need in definition.steps["Second"].needs] == ["First"]


def test_a_parsed_definition_keeps_its_text(make: Make) -> None:
    text = json.dumps(json.loads(make.definition(make.processing("A"))), indent=3)
    assert read(text).text == text


@pytest.mark.parametrize(
    "odd", [None, 5, -0.5, True, "odd", [], ["odd"], [None], {}, {"odd": 1}, {"Get": "Parameters.Number"}], ids=repr
)
def test_whatever_stands_anywhere_in_a_definition_is_taken_or_refused_with_a_sentence(make: Make, odd: Any) -> None:
    whole, count = a_bit_of_everything(make), 0
    start(json.dumps(whole))
    for *above, last in places(whole):
        document = copy.deepcopy(whole)
        holder = document
        for name in above:
            holder = holder[name]
        holder[last] = odd
        try:
            start(json.dumps(document))
        except ValidationException as refused:
            count += bool(refused.message)
    assert count > 50


def start(definition: str) -> None:
    """As far as CreatePipeline and StartPipelineExecution look at a definition before anything runs."""
    refuse_findings(definition)
    parsed = read(definition)
    check_images(parsed, list(parsed.steps), bind(parsed.parameters, ()))
    selection.plan_of(parsed, None, None)


@pytest.mark.parametrize(
    ("specification", "there"),
    [
        ({"TrainingImage": "registry/blazingtext:1"}, "validation:accuracy"),
        ({"TrainingImage": "own:1", "MetricDefinitions": [{"Name": "loss", "Regex": "(.*)"}]}, "loss"),
    ],
)
def test_a_metric_that_a_training_does_not_publish_is_refused_with_those_that_it_does(
    make: Make, specification: dict[str, Any], there: str
) -> None:
    train = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {"AlgorithmSpecification": {**specification, "TrainingInputMode": "File"}},
    }

    def said(metric: str) -> str:
        value = {"Get": f"Steps.Train.FinalMetricDataList['{metric}'].Value"}
        condition = {"Type": "LessThan", "LeftValue": value, "RightValue": 1}
        return refusal(make.definition(train, make.condition("Check", condition)))

    assert f"the step has {there} there" in said("other")
    assert "FinalMetricDataList" not in said(there)
