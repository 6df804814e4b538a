"""The service quotas that one execution needs, and what the account has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline.definition.parameters import pipeline_parameters
from pipeline.definition.settings import Settings


def wanted(settings: Settings) -> Counter[str]:
    """Instances by the name of their quota, with the parameters' defaults: as many as run at the same time."""
    kind = {parameter.name: str(parameter.default) for parameter in pipeline_parameters(settings)}
    spot = {True: "spot training job", False: "training job"}
    return Counter(
        {
            f"{kind['ProcessingInstanceType']} for processing job usage": 1,
            f"{kind['ImageTrainingInstanceType']} for {spot[settings.image_training_spot]} usage": 1,
            f"{kind['TextTrainingInstanceType']} for {spot[settings.text_training_spot]} usage": 1,
            f"{kind['TransformInstanceType']} for transform job usage": 2 * settings.transform_instance_count,
            f"{kind['EndpointInstanceType']} for endpoint usage": int(kind["EndpointInstanceCount"]),
        }
    )


def quotas(session: Any, settings: Settings) -> Iterator[tuple[str, int, float]]:
    """(name, how many are wanted, how many there may be); 0 for a quota that the account does not have."""
    pages = session.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    found = {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}
    for name, count in wanted(settings).items():
        yield name, count, found.get(name, 0.0)
