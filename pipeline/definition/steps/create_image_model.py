"""CreateImageModel: what predicts the held-out pictures."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import TrainingStep

from pipeline.definition.steps import train_image_classifier
from pipeline.definition.steps.models import container, create_model
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.retries import call_retries


def create_image_model(plan: Plan, training: TrainingStep) -> ModelStep:
    return ModelStep(
        name="CreateImageModel",
        description="The trained image classifier as a model",
        step_args=create_model(plan, [container(plan, train_image_classifier.ALGORITHM, training)]),
        retry_policies=call_retries(),
    )
