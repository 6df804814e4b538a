"""What the quotas have to allow: one execution, and beside it a deployment while both of its fleets run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.clients import sagemaker_client
from pipeline.definition.parameters import IMAGE_INSTANCE, pipeline_parameters
from pipeline.definition.settings import Settings
from pipeline.errors import ParameterError
from pipeline.executions.starting.quotas import training_quota
from pipeline.releases import endpoints
from pipeline.releases.production import Capacity, usual_instance

if TYPE_CHECKING:
    from boto3 import Session

# The builds of infra/: ci.yml's on a medium machine, deployment.yml's on a small one.
BUILDS = {
    "Concurrently running builds for Linux/Medium environment": "ci",
    "Concurrently running builds for Linux/Small environment": "deploy",
}


def sent_values(settings: Settings, overrides: Mapping[str, str]) -> dict[str, str]:
    """Return each parameter's value as a start with `overrides` sends it. Raises ParameterError for a wrong one."""
    parameters = {each.name: each for each in pipeline_parameters(settings)}
    for name, value in overrides.items():
        problem = parameters[name].problem(value) if name in parameters else f"the pipeline has no parameter {name!r}"
        if problem:
            raise ParameterError(problem)
    return {name: str(each.default) for name, each in parameters.items()} | dict(overrides)


def needed(settings: Settings, values: Mapping[str, str], production: Capacity) -> Counter[str]:
    """Return how many instances each quota has to allow at the same time, by the quota's name.

    The endpoints' count is that of the height: staging, production, and the second fleet of whichever is updated.
    """
    staging = Capacity(values["EndpointInstanceType"], int(values["EndpointInstanceCount"]))
    jobs = Counter(
        {
            f"{values['ProcessingInstanceType']} for processing job usage": 1,
            f"{values['TransformInstanceType']} for transform job usage": 2 * settings.transform_instance_count,
        }
    )
    jobs[training_quota(values[IMAGE_INSTANCE], settings.image_training_spot)] += 1
    jobs[training_quota(values["TextTrainingInstanceType"], settings.text_training_spot)] += 1
    return jobs + _endpoint_fleets(staging, production)


def production_capacity(session: Session, settings: Settings) -> Capacity:
    """Return what production runs on, or would run on where there is none."""
    answer = endpoints.describe(session, settings.endpoint_name)
    if answer is None or "EndpointConfigName" not in answer:
        return Capacity(usual_instance(settings), 1)
    config = sagemaker_client(session).describe_endpoint_config(EndpointConfigName=answer["EndpointConfigName"])
    variant = config["ProductionVariants"][0]
    running = (answer.get("ProductionVariants") or [{}])[0].get("DesiredInstanceCount")
    return Capacity(variant["InstanceType"], running or variant["InitialInstanceCount"])


def _endpoint_fleets(*standing: Capacity) -> Counter[str]:
    fleets: Counter[str] = Counter()
    for kind in {each.instance_type for each in standing}:
        counts = [each.count for each in standing if each.instance_type == kind]
        fleets[f"{kind} for endpoint usage"] = sum(counts) + max(counts)
    return fleets
