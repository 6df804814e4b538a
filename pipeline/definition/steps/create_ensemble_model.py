"""CreateEnsembleModel: all containers as one model, each invoked by its hostname."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep

from pipeline.definition.steps.models import ContainerDefinition, create_model
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.retries import call_retries


def create_ensemble_model(plan: Plan, containers: list[ContainerDefinition]) -> ModelStep:
    return ModelStep(
        name="CreateEnsembleModel",
        description="All containers as one model, invoked directly",
        step_args=create_model(plan, containers),
        retry_policies=call_retries(),
    )
