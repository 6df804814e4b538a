"""Service quotas: what an account may have at the same time, as far as it may be asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boto3 import Session


SAGEMAKER, CODEBUILD = "sagemaker", "codebuild"


def training_quota(instance_type: str, is_spot: bool) -> str:
    """Return the name of the quota that a training on an instance type counts against."""
    return f"{instance_type} for {'spot training job' if is_spot else 'training job'} usage"


def quota_values(session: Session, service: str, names: Collection[str]) -> dict[str, float]:
    """Return the quotas of these names: the account's own, else the service's defaults; what neither lists is absent.

    ListServiceQuotas leaves out what was never applied to the account. Raises what botocore raises.
    """
    client = session.client("service-quotas")
    values: dict[str, float] = {}
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        if missing := set(names) - values.keys():
            pages = client.get_paginator(operation).paginate(ServiceCode=service)
            values |= {
                quota["QuotaName"]: quota["Value"]
                for page in pages
                for quota in page["Quotas"]
                if quota["QuotaName"] in missing
            }
    return values
