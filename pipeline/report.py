"""The figures of an execution: evaluation.json and what lies beside it, found through the step that wrote them."""

from __future__ import annotations

import json
from typing import Any

from pipeline import executions, objects
from pipeline.errors import NotFoundError

STEP = "EvaluateEnsemble"
OUTPUT = "evaluation"
Evaluation = dict[str, Any]


def location(session: Any, arn: str) -> str:
    """The S3 prefix of the evaluation's output. Raises NotFoundError where the execution has not evaluated (yet)."""
    step = next((step for step in executions.steps(session, arn) if step["StepName"] == STEP), None)
    job = step.get("Metadata", {}).get("ProcessingJob", {}).get("Arn") if step else None
    if step is None or job is None:
        return location(session, _source(session, arn))
    if step["StepStatus"] != "Succeeded":
        raise NotFoundError(f"execution {executions.identifier(arn)} has no figures: {STEP} is {step['StepStatus']}")
    outputs = executions.client(session).describe_processing_job(ProcessingJobName=job.rpartition("/")[2])
    return next(
        str(output["S3Output"]["S3Uri"]).rstrip("/")
        for output in outputs["ProcessingOutputConfig"]["Outputs"]
        if output["OutputName"] == OUTPUT
    )


def evaluation(session: Any, arn: str) -> Evaluation:
    """Raises NotFoundError."""
    return parse(objects.read(session, f"{location(session, arn)}/evaluation.json"))


def parse(content: bytes) -> Evaluation:
    answer: Evaluation = json.loads(content)
    return answer


def predictions(session: Any, arn: str) -> list[dict[str, Any]]:
    """The lines of predictions.jsonl, one a meme of the test set."""
    lines = objects.read(session, f"{location(session, arn)}/predictions.jsonl").splitlines()
    return [json.loads(line) for line in lines]


def page(session: Any, arn: str) -> bytes:
    """report.html, which needs no other file."""
    return objects.read(session, f"{location(session, arn)}/report.html")


def _source(session: Any, arn: str) -> str:
    """The execution whose outputs a selective one took over."""
    selective = executions.describe(session, arn).get("SelectiveExecutionConfig", {})
    source = selective.get("SourcePipelineExecutionArn")
    if source is None:
        raise NotFoundError(f"execution {executions.identifier(arn)} has no figures: {STEP} was not started")
    return str(source)
