"""Expressions, conditions and parameters: what they are worth."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.definition.document import read
from localcloud.definition.durations import seconds_of
from localcloud.definition.expressions.conditions import all_hold, holds
from localcloud.definition.expressions.references import parse_path
from localcloud.definition.expressions.resolve import Scope, resolve
from localcloud.definition.model import Parameter
from localcloud.definition.parameters import bind, text_of
from localcloud.errors import ValidationException
from localcloud_tests.definitions import Make

DOCUMENT = {"a": {"b.c": [{"d": 1.5}], "text": "x"}, "zero": 0, "no": False, "none": None}


@pytest.fixture
def scope(make: Make) -> Scope:
    definition = read(make.definition(make.writing("First", {})))
    outputs = [
        {"OutputName": "other", "S3Output": {"S3Uri": "s3://bucket/other"}},
        {"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/First/"}},
    ]
    properties = {
        "First": {"ProcessingOutputConfig": {"Outputs": outputs}, "Environment": {"K": "v"}, "ProcessingJobArn": "arn"}
    }
    documents = {"s3://bucket/First/content.json": DOCUMENT, "s3://bucket/direct.json": [7]}
    return Scope(
        definition,
        {"Text": "t", "Whole": 3, "Real": 0.05, "Yes": True},
        {"PipelineExecutionId": "id"},
        properties.__getitem__,
        documents.__getitem__,
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a['b.c'][0].d", ("a", "b.c", 0, "d")),
        ('a["b c"]', ("a", "b c")),
        ("$.a[10]", ("a", 10)),
        ("$", ()),
        ("with-hyphen:colon", ("with-hyphen:colon",)),
    ],
)
def test_a_path_is_read(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["a..b", "a[", "a['b]", "[x]", "a]", ".", "a[0"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValidationException, match="no path"):
        parse_path(text)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Get": "Parameters.Whole"}, 3),
        ({"Get": "Execution.PipelineExecutionId"}, "id"),
        ({"Get": "Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}, "s3://bucket/First/"),
        ({"Get": "Steps.First.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri"}, "s3://bucket/other"),
        ({"Get": "Steps.First.Environment['K']"}, "v"),
        (
            {"Std:Join": {"On": "/", "Values": ["a", {"Get": "Parameters.Whole"}, {"Get": "Parameters.Real"}]}},
            "a/3/0.05",
        ),
        ({"Std:Join": {"Values": ["a", {"Get": "Parameters.Yes"}]}}, "atrue"),
        ({"Std:Join": {"On": ",", "Values": []}}, ""),
        ({"Std:JsonGet": {"S3Uri": "s3://bucket/direct.json", "Path": "[0]"}}, 7),
        ([{"deep": {"Get": "Parameters.Text"}, "kept": None}], [{"deep": "t"}]),
        ({"Get": "Parameters.Text", "beside": 1}, {"Get": "Parameters.Text", "beside": 1}),
    ],
)
def test_an_expression_is_replaced_by_its_value(scope: Scope, value: Any, resolved: Any) -> None:
    assert resolve(value, scope) == resolved


@pytest.mark.parametrize(
    ("path", "value"),
    [("a['b.c'][0].d", 1.5), ("a.text", "x"), ("zero", 0), ("no", False), ("a['b.c']", [{"d": 1.5}])],
)
def test_a_property_file_is_read_from_the_output_that_its_step_had(
    make: Make, scope: Scope, path: str, value: Any
) -> None:
    assert resolve(make.content("First", path), scope) == value


def test_a_value_that_is_not_there_is_said_with_the_file_and_as_far_as_it_goes(make: Make, scope: Scope) -> None:
    with pytest.raises(ValidationException, match=r"s3://bucket/First/content.json.*\['a'\] has no 'missing'"):
        resolve(make.content("First", "a.missing.more"), scope)


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        (("Equals", 1, 1.0), True),
        (("Equals", "1", 1), False),
        (("Equals", True, 1), False),
        (("Equals", "a", "a"), True),
        (("GreaterThan", 2, 1), True),
        (("GreaterThan", 1, 1), False),
        (("GreaterThanOrEqualTo", 1, 1), True),
        (("GreaterThanOrEqualTo", float("nan"), 0), False),
        (("LessThan", 1, 1), False),
        (("LessThan", -1, 0.5), True),
        (("LessThanOrEqualTo", 1, 1), True),
        (("LessThan", "2026-01-31", "2026-02-01"), True),
    ],
)
def test_a_comparison_holds_or_not(condition: tuple[str, Any, Any], is_true: bool) -> None:
    kind, left, right = condition
    assert holds({"Type": kind, "LeftValue": left, "RightValue": right}, lambda value: value) is is_true


def equal(left: Any, right: Any) -> dict[str, Any]:
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ({"Type": "Not", "Condition": equal(1, 1)}, False),
        ({"Type": "Not", "Condition": equal(1, 2)}, True),
        ({"Type": "Or", "Conditions": [equal(1, 2), equal(1, 1)]}, True),
        ({"Type": "Or", "Conditions": [equal(1, 2)]}, False),
        ({"Type": "And", "Conditions": [equal(1, 1), equal(2, 2)]}, True),
        ({"Type": "And", "Conditions": [equal(1, 1), equal(2, 1)]}, False),
        ({"Type": "In", "QueryValue": "b", "Values": ["a", "b"]}, True),
        ({"Type": "In", "QueryValue": 1, "Values": ["1"]}, False),
        ({"Type": "Not", "Condition": {"Type": "In", "QueryValue": 1, "Values": []}}, True),
    ],
)
def test_conditions_combine(condition: dict[str, Any], is_true: bool) -> None:
    assert holds(condition, lambda value: value) is is_true


def test_a_condition_step_holds_where_all_its_conditions_do() -> None:
    assert all_hold([equal(1, 1), equal(2, 2)], lambda value: value)
    assert not all_hold([equal(1, 1), equal(1, 2)], lambda value: value)


@pytest.mark.parametrize(("left", "right"), [("1", 1), (True, 0), ([1], [0])])
def test_an_order_between_values_of_two_sorts_is_an_error_and_no_answer(left: Any, right: Any) -> None:
    with pytest.raises(ValidationException, match="cannot be compared"):
        holds({"Type": "LessThan", "LeftValue": left, "RightValue": right}, lambda value: value)


PARAMETERS = {
    "Text": Parameter("Text", "String", "t"),
    "Whole": Parameter("Whole", "Integer", 3),
    "Real": Parameter("Real", "Float", 0.05),
    "Flag": Parameter("Flag", "Boolean", False),
    "Choice": Parameter("Choice", "String", "a", ("a", "b")),
}


def given(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def test_parameters_have_their_defaults_and_what_is_given_in_their_own_types() -> None:
    assert bind(PARAMETERS, []) == {"Text": "t", "Whole": 3, "Real": 0.05, "Flag": False, "Choice": "a"}
    values = bind(PARAMETERS, given(Text="5", Whole="-4", Real="+1.E-3", Flag="TRUE", Choice="b"))
    assert values == {"Text": "5", "Whole": -4, "Real": 0.001, "Flag": True, "Choice": "b"}


def test_what_is_given_goes_before_what_an_earlier_execution_had() -> None:
    assert bind(PARAMETERS, given(Whole="9"), {"Whole": "5", "Real": "2", "Gone": "x"})["Whole"] == 9
    assert bind(PARAMETERS, given(Whole="9"), {"Whole": "5", "Real": "2"})["Real"] == 2.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Unknown", "1"),
        ("Whole", "1.0"),
        ("Whole", "one"),
        ("Whole", ""),
        ("Real", "nan"),
        ("Real", "1,5"),
        ("Real", "1_000"),
        ("Real", "1e400"),
        ("Whole", "\N{ARABIC-INDIC DIGIT ONE}"),
        ("Flag", "1"),
        ("Choice", "c"),
        ("Text", "x" * 1025),
    ],
)
def test_a_value_that_a_parameter_does_not_take_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(ValidationException, match=name):
        bind(PARAMETERS, given(**{name: value}))


def test_a_parameter_without_a_default_has_to_be_given() -> None:
    with pytest.raises(ValidationException, match="'Must'"):
        bind({"Must": Parameter("Must", "String")}, [])


def test_a_value_as_text_reads_back_as_itself() -> None:
    for name, value in bind(PARAMETERS, []).items():
        assert bind(PARAMETERS, given(**{name: text_of(value)}))[name] == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("P30D", 2_592_000),
        ("30d", 2_592_000),
        ("PT1H", 3_600),
        ("T30m", 1_800),
        ("P1W", 604_800),
        ("P1DT1S", 86_401),
        ("5y", 157_680_000),
        ("T16m", 960),
        ("30dT5h", 2_610_000),
    ],
)
def test_a_duration_is_read_as_iso_8601_has_it(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "30", "PT", "1H", "P1H", "-P1D", "P1.5D"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no ISO 8601 duration"):
        seconds_of(text)
