"""Other people's pipelines, compiled by the SDK's own classes: where nothing is wrong, nothing is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud import validate
from pipeline.definition.offline import no_account, pipeline_session
from pipeline.definition.settings import load_settings

ROLE = "arn:aws:iam::123456789012:role/other"
OWN = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:latest"
ALGORITHMS = "811284229777.dkr.ecr.us-east-1.amazonaws.com"
DATA, MODEL = "s3://other/data", "s3://other/model.tar.gz"
RECORDS = {"record_wrapper_type": "RecordIO", "input_mode": "Pipe", "content_type": "application/x-recordio"}


def compiled(session: Any, *steps: Any, **options: Any) -> str:
    from sagemaker.mlops.workflow.pipeline import Pipeline

    options = {"pipeline_experiment_config": None, **options}
    definition: str = Pipeline(name="other", steps=list(steps), sagemaker_session=session, **options).definition()
    return definition


def channel(name: str, *attributes: str, **options: Any) -> Any:
    from sagemaker.core.shapes import Channel, DataSource, S3DataSource

    kind: dict[str, Any] = {"s3_data_type": "S3Prefix"}
    if attributes:
        kind = {"s3_data_type": "AugmentedManifestFile", "attribute_names": list(attributes)}
    source = S3DataSource(s3_uri=DATA, s3_data_distribution_type="FullyReplicated", **kind)
    return Channel(channel_name=name, data_source=DataSource(s3_data_source=source), **options)


def training(
    session: Any, image: str, hyperparameters: dict[str, str], channels: list[Any], instances: str = "1 ml.m5.xlarge",
    **options: Any,
) -> Any:  # fmt: skip
    from sagemaker.core.shapes import MetricDefinition, OutputDataConfig, StoppingCondition
    from sagemaker.core.training.configs import Compute
    from sagemaker.mlops.workflow.steps import TrainingStep
    from sagemaker.train.model_trainer import ModelTrainer

    count, kind = instances.split()
    compute = Compute(instance_type=kind, instance_count=int(count), volume_size_in_gb=30, **options.pop("compute", {}))
    options = {"stopping_condition": StoppingCondition(max_runtime_in_seconds=3600), **options}
    metrics = [MetricDefinition(name=name, regex=regex) for name, regex in options.pop("metrics", {}).items()]
    trainer = ModelTrainer(
        sagemaker_session=session,
        role=ROLE,
        base_job_name="other",
        training_image=image,
        compute=compute,
        hyperparameters=hyperparameters,
        output_data_config=OutputDataConfig(s3_output_path=DATA),
        **options,
    )
    if metrics:
        trainer.with_metric_definitions(metrics)
    return TrainingStep(name="Train", step_args=trainer.train(input_data_config=channels))


def model_arguments(session: Any, capture: Callable[[], object]) -> Any:
    session.context = None
    session.init_model_step_arguments(SimpleNamespace(sagemaker_session=session))
    capture()
    return session.context


def word_vectors_on_two_instances(session: Any) -> str:
    figures = {"mode": "batch_skipgram", "window_size": "5", "batch_size": "11", "subwords": "False"}
    image = f"{ALGORITHMS}/blazingtext:1"
    return compiled(session, training(session, image, figures, [channel("train")], "2 ml.c5.2xlarge"))


def texts_from_files_on_a_gpu(session: Any) -> str:
    figures = {"mode": "supervised", "word_ngrams": "1", "early_stopping": "True", "min_count": "0"}
    image = f"{ALGORITHMS}/blazingtext:1"
    return compiled(session, training(session, image, figures, [channel("train")], "1 ml.p3.2xlarge"))


def pictures_of_one_label_each(session: Any) -> str:
    figures = {"num_classes": "2", "num_training_samples": "500", "lr_scheduler_step": "10,20", "top_k": "2"}
    channels = [channel(name, "source-ref", "class", **RECORDS) for name in ("train", "validation")]
    image = f"{ALGORITHMS}/image-classification:1"
    return compiled(session, training(session, image, figures, channels, "2 ml.p2.xlarge"))


def small_pictures_from_files(session: Any) -> str:
    figures = {"num_classes": "10", "num_training_samples": "500", "num_layers": "110", "image_shape": "3,28,28"}
    names = ("train", "validation", "train_lst", "validation_lst")
    channels = [channel(name, content_type="application/x-image") for name in names]
    image = f"{ALGORITHMS}/image-classification:1"
    return compiled(session, training(session, image, figures, channels, "1 ml.g5.xlarge"))


def a_metric_decides_after_a_training_that_resumes(session: Any) -> str:
    from sagemaker.core.shapes import CheckpointConfig, StoppingCondition
    from sagemaker.core.workflow.conditions import ConditionEquals, ConditionGreaterThan, ConditionNot, ConditionOr
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep

    train = training(
        session,
        OWN,
        {"rate": "0.1"},
        [channel("any")],
        compute={"enable_managed_spot_training": True},
        stopping_condition=StoppingCondition(max_runtime_in_seconds=3600, max_wait_time_in_seconds=86_400),
        checkpoint_config=CheckpointConfig(s3_uri="s3://other/checkpoints"),
        metrics={"accuracy": "accuracy=([0-9.]+)"},
    )
    is_good = ConditionGreaterThan(train.properties.FinalMetricDataList["accuracy"].Value, 0.5)
    is_done = ConditionNot(ConditionEquals(train.properties.TrainingJobStatus, "Failed"))
    decide = ConditionStep("Decide", conditions=[ConditionOr([is_good, is_done])], else_steps=[FailStep("Give-up")])
    return compiled(session, train, decide)


def a_chain_of_containers_without_names(session: Any) -> str:
    from sagemaker.core.helper.session_helper import production_variant
    from sagemaker.core.model_registry import create_model_package_from_containers
    from sagemaker.mlops.workflow.endpoint_step import EndpointConfigStep
    from sagemaker.mlops.workflow.model_step import ModelStep

    containers = [{"Image": OWN, "ModelDataUrl": MODEL}] * 2

    def register() -> None:
        create_model_package_from_containers(
            session,
            containers=containers,
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_group_name="other",
        )

    package = ModelStep("Register", step_args=model_arguments(session, register))
    create = model_arguments(session, lambda: session.create_model(name=None, role=ROLE, container_defs=containers))
    model = ModelStep("Model", step_args=create)
    variants = [production_variant(model.properties.ModelName, "ml.g4dn.xlarge", 1, variant_name="A")]
    serve = session.create_endpoint_config(name="other", production_variants=variants, tags=None)
    return compiled(session, package, model, EndpointConfigStep("Serve", step_args=serve))


def a_job_that_is_told_its_experiment(session: Any) -> str:
    from sagemaker.core.processing import Processor
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.mlops.workflow.pipeline_experiment_config import (
        PipelineExperimentConfig,
        PipelineExperimentConfigProperties,
    )
    from sagemaker.mlops.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy
    from sagemaker.mlops.workflow.steps import ProcessingStep

    job = Processor(role=ROLE, image_uri=OWN, instance_count=1, instance_type="ml.t3.medium", sagemaker_session=session)
    again = StepRetryPolicy([StepExceptionTypeEnum.THROTTLING], interval_seconds=0, backoff_rate=0.5, max_attempts=20)
    arguments = job.run(arguments=["--experiment", PipelineExperimentConfigProperties.EXPERIMENT_NAME])
    step = ProcessingStep(name="Tell", step_args=arguments, retry_policies=[again])
    experiment = PipelineExperimentConfig(ExecutionVariables.PIPELINE_NAME, ExecutionVariables.PIPELINE_EXECUTION_ID)
    return compiled(session, step, pipeline_experiment_config=experiment)


FOREIGN = (
    word_vectors_on_two_instances,
    texts_from_files_on_a_gpu,
    pictures_of_one_label_each,
    small_pictures_from_files,
    a_metric_decides_after_a_training_that_resumes,
    a_chain_of_containers_without_names,
    a_job_that_is_told_its_experiment,
)


@pytest.mark.parametrize("build", FOREIGN, ids=lambda build: build.__name__)
def test_nothing_is_found_in_a_good_definition_that_is_not_ours(build: Callable[[Any], str]) -> None:
    settings = load_settings()
    with no_account(settings.region):
        definition = build(pipeline_session(settings))
    assert validate(definition) == []


def test_a_content_type_is_the_same_without_the_space_before_its_parameter(definition: dict[str, Any]) -> None:
    text = json.dumps(definition).replace("x-recordio; label", "x-recordio;label")
    assert validate(text) == []
