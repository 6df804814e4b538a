"""An evaluation that other code wrote takes no page away: what cannot be shown is a sentence in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from botocore.response import StreamingBody

from pipeline.errors import NotFoundError
from studio.models.metrics import checked
from tests.studio.conftest import Service, Visitor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:000000000000"
EXECUTION = f"{ARN}:pipeline/memotion/execution/abcdefghijkl"
OPINION = {"macro_f1": 0.5, "macro_f1_ci95": [0.4, 0.6]}
HEAD = {"macro_f1": 0.5, "labels": ["a", "b"], "confusion_matrix": [[1, 2], [3, 4]]}
WHOLE: dict[str, Any] = {
    "counts": {"test": 10},
    "ensemble": {**OPINION, "heads": {"mood": HEAD}},
    "models": {"image": OPINION, "text": OPINION},
    "baseline": {"constant": {"macro_f1": 0.2}, "stratified_random": {"macro_f1": 0.3}},
    "lift_over_chance_ci95": [0.1, 0.3],
}
OTHER = {**WHOLE, "ensemble": {"macro_f1": 0.5}}
SENTENCE = "The evaluation was written by other code: ensemble.macro_f1_ci95: Field required."


@pytest.fixture
def evaluated(service: Service) -> Callable[[dict[str, Any]], None]:
    """An execution and a version whose evaluation is what the test says."""
    summary = {"PipelineExecutionArn": EXECUTION, "PipelineExecutionStatus": "Succeeded", "StartTime": NOW}
    job = f"{ARN}:processing-job/evaluation"
    step = {"StepName": "EvaluateEnsemble", "StepStatus": "Succeeded", "Metadata": {"ProcessingJob": {"Arn": job}}}
    output = {"OutputName": "evaluation", "S3Output": {"S3Uri": "s3://bucket/evaluation"}}
    package = {
        "ModelPackageGroupName": "memotion", "ModelPackageVersion": 1, "ModelPackageArn": "arn/1",
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {
            "Containers": [{"Environment": {"MEMOTION_ENSEMBLE_URI": "s3://bucket/evaluation/ensemble.json"}}]
        },
    }  # fmt: skip
    definition = json.dumps({"Steps": [{"Name": "EvaluateEnsemble", "Type": "Fail", "Arguments": {}}]})
    service.answers |= {
        "ListPipelineExecutions": lambda _: {"PipelineExecutionSummaries": [summary]},
        "DescribePipelineExecution": lambda _: {**summary, "CreationTime": NOW, "LastModifiedTime": NOW},
        "ListPipelineExecutionSteps": lambda _: {"PipelineExecutionSteps": [{**step, "StartTime": NOW}]},
        "ListPipelineParametersForExecution": lambda _: {"PipelineParameters": []},
        "DescribePipelineDefinitionForExecution": lambda _: {"PipelineDefinition": definition},
        "DescribeProcessingJob": lambda _: {"ProcessingOutputConfig": {"Outputs": [output]}},
        "ListModelPackages": lambda _: {"ModelPackageSummaryList": [{"ModelPackageArn": "arn/1"}]},
        "DescribeModelPackage": lambda _: package,
    }

    def wrote(evaluation: dict[str, Any]) -> None:
        content = json.dumps(evaluation).encode()
        service.answers["GetObject"] = lambda _: {"Body": StreamingBody(BytesIO(content), len(content))}

    return wrote


@pytest.mark.parametrize("path", ["/executions/abcdefghijkl", "/registry", "/registry/1", "/registry/1/deploy"])
def test_what_is_missing_is_said_in_its_place(over: Visitor, evaluated: Any, path: str) -> None:
    evaluated(OTHER)

    reply = over.get(path)

    assert reply.status == 200
    assert SENTENCE in reply.page.text


def test_the_list_and_the_comparison_do_without(over: Visitor, evaluated: Any) -> None:
    evaluated(OTHER)

    assert "abcdefghijkl" in over.get("/executions").page.text
    compared = over.get("/compare?of=abcdefghijkl&of=abcdefghijkl")
    assert f"The figures cannot be paired: {SENTENCE}" in compared.page.text
    assert "Neither has evaluated" in compared.page.text


def test_the_figures_of_a_version_are_read_once(over: Visitor, service: Service, evaluated: Any) -> None:
    evaluated(WHOLE)

    for _ in range(3):
        assert "0.500 0.400 – 0.600" in over.get("/registry").page.text

    assert service.calls.count("GetObject") == 1


@pytest.mark.parametrize(
    "matrix", [[], [[1, 2]], [[1], [2]], [[1, 2], [3, 4], [5, 6]]], ids=["none", "a row", "a column", "three rows"]
)
def test_a_matrix_that_does_not_fit_its_labels_is_refused(matrix: list[list[int]]) -> None:
    heads = {"mood": {**HEAD, "confusion_matrix": matrix}}

    with pytest.raises(NotFoundError, match=r"ensemble\.heads\.mood: .* the confusion matrix has other rows"):
        checked({**WHOLE, "ensemble": {**OPINION, "heads": heads}})
