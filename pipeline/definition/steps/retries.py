"""What the service tries again by itself: the faults that pass, never a job that failed for a reason of its own."""

from __future__ import annotations

from sagemaker.mlops.workflow.retry import (
    RetryPolicy,
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)


def call_retries() -> list[RetryPolicy]:
    """For a step that is one API call."""
    return [
        StepRetryPolicy(
            exception_types=[StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING],
            interval_seconds=10,
            max_attempts=5,
        )
    ]


def job_retries() -> list[RetryPolicy]:
    """For a step that is a job: an internal error twice, a lack of capacity or quota for four hours."""
    return [
        *call_retries(),
        SageMakerJobStepRetryPolicy(
            exception_types=[SageMakerJobExceptionTypeEnum.INTERNAL_ERROR],
            interval_seconds=60,
            max_attempts=2,
        ),
        SageMakerJobStepRetryPolicy(
            exception_types=[
                SageMakerJobExceptionTypeEnum.CAPACITY_ERROR,
                SageMakerJobExceptionTypeEnum.RESOURCE_LIMIT,
            ],
            interval_seconds=120,
            expire_after_mins=240,
        ),
    ]
