"""PredictJoint and the like: a script's answer to every validation and test meme, a request and a line each."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep, TransformStep

from memotion import layout
from memotion.opinions import Opinion
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predictions import transformer
from pipeline.definition.steps.prepare_data import prepared
from pipeline.definition.steps.retries import job_retries

JSON = "application/json"


def predict_script(plan: Plan, opinion: Opinion, model: ModelStep, preparation: ProcessingStep) -> TransformStep:
    job = transformer(
        plan,
        opinion.prediction_step,
        model,
        accept=JSON,
        strategy="SingleRecord",
        assemble_with="Line",
        concurrency=1,
    )
    return TransformStep(
        name=opinion.prediction_step,
        description=f"Ask the {opinion.name} model about every held-out meme",
        step_args=job.transform(
            data=prepared(preparation, layout.PREDICT, opinion.requests),
            data_type="S3Prefix",
            content_type=JSON,
            compression_type="None",
            split_type="Line",
        ),
        retry_policies=job_retries(),
    )
