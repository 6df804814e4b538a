"""TrainJointClassifier and the like: train.py of a folder of one's own, in script mode on AWS's PyTorch image."""

from __future__ import annotations

import json

from sagemaker.core.helper.pipeline_variable import StrPipeVar
from sagemaker.core.shapes import Channel, DataSource, S3DataSource
from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

from memotion.opinions import Opinion
from pipeline.definition.parameters import script_parameters
from pipeline.definition.scripts import ARCHIVE, ENTRY_PROGRAM, hyperparameters_hash
from pipeline.definition.steps.images import provided_image
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.prepare_data import prepared
from pipeline.definition.steps.retries import job_retries
from pipeline.definition.steps.training import Limits, train

CHANNEL = "prepared"


def train_script(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> TrainingStep:
    settings = plan.settings
    instance_type, device = script_parameters(opinion)
    return TrainingStep(
        name=opinion.training_step,
        description=f"Train the {opinion.name} model: {opinion.script}/train.py",
        step_args=train(
            plan,
            opinion.training_step,
            image=_image(plan, device),
            base_name=opinion.hostname,
            instance_type=plan[instance_type],
            hyperparameters=_hyperparameters(plan, opinion),
            channels=[_channel(preparation)],
            limits=Limits(
                volume_gb=settings.script_training_volume_gb,
                volume_key=None,  # instances with disks of their own, as the default has, refuse one
                max_run_seconds=settings.script_training_max_run_seconds,
                spot=settings.script_training_spot,
                max_wait_seconds=settings.script_training_max_wait_seconds,
            ),
            checkpoints=_checkpoints(plan, opinion, preparation),
            input_mode="File",
        ),
        cache_config=CacheConfig(enable_caching=True, expire_after=settings.cache_expire_after),
        retry_policies=job_retries(),
    )


def _image(plan: Plan, device: str) -> Join:
    """The image for the device that the parameter names: `…/pytorch-training:2.6.0-gpu-py312`."""
    before, _, after = provided_image("pytorch-training", plan.settings.region).rpartition("-cpu-")
    return Join(on="-", values=[before, plan[device], after])


def _hyperparameters(plan: Plan, opinion: Opinion) -> dict[str, StrPipeVar]:
    """The toolkit's, which are JSON, then the script's own."""
    return {
        "sagemaker_program": json.dumps(ENTRY_PROGRAM),
        "sagemaker_submit_directory": json.dumps(f"{plan.code[opinion.training_step].uri}{ARCHIVE}"),
        **opinion.hyperparameters,
    }


def _channel(preparation: ProcessingStep) -> Channel:
    source = S3DataSource(
        s3_data_type="S3Prefix",
        s3_uri=prepared(preparation),
        s3_data_distribution_type="FullyReplicated",
    )
    return Channel(
        channel_name=CHANNEL,
        data_source=DataSource(s3_data_source=source),
        input_mode="File",
        compression_type="None",
        record_wrapper_type="None",
    )


def _checkpoints(plan: Plan, opinion: Opinion, preparation: ProcessingStep) -> Join:
    """The same data, code and figures resume where they were interrupted; any other begin afresh."""
    code = plan.code[opinion.training_step].uri.rstrip("/").rpartition("/")[2]
    figures = hyperparameters_hash(opinion.hyperparameters)
    return Join(on="/", values=[prepared(preparation), "checkpoints", opinion.training_step, code, figures])
