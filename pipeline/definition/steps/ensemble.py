"""The containers that are registered and deployed together, one an opinion, each told where the combiner is."""

from __future__ import annotations

from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep

from memotion import layout
from pipeline.definition.steps.evaluate_ensemble import evaluated
from pipeline.definition.steps.models import ContainerDefinition, container
from pipeline.definition.steps.plan import Plan


def ensemble_containers(
    plan: Plan, trainings: list[TrainingStep], evaluation: ProcessingStep
) -> list[ContainerDefinition]:
    environment = {layout.ENSEMBLE_VARIABLE: evaluated(evaluation, layout.ENSEMBLE)}
    return [
        container(plan, opinion, training, environment)
        for opinion, training in zip(plan.opinions, trainings, strict=True)
    ]
