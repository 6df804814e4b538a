"""How each opinion is trained: one instance, spot if asked; the built-in algorithms stream augmented manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sagemaker.core.helper.pipeline_variable import StrPipeVar
from sagemaker.core.shapes import (
    Channel,
    CheckpointConfig,
    DataSource,
    OutputDataConfig,
    S3DataSource,
    ShuffleConfig,
    StoppingCondition,
    Tag,
)
from sagemaker.core.training.configs import Compute, Networking
from sagemaker.core.workflow.pipeline_context import _JobStepArguments
from sagemaker.train.model_trainer import ModelTrainer

from pipeline.definition.steps.plan import Plan


@dataclass(frozen=True)
class Limits:
    """What a training may use; `max_wait_seconds` holds with spot, waiting and running together.

    `volume_key` is the KMS key of the volume, None where the instance may have disks of its own.
    """

    volume_gb: int
    volume_key: str | None
    max_run_seconds: int
    spot: bool
    max_wait_seconds: int


def manifest_channel(
    name: str, manifest: StrPipeVar, attributes: list[str], content_type: str, shuffle_seed: int | None
) -> Channel:
    """A channel that streams an augmented manifest's records, `attributes` in the order that the algorithm reads."""
    source = S3DataSource(
        s3_data_type="AugmentedManifestFile",
        s3_uri=manifest,
        s3_data_distribution_type="FullyReplicated",
        attribute_names=attributes,
    )
    shuffle = {} if shuffle_seed is None else {"shuffle_config": ShuffleConfig(seed=shuffle_seed)}
    return Channel(
        channel_name=name,
        data_source=DataSource(s3_data_source=source),
        content_type=content_type,
        input_mode="Pipe",
        record_wrapper_type="RecordIO",
        compression_type="None",
        **shuffle,
    )


def train(
    plan: Plan,
    step: str,
    *,
    image: StrPipeVar,
    base_name: str,
    instance_type: StrPipeVar,
    hyperparameters: Mapping[str, StrPipeVar],
    channels: list[Channel],
    limits: Limits,
    checkpoints: StrPipeVar | None = None,
    input_mode: str = "Pipe",
) -> _JobStepArguments:
    """The request of a training job; `checkpoints` is the S3 URI that it resumes from and writes to."""
    trainer = ModelTrainer(
        sagemaker_session=plan.session,
        role=plan.settings.role_arn,
        base_job_name=base_name,
        training_image=image,
        training_input_mode=input_mode,
        compute=_compute(instance_type, limits),
        stopping_condition=_stopping_condition(limits),
        networking=_networking(plan),
        hyperparameters=dict(hyperparameters),
        output_data_config=_output(plan, step),
        checkpoint_config=CheckpointConfig(s3_uri=checkpoints) if checkpoints is not None else None,
        tags=[Tag(key=tag["Key"], value=tag["Value"]) for tag in plan.tags],
    )
    return trainer.train(input_data_config=channels)


def _compute(instance_type: StrPipeVar, limits: Limits) -> Compute:
    return Compute(
        instance_type=instance_type,
        instance_count=1,
        volume_size_in_gb=limits.volume_gb,
        volume_kms_key_id=limits.volume_key,
        enable_managed_spot_training=limits.spot,
    )


def _stopping_condition(limits: Limits) -> StoppingCondition:
    wait = {"max_wait_time_in_seconds": limits.max_wait_seconds} if limits.spot else {}
    return StoppingCondition(max_runtime_in_seconds=limits.max_run_seconds, **wait)


def _networking(plan: Plan) -> Networking | None:
    if not plan.settings.subnets:
        return None
    return Networking(subnets=list(plan.settings.subnets), security_group_ids=list(plan.settings.security_groups))


def _output(plan: Plan, step: str) -> OutputDataConfig:
    key = {"kms_key_id": plan.kms_key} if plan.kms_key else {}
    return OutputDataConfig(s3_output_path=plan.output(step), **key)
