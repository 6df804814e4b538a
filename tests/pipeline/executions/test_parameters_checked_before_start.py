"""Names, types and values of parameters, checked before anything starts."""

import json

import pytest

from pipeline.definition.parameters import PipelineParameter
from pipeline.errors import ParameterError
from pipeline.executions.starting.overrides import check, parse

DEFINITION = json.dumps(
    {
        "Parameters": [
            {"Name": "ImageEpochs", "Type": "Integer", "DefaultValue": 30},
            {"Name": "MinMacroF1", "Type": "Float", "DefaultValue": 0.0},
            {"Name": "Shuffle", "Type": "Boolean", "DefaultValue": True},
            {
                "Name": "EnsembleMethod",
                "Type": "String",
                "DefaultValue": "average",
                "EnumValues": ["average", "stacked"],
            },
        ]
    }
)


def test_values_of_the_right_type_pass() -> None:
    check(DEFINITION, {"ImageEpochs": "3", "MinMacroF1": "1e-3", "Shuffle": "false", "EnsembleMethod": "stacked"})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ImageEpoch", "3", "the pipeline has no parameter 'ImageEpoch': did you mean ImageEpochs?"),
        ("Zzz", "3", "the pipeline has no parameter 'Zzz': it has EnsembleMethod, ImageEpochs, MinMacroF1, Shuffle"),
        ("ImageEpochs", "three", "ImageEpochs is Integer: 'three' is not"),
        ("ImageEpochs", "3.5", "ImageEpochs is Integer: '3.5' is not"),
        ("MinMacroF1", "nan", "MinMacroF1 is Float: 'nan' is not"),
        ("Shuffle", "1", "Shuffle is Boolean: '1' is not"),
        ("EnsembleMethod", "vote", "EnsembleMethod is one of average, stacked: 'vote' is not"),
        ("EnsembleMethod", "", "EnsembleMethod has an empty value"),
        ("EnsembleMethod", "a" * 1025, "EnsembleMethod has a value of 1025 characters: at most 1024 can be sent"),
    ],
)
def test_the_sentence_names_the_parameter_and_its_value(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ParameterError) as error:
        check(DEFINITION, {name: value})
    assert str(error.value) == sentence


def test_the_bounds_of_a_known_parameter_count_too() -> None:
    declared = PipelineParameter("ImageEpochs", 30, "", minimum=1)
    with pytest.raises(ParameterError, match=r"^ImageEpochs is at least 1: 0 is less$"):
        check(DEFINITION, {"ImageEpochs": "0"}, [declared])


def test_a_value_may_hold_equals_signs() -> None:
    assert parse(["A=s3://b/k=v", "B="]) == {"A": "s3://b/k=v", "B": ""}


@pytest.mark.parametrize("pair", ["ImageEpochs", "=3"])
def test_a_pair_without_a_name_or_a_value_is_refused(pair: str) -> None:
    with pytest.raises(ParameterError, match="is not of the form Name=Value"):
        parse([pair])


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"^-p A is given twice$"):
        parse(["A=1", "A=2"])
