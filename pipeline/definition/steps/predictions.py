"""How each model predicts the validation and test sets: batch transform, through the path that serves."""

from __future__ import annotations

from sagemaker.core.helper.pipeline_variable import PipelineVariable
from sagemaker.core.transformer import Transformer
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import TransformStep

from pipeline.definition.steps.plan import Plan


def transformer(
    plan: Plan,
    step: str,
    model: ModelStep,
    *,
    accept: str,
    strategy: str,
    assemble_with: str,
    concurrency: int,
) -> Transformer:
    """At most 6 MB a request, the most that either container takes; `concurrency` requests at a time an instance."""
    return Transformer(
        model_name=model.properties.ModelName,
        instance_count=plan.settings.transform_instance_count,
        instance_type=plan["TransformInstanceType"],
        output_path=plan.output(step),
        accept=accept,
        strategy=strategy,
        assemble_with=assemble_with,
        max_concurrent_transforms=concurrency,
        max_payload=6,
        output_kms_key=plan.kms_key,
        volume_kms_key=plan.kms_key,
        tags=plan.tags,
        base_transform_job_name="memotion",  # else the SDK asks the service for the model's name
        sagemaker_session=plan.session,
    )


def predicted(step: TransformStep) -> PipelineVariable:
    """The prefix that a transform wrote its `.out` objects to."""
    return step.properties.TransformOutput.S3OutputPath
