"""The figures of an execution: evaluation.json and what lies beside it, found through the step that wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memotion.layout import EVALUATION, PREDICTIONS
from pipeline import s3_objects
from pipeline.clients import sagemaker_client
from pipeline.errors import NotFoundError
from pipeline.executions import executions

if TYPE_CHECKING:
    from boto3 import Session

STEP = "EvaluateEnsemble"
OUTPUT = "evaluation"
Evaluation = dict[str, Any]
Number = (int, float)
# What is shown of every evaluation, whoever wrote it, and the type that it must have.
SHOWN: dict[tuple[str | int, ...], type | tuple[type, ...]] = {
    ("counts", "test"): int,
    ("ensemble", "macro_f1"): Number,
    ("baseline", "stratified_random", "macro_f1"): Number,
    ("lift_over_chance_ci95", 0): Number,
    ("lift_over_chance_ci95", 1): Number,
}


def location(session: Session, arn: str) -> str:
    """The S3 prefix of the evaluation's output. Raises NotFoundError where the execution has not evaluated (yet)."""
    step = next((step for step in executions.steps(session, arn) if step["StepName"] == STEP), None)
    job = step.get("Metadata", {}).get("ProcessingJob", {}).get("Arn") if step else None
    if step is None or job is None:
        return location(session, _source(session, arn))
    if step["StepStatus"] != "Succeeded":
        raise NotFoundError(f"execution {executions.identifier(arn)} has no figures: {STEP} is {step['StepStatus']}")
    outputs = sagemaker_client(session).describe_processing_job(ProcessingJobName=job.rpartition("/")[2])
    return next(
        str(output["S3Output"]["S3Uri"]).rstrip("/")
        for output in outputs["ProcessingOutputConfig"]["Outputs"]
        if output["OutputName"] == OUTPUT
    )


def evaluation(session: Session, arn: str) -> Evaluation:
    """Raises NotFoundError."""
    return read(session, f"{location(session, arn)}/{EVALUATION}")


def read(session: Session, uri: str) -> Evaluation:
    """An evaluation.json. Raises NotFoundError where it is not there, or other code wrote it without the figures."""
    content = s3_objects.read(session, uri)
    try:
        answer: Evaluation = json.loads(content)
    except ValueError as error:
        raise NotFoundError(f"{uri} holds no figures: it is no JSON ({error})") from error
    for path, kind in SHOWN.items():
        if not isinstance(_at(answer, path), kind):
            name = ".".join(map(str, path))
            raise NotFoundError(f"{uri} has no figure {name}: EvaluateEnsemble of this pipeline did not write it")
    return answer


def verdict(figures: Mapping[str, Any]) -> str:
    """The sentence that the evaluation recorded; the figures that it would rest on where it recorded none."""
    if isinstance(recorded := figures.get("verdict"), str):
        return recorded
    low, high = figures["lift_over_chance_ci95"]
    chance = figures["baseline"]["stratified_random"]["macro_f1"]
    return (
        f"No verdict is recorded: macro-F1 {figures['ensemble']['macro_f1']:.3f} where a stratified random guess "
        f"scores {chance:.3f}, the 95 percent interval of the difference {low:+.3f} to {high:+.3f}."
    )


def better_than_chance(figures: Mapping[str, Any]) -> bool:
    """Whether the whole interval of the lift lies above a stratified random guess."""
    return bool(figures["lift_over_chance_ci95"][0] > 0)


def warnings(figures: Mapping[str, Any]) -> list[str]:
    """What the evaluation recorded that a reader should know."""
    return [str(warning) for warning in figures.get("warnings", ())]


def advice(figures: Mapping[str, Any]) -> list[str]:
    """Return what the evaluation recorded that one may do about it."""
    return [str(sentence) for sentence in figures.get("advice", ())]


def predictions(session: Session, arn: str) -> list[dict[str, Any]]:
    """Return the lines of predictions.jsonl, one a meme of the test set."""
    lines = s3_objects.read(session, f"{location(session, arn)}/{PREDICTIONS}").splitlines()
    return [json.loads(line) for line in lines]


def page(session: Session, arn: str) -> bytes:
    """report.html, which needs no other file."""
    return s3_objects.read(session, f"{location(session, arn)}/report.html")


def _source(session: Session, arn: str) -> str:
    """The execution whose outputs a selective one took over."""
    selective = executions.describe(session, arn).get("SelectiveExecutionConfig", {})
    source = selective.get("SourcePipelineExecutionArn")
    if source is None:
        raise NotFoundError(f"execution {executions.identifier(arn)} has no figures: {STEP} was not started")
    return str(source)


def _at(figures: Any, path: tuple[str | int, ...]) -> Any:
    """What stands there; None where nothing does."""
    for part in path:
        try:
            figures = figures[part]
        except (KeyError, IndexError, TypeError):
            return None
    return figures
