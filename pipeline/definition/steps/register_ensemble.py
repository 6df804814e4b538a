"""RegisterEnsemble: one package of all containers, with the figures that it passed the gate with."""

from __future__ import annotations

from sagemaker.core.model_registry import create_model_package_from_containers
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep

from pipeline.definition.steps.evaluate_ensemble import ENSEMBLE_DIGEST, LIFT_OVER_CHANCE, MACRO_F1, evaluated, figure
from pipeline.definition.steps.models import ContainerDefinition, begin_capture
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.retries import call_retries


def register_ensemble(plan: Plan, containers: list[ContainerDefinition], evaluation: ProcessingStep) -> ModelStep:
    """Without tags: a versioned package wears its group's."""
    begin_capture(plan)
    statistics = {"ContentType": "application/json", "S3Uri": evaluated(evaluation, "statistics.json")}
    create_model_package_from_containers(
        plan.session,
        containers=containers,
        content_types=["application/x-image", "application/json"],
        response_types=["application/json"],
        inference_instances=[plan["EndpointInstanceType"]],
        transform_instances=[plan["TransformInstanceType"]],
        model_package_group_name=plan.settings.model_package_group,
        approval_status="PendingManualApproval",
        model_metrics={"ModelQuality": {"Statistics": statistics}},
        customer_metadata_properties={
            "macro_f1": figure(evaluation, MACRO_F1).to_string(),
            "lift_over_chance": figure(evaluation, LIFT_OVER_CHANCE).to_string(),
            "ensemble_sha256": figure(evaluation, ENSEMBLE_DIGEST).to_string(),
            "execution_arn": ExecutionVariables.PIPELINE_EXECUTION_ARN,
        },
    )
    return ModelStep(
        name="RegisterEnsemble",
        description="Register the containers as one package, for a person to approve",
        step_args=plan.session.context,
        retry_policies=call_retries(),
    )
