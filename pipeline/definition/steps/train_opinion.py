"""An opinion's training, by how it is made: a built-in algorithm's, or that of a script of one's own."""

from __future__ import annotations

from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep

from memotion.opinions import Opinion
from pipeline.definition.steps import train_image_classifier, train_text_classifier
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.train_script import train_script

TRAININGS = {
    train_image_classifier.ALGORITHM: train_image_classifier.train_image_classifier,
    train_text_classifier.ALGORITHM: train_text_classifier.train_text_classifier,
    None: train_script,
}


def train_opinion(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> TrainingStep:
    return TRAININGS[opinion.algorithm](plan, opinion, preparation)
