"""ConfigureEndpoint: how the staging endpoint serves this execution's model; a new config an execution."""

from __future__ import annotations

from sagemaker.core.helper.session_helper import production_variant
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join
from sagemaker.mlops.workflow.endpoint_step import EndpointConfigStep
from sagemaker.mlops.workflow.model_step import ModelStep

from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.retries import call_retries


def configure_endpoint(plan: Plan, model: ModelStep) -> EndpointConfigStep:
    variant = production_variant(
        model_name=model.properties.ModelName,
        instance_type=plan["EndpointInstanceType"],
        initial_instance_count=plan["EndpointInstanceCount"],
        variant_name="AllTraffic",
    )
    return EndpointConfigStep(
        name="ConfigureEndpoint",
        description="The staging endpoint's config, for this execution's model",
        step_args=plan.session.create_endpoint_config(
            name=Join(on="-", values=[plan["StagingEndpointName"], ExecutionVariables.PIPELINE_EXECUTION_ID]),
            production_variants=[variant],
            kms_key=plan.kms_key,
            tags=plan.tags,
        ),
        retry_policies=call_retries(),
    )
