"""PredictImages: the image model's answer to every validation and test picture, an object a picture."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep, TransformStep

from memotion import layout
from memotion.opinions import Opinion
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predictions import transformer
from pipeline.definition.steps.prepare_data import prepared
from pipeline.definition.steps.retries import job_retries


def predict_images(plan: Plan, opinion: Opinion, model: ModelStep, preparation: ProcessingStep) -> TransformStep:
    job = transformer(
        plan,
        opinion.prediction_step,
        model,
        accept="application/jsonlines",
        strategy="SingleRecord",
        assemble_with="None",
        concurrency=4,
    )
    return TransformStep(
        name=opinion.prediction_step,
        description="Ask the image model about every held-out picture",
        step_args=job.transform(
            data=prepared(preparation, layout.IMAGES, layout.PREDICT),
            data_type="S3Prefix",
            content_type="application/x-image",
            compression_type="None",
            split_type="None",
        ),
        retry_policies=job_retries(),
    )
