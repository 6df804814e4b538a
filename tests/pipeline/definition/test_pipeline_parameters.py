"""A parameter's value is judged before anything starts, in a sentence."""

from __future__ import annotations

import pytest

from memotion.decision import RULES
from memotion.ensemble import METHODS
from pipeline.definition.parameters import PipelineParameter, pipeline_parameters
from pipeline.definition.settings import load_settings

PARAMETERS = {each.name: each for each in pipeline_parameters(load_settings())}


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=lambda each: each.name)
def test_a_default_is_a_value_of_its_own_parameter(parameter: PipelineParameter) -> None:
    assert parameter.problem(str(parameter.default)) is None


@pytest.mark.parametrize(("name", "values"), [("EnsembleMethod", METHODS), ("DecisionRule", RULES)])
def test_what_may_be_chosen_is_what_the_evaluation_takes(name: str, values: tuple[str, ...]) -> None:
    assert PARAMETERS[name].allowed == values


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ImageEpochs", "many", "Integer"),
        ("ImageEpochs", "1.5", "Integer"),
        ("ImageEpochs", "0", "at least 1"),
        ("ImageLearningRate", "2", "at most 1"),
        ("ImageLearningRate", "nan", "Float"),
        ("ImageEpochs", "1_0", "Integer"),
        ("ImageEpochs", " 5", "Integer"),
        ("ImageEpochs", "٣", "Integer"),
        ("MinMacroF1", "1e999", "Float"),
        ("MinMacroF1", "1.5", "at most 1"),
        ("InputDataUri", "data", "s3://BUCKET"),
        ("ImageTrainingInstanceType", "p3.2xlarge", "an instance type"),
        ("StagingEndpointName", "my_endpoint", "hyphens"),
        ("StagingEndpointName", "e" * 51, "at most 50"),
        ("TextWordNgrams", "0", "at least 1"),
        ("ImageNumLayers", "51", "one of"),
        ("EnsembleMethod", "vote", "one of"),
        ("DecisionRule", "fair", "one of"),
        ("MinMacroAuc", "1.5", "at most 1"),
        ("MaxRejectedFraction", "-0.1", "at least 0"),
        ("EndpointInstanceCount", "0", "at least 1"),
    ],
)
def test_a_wrong_value_is_said_with_the_parameters_name(name: str, text: str, words: str) -> None:
    problem = PARAMETERS[name].problem(text)
    assert problem is not None
    assert name in problem
    assert words in problem
