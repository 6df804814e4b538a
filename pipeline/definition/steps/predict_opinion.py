"""An opinion's answers to the held-out memes, by how it is made: a built-in algorithm's, or those of a script."""

from __future__ import annotations

from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep, TransformStep

from memotion.opinions import Opinion
from pipeline.definition.steps import train_image_classifier, train_text_classifier
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.predict_images import predict_images
from pipeline.definition.steps.predict_script import predict_script
from pipeline.definition.steps.predict_texts import predict_texts

PREDICTIONS = {
    train_image_classifier.ALGORITHM: predict_images,
    train_text_classifier.ALGORITHM: predict_texts,
    None: predict_script,
}


def predict_opinion(plan: Plan, opinion: Opinion, model: ModelStep, preparation: ProcessingStep) -> TransformStep:
    return PREDICTIONS[opinion.algorithm](plan, opinion, model, preparation)
