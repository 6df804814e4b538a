"""The job that a step runs, as its own description has it: its name, and whether a training runs or waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline.aws_errors import DENIED, is_absent
from pipeline.clients import sagemaker_client

if TYPE_CHECKING:
    from boto3 import Session

Answer = dict[str, Any]
# The member of a step's Metadata, and the call that describes the job that its ARN names.
DESCRIBES = {
    "ProcessingJob": "describe_processing_job",
    "TrainingJob": "describe_training_job",
    "TransformJob": "describe_transform_job",
}
# What DescribeTrainingJob says of a training that is under way, beyond what ListPipelineExecutionSteps does.
OF_TRAINING = (
    "SecondaryStatus",
    "SecondaryStatusTransitions",
    "ResourceConfig",
    "EnableManagedSpotTraining",
    "HyperParameters",
)


def name(session: Session, kind: str, arn: str) -> str:
    """Return the job's name as its description spells it: in an ARN it may come in lower case.

    Where the job may not be described, or not by the ARN's spelling, what the ARN ends in is all that there is.
    """
    spelt = arn.rpartition("/")[2]
    described = _description(session, kind, spelt)
    return str(described.get(f"{kind}Name", spelt)) if described else spelt


def with_secondary_status(session: Session, steps: Sequence[Answer]) -> list[Answer]:
    """Return the steps, those that are training with what DescribeTrainingJob says of it in their Metadata."""
    return [_with_training(session, step) for step in steps]


def final_metrics(session: Session, step: Mapping[str, Any]) -> dict[str, float]:
    """Return the last value of each metric of a step's training, by FinalMetricDataList; empty where it has none."""
    arn = str(step.get("Metadata", {}).get("TrainingJob", {}).get("Arn", ""))
    described = _description(session, "TrainingJob", arn.rpartition("/")[2]) if arn else None
    return {each["MetricName"]: float(each["Value"]) for each in (described or {}).get("FinalMetricDataList", ())}


def _with_training(session: Session, step: Answer) -> Answer:
    job: Mapping[str, Any] = step.get("Metadata", {}).get("TrainingJob", {})
    if step["StepStatus"] != "Executing" or "Arn" not in job:
        return step
    described = _description(session, "TrainingJob", job["Arn"].rpartition("/")[2]) or {}
    training = {member: described[member] for member in OF_TRAINING if member in described}
    return {**step, "Metadata": {**step["Metadata"], "TrainingJob": {**job, **training}}}


def _description(session: Session, kind: str, spelt: str) -> Answer | None:
    """Return what the service says of a job, None where there is none of that name or it may not be described."""
    try:
        answer: Answer = getattr(sagemaker_client(session), DESCRIBES[kind])(**{f"{kind}Name": spelt})
    except ClientError as error:
        if is_absent(error) or error.response["Error"]["Code"] in DENIED:
            return None
        raise
    return answer
