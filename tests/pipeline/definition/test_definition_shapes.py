"""Every step's arguments are a request that botocore's own validator takes, references put in by the test itself."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from localcloud import Step, read
from pipeline.definition.compile import CompiledPipeline

MODEL = botocore.session.Session().get_service_model("sagemaker")
REQUESTS = {
    "PrepareData": "CreateProcessingJob",
    "TrainImageClassifier": "CreateTrainingJob",
    "TrainTextClassifier": "CreateTrainingJob",
    "CreateImageModel": "CreateModel",
    "CreateTextModel": "CreateModel",
    "PredictImages": "CreateTransformJob",
    "PredictTexts": "CreateTransformJob",
    "EvaluateEnsemble": "CreateProcessingJob",
    "RegisterEnsemble": "CreateModelPackage",
    "CreateEnsembleModel": "CreateModel",
    "ConfigureEndpoint": "CreateEndpointConfig",
    "DeployEndpoint": "CreateEndpoint",
}
NAMED_BY_THE_EXECUTION = {
    "CreateProcessingJob": {"ProcessingJobName": "job"},
    "CreateTrainingJob": {"TrainingJobName": "job"},
    "CreateTransformJob": {"TransformJobName": "job"},
    "CreateModel": {"ModelName": "model"},
}
# What the service would have put in for each reference of this definition.
REAL = {
    "S3Output.S3Uri": "s3://memotion-000000000000/executions/abcdefghijkl/Step/output",
    "S3OutputPath": "s3://memotion-000000000000/executions/abcdefghijkl/Step",
    "S3ModelArtifacts": "s3://memotion-000000000000/executions/abcdefghijkl/Step/job/output/model.tar.gz",
    "ModelName": "pipelines-abcdefghijkl-CreateModel-abcdefghij",
    "EndpointConfigName": "memotion-staging-abcdefghijkl",
    "PipelineExecutionId": "abcdefghijkl",
    "PipelineExecutionArn": "arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/abcdefghijkl",
}


def filled(value: Any, defaults: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [filled(item, defaults) for item in value]
    if not isinstance(value, dict):
        return value
    if "Std:JsonGet" in value:
        return 0.5
    if "Std:Join" in value:
        join = value["Std:Join"]
        return join["On"].join(str(filled(each, defaults)) for each in join["Values"])
    if set(value) == {"Get"}:
        target: str = value["Get"]
        if target.startswith("Parameters."):
            return defaults[target.removeprefix("Parameters.")]
        return next(real for ending, real in REAL.items() if target.endswith(ending))
    return {key: filled(inner, defaults) for key, inner in value.items()}


def request_of(step: Step, definition: dict[str, Any]) -> dict[str, Any]:
    defaults = {each["Name"]: each["DefaultValue"] for each in definition["Parameters"]}
    arguments: dict[str, Any] = filled(step.arguments, defaults)
    return arguments | NAMED_BY_THE_EXECUTION.get(REQUESTS[step.name], {})


@pytest.mark.parametrize("name", REQUESTS)
def test_botocore_takes_the_steps_arguments(name: str, by_name: dict[str, Step], definition: dict[str, Any]) -> None:
    shape = MODEL.operation_model(REQUESTS[name]).input_shape
    report = ParamValidator().validate(request_of(by_name[name], definition), shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("name", REQUESTS)
def test_enumerations_and_maxima_hold_too(name: str, by_name: dict[str, Step], definition: dict[str, Any]) -> None:
    shape = MODEL.operation_model(REQUESTS[name]).input_shape
    for path, value, leaf in _leaves(request_of(by_name[name], definition), shape, name):
        if getattr(leaf, "enum", None):
            assert value in leaf.enum, path
        if leaf.type_name == "string" and "max" in leaf.metadata:
            assert len(value) <= leaf.metadata["max"], path


def _leaves(value: Any, shape: Any, path: str) -> list[tuple[str, Any, Any]]:
    if shape.type_name == "structure":
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, shape.members[key], f"{path}.{key}")]
    if shape.type_name == "list":
        return [leaf for inner in value for leaf in _leaves(inner, shape.member, f"{path}[]")]
    if shape.type_name == "map":
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, shape.value, f"{path}.{key}")]
    return [(path, value, shape)]


def test_every_step_that_is_a_request_was_looked_at(compiled: CompiledPipeline) -> None:
    every = read(compiled.definition).steps.values()
    assert {step.name for step in every if step.type not in ("Condition", "Fail")} == set(REQUESTS)
