"""CreateImageModel, CreateTextModel and the like: what predicts the held-out memes, a model an opinion."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import TrainingStep

from memotion.opinions import Opinion
from pipeline.definition.steps.models import container, create_model
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.retries import call_retries


def create_opinion_model(plan: Plan, opinion: Opinion, training: TrainingStep) -> ModelStep:
    return ModelStep(
        name=opinion.model_step,
        description=f"The trained {opinion.name} classifier as a model",
        step_args=create_model(plan, [container(plan, opinion, training)]),
        retry_policies=call_retries(),
    )
