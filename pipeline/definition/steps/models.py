"""How models are made: a container is an image over what one training left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagemaker.core.helper.pipeline_variable import StrPipeVar
from sagemaker.core.workflow.pipeline_context import PipelineSession, _ModelStepArguments
from sagemaker.mlops.workflow.steps import TrainingStep

from memotion.opinions import Opinion
from pipeline.definition.scripts import SERVING_PROGRAM
from pipeline.definition.steps.images import SERVING_SCRIPT, provided_image
from pipeline.definition.steps.plan import Plan

ContainerDefinition = dict[str, Any]
# A script serves from the code that its training left in the artefact.
SCRIPT_ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": SERVING_PROGRAM,
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}


@dataclass(frozen=True)
class _Builder:
    """What a ModelStep asks of the model that its arguments came from: a session, nothing else."""

    sagemaker_session: PipelineSession


def container(
    plan: Plan,
    opinion: Opinion,
    training: TrainingStep,
    environment: Mapping[str, StrPipeVar] | None = None,
) -> ContainerDefinition:
    """One container; a multi-container endpoint routes by its hostname."""
    return {
        "ContainerHostname": opinion.hostname,
        "Image": provided_image(opinion.algorithm or SERVING_SCRIPT, plan.settings.region),
        "ModelDataUrl": training.properties.ModelArtifacts.S3ModelArtifacts,
        "Environment": {**({} if opinion.algorithm else SCRIPT_ENVIRONMENT), **(environment or {})},
    }


def begin_capture(plan: Plan) -> None:
    """Make the session ready to capture the next model or package: it replaces no capture by itself."""
    plan.session.context = None
    plan.session.init_model_step_arguments(_Builder(plan.session))


def create_model(plan: Plan, containers: list[ContainerDefinition]) -> _ModelStepArguments:
    """The request of a model, of several containers each invoked by its name (Direct) where there are several."""
    begin_capture(plan)
    vpc = {"Subnets": list(plan.settings.subnets), "SecurityGroupIds": list(plan.settings.security_groups)}
    plan.session.create_model(
        name=None,  # the execution names it
        role=plan.settings.role_arn,
        container_defs=containers if len(containers) > 1 else containers[0],
        vpc_config=vpc if plan.settings.subnets else None,
        tags=plan.tags,
    )
    if len(containers) > 1:
        # The SDK's own call has no argument for the mode.
        plan.session.context.create_model_request["InferenceExecutionConfig"] = {"Mode": "Direct"}
    return plan.session.context
