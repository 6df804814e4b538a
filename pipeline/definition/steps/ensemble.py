"""The two containers that are registered and deployed together, each told where the combiner is."""

from __future__ import annotations

from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep

from memotion import layout
from pipeline.definition.steps import train_image_classifier, train_text_classifier
from pipeline.definition.steps.evaluate_ensemble import evaluated
from pipeline.definition.steps.models import ContainerDefinition, container
from pipeline.definition.steps.plan import Plan


def ensemble_containers(
    plan: Plan, images: TrainingStep, texts: TrainingStep, evaluation: ProcessingStep
) -> list[ContainerDefinition]:
    environment = {layout.ENSEMBLE_VARIABLE: evaluated(evaluation, layout.ENSEMBLE)}
    return [
        container(plan, train_image_classifier.ALGORITHM, images, environment),
        container(plan, train_text_classifier.ALGORITHM, texts, environment),
    ]
