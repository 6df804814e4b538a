"""PredictTexts: the text model's answer to every validation and test caption, a line a caption."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep, TransformStep

from memotion import layout
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predictions import transformer
from pipeline.definition.steps.prepare_data import prepared
from pipeline.definition.steps.retries import job_retries

NAME = "PredictTexts"
# BlazingText's transform takes nothing else, and answers nothing else.
JSON_LINES = "application/jsonlines"


def predict_texts(plan: Plan, model: ModelStep, preparation: ProcessingStep) -> TransformStep:
    job = transformer(
        plan,
        NAME,
        model,
        accept=JSON_LINES,
        strategy="MultiRecord",
        assemble_with="Line",
        concurrency=1,
    )
    return TransformStep(
        name=NAME,
        description="Ask the text model about every held-out caption",
        step_args=job.transform(
            data=prepared(preparation, layout.PREDICT, layout.TEXTS),
            data_type="S3Prefix",
            content_type=JSON_LINES,
            compression_type="None",
            split_type="Line",
        ),
        retry_policies=job_retries(),
    )
