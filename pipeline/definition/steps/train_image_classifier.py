"""TrainImageClassifier and the like: the built-in image classification, multi-label over every class of every head."""

from __future__ import annotations

from sagemaker.core.helper.pipeline_variable import StrPipeVar
from sagemaker.core.shapes import Channel
from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

from memotion import layout
from memotion.opinions import Opinion
from pipeline.definition.steps.images import provided_image
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.prepare_data import prepared, training_rows
from pipeline.definition.steps.retries import job_retries
from pipeline.definition.steps.training import Limits, manifest_channel, train

ALGORITHM = "image-classification"
# Without the label format the algorithm reads the ids as one number a class.
CONTENT_TYPE = "application/x-recordio; label-format=class-id"
# The hyperparameters that are parameters, each by its parameter.
TUNABLE = {
    "num_layers": "ImageNumLayers",
    "epochs": "ImageEpochs",
    "mini_batch_size": "ImageMiniBatchSize",
    "learning_rate": "ImageLearningRate",
    "use_pretrained_model": "ImageUsePretrainedModel",
    "augmentation_type": "ImageAugmentation",
}


def train_image_classifier(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> TrainingStep:
    settings = plan.settings
    return TrainingStep(
        name=opinion.training_step,
        description="Train the picture's opinion: a ResNet over the standard pictures",
        step_args=train(
            plan,
            opinion.training_step,
            image=provided_image(ALGORITHM, settings.region),
            base_name=opinion.hostname,
            instance_type=plan["ImageTrainingInstanceType"],
            hyperparameters=_hyperparameters(plan, opinion, preparation),
            channels=[_channel(plan, preparation, split) for split in (layout.TRAIN, layout.VALIDATION)],
            limits=Limits(
                volume_gb=settings.image_training_volume_gb,
                volume_key=settings.image_training_volume_key,
                max_run_seconds=settings.image_training_max_run_seconds,
                spot=settings.image_training_spot,
                max_wait_seconds=settings.image_training_max_wait_seconds,
            ),
            checkpoints=_checkpoints(plan, opinion, preparation),
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after=settings.cache_expire_after),
        retry_policies=job_retries(),
    )


def _hyperparameters(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> dict[str, StrPipeVar]:
    size = plan["ImageSize"]
    return {
        **{name: plan[parameter].to_string() for name, parameter in TUNABLE.items()},
        "num_classes": str(plan.num_classes),
        "num_training_samples": training_rows(preparation),
        "multi_label": "1",
        "image_shape": Join(on=",", values=["3", size, size]),
        "precision_dtype": "float32",
        **opinion.hyperparameters,
    }


def _channel(plan: Plan, preparation: ProcessingStep, split: str) -> Channel:
    return manifest_channel(
        split,
        prepared(preparation, layout.MANIFESTS, layout.manifest_name("image", split)),
        ["source-ref", "class"],
        CONTENT_TYPE,
        plan.settings.shuffle_seed if split == "train" else None,
    )


def _checkpoints(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> Join:
    """The same data and figures resume where they were interrupted; any other begin afresh.

    What lies under this URI is restored into whatever job names it, so all that makes the weights stands in it.
    """
    figures = [plan[name].to_string() for name in ("ImageSize", *TUNABLE.values())]
    fixed = [f"{name}={value}" for name, value in sorted(opinion.hyperparameters.items())]
    return Join(on="/", values=[prepared(preparation), "checkpoints", *figures, *fixed])
