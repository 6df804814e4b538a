"""DeployEndpoint: the staging endpoint is created, or updated to the new config; never cached."""

from __future__ import annotations

from sagemaker.mlops.workflow.endpoint_step import EndpointConfigStep, EndpointStep

from pipeline.definition.steps.plan import Plan


def deploy_endpoint(plan: Plan, config: EndpointConfigStep) -> EndpointStep:
    return EndpointStep(
        name="DeployEndpoint",
        description="Create or update the staging endpoint",
        step_args=plan.session.create_endpoint(
            endpoint_name=plan["StagingEndpointName"],
            config_name=config.properties.EndpointConfigName,
            tags=plan.tags,
        ),
    )
