"""TrainTextClassifier and the like: BlazingText, supervised, multi-label over every class of every head."""

from __future__ import annotations

from sagemaker.core.helper.pipeline_variable import StrPipeVar
from sagemaker.core.shapes import Channel
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

from memotion import layout
from memotion.opinions import Opinion
from pipeline.definition.steps.images import provided_image
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.prepare_data import prepared
from pipeline.definition.steps.retries import job_retries
from pipeline.definition.steps.training import Limits, manifest_channel, train

ALGORITHM = "blazingtext"
TUNABLE = {
    "epochs": "TextEpochs",
    "min_count": "TextMinCount",
    "word_ngrams": "TextWordNgrams",
    "vector_dim": "TextVectorDim",
    "buckets": "TextBuckets",
}


def train_text_classifier(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> TrainingStep:
    settings = plan.settings
    return TrainingStep(
        name=opinion.training_step,
        description="Train the caption's opinion: word vectors and their n-grams",
        step_args=train(
            plan,
            opinion.training_step,
            image=provided_image(ALGORITHM, settings.region),
            base_name=opinion.hostname,
            instance_type=plan["TextTrainingInstanceType"],
            hyperparameters={**_hyperparameters(plan), **opinion.hyperparameters},
            channels=[_channel(plan, preparation, split) for split in (layout.TRAIN, layout.VALIDATION)],
            limits=Limits(
                volume_gb=settings.text_training_volume_gb,
                volume_key=plan.kms_key,
                max_run_seconds=settings.text_training_max_run_seconds,
                spot=settings.text_training_spot,
                max_wait_seconds=settings.text_training_max_wait_seconds,
            ),
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after=settings.cache_expire_after),
        retry_policies=job_retries(),
    )


def _hyperparameters(plan: Plan) -> dict[str, StrPipeVar]:
    tunable = {name: plan[parameter].to_string() for name, parameter in TUNABLE.items()}
    return {**tunable, "mode": "supervised", "learning_rate": "0.05"}


def _channel(plan: Plan, preparation: ProcessingStep, split: str) -> Channel:
    return manifest_channel(
        split,
        prepared(preparation, layout.MANIFESTS, layout.manifest_name("text", split)),
        ["source", "label"],
        "application/x-recordio",
        plan.settings.shuffle_seed if split == "train" else None,
    )
