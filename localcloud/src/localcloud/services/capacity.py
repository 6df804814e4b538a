"""What can be had: EC2's instance types of the region, and service quotas. One machine limits neither.

Types that EC2 no longer describes are left out here too, so that whoever asks for one learns of it here first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError, ValidationException
from localcloud.service_model.shapes import service_model
from localcloud.services.listing import page

# Described no more, in no region, though botocore's list still has them.
_RETIRED_FAMILIES = {"p2", "p3"}
_OFFERINGS_PAGE, _QUOTAS_PAGE = 1000, 100
_MANY = 100.0
# What a quota's name says behind the instance type, by the list that SageMaker's description has of the types.
_USES = {
    "ProcessingInstanceType": ("processing job usage",),
    "TrainingInstanceType": ("training job usage", "spot training job usage"),
    "TransformInstanceType": ("transform job usage",),
    "ProductionVariantInstanceType": ("endpoint usage",),
}
_SIZES = ("Small", "Medium", "Large", "XLarge", "2XLarge")


@operation("ec2", "DescribeInstanceTypeOfferings")
def describe_instance_type_offerings(cloud: Cloud, request: Request) -> Answer:
    """Only of the region: one machine has no zones."""
    kind = request.get("LocationType", "region")
    if kind != "region":
        raise ServiceError(
            f"there are no offerings by {kind} here: ask by region", code="InvalidParameterValue", status=400
        )
    offered = [
        name for name in _instance_types() if all(_passes(each, name, cloud) for each in request.get("Filters", ()))
    ]
    types, token = page(offered, request, lambda name: (name,), is_descending=False, size=_OFFERINGS_PAGE)
    offerings = [{"InstanceType": name, "LocationType": kind, "Location": cloud.region} for name in types]
    return {"InstanceTypeOfferings": offerings, "NextToken": token}


@operation("service-quotas", "ListServiceQuotas")
@operation("service-quotas", "ListAWSDefaultServiceQuotas")
def list_service_quotas(cloud: Cloud, request: Request) -> Answer:
    service = request["ServiceCode"]
    names = {"sagemaker": _sagemaker_quotas, "codebuild": _codebuild_quotas}.get(service)
    if names is None:
        raise ServiceError(f"there are no quotas of {service!r} here", code="NoSuchResourceException", status=400)
    try:
        listed, token = page(names(), request, lambda name: (name,), is_descending=False, size=_QUOTAS_PAGE)
    except ValidationException as error:
        raise ServiceError(error.message, code="InvalidPaginationTokenException", status=400) from None
    return {"Quotas": [_quota(cloud, service, name) for name in listed], "NextToken": token}


@cache
def _instance_types() -> tuple[str, ...]:
    every = service_model("ec2").shape_for("InstanceType").enum
    return tuple(name for name in every if name.partition(".")[0] not in _RETIRED_FAMILIES)


def _passes(ec2_filter: dict[str, Any], name: str, cloud: Cloud) -> bool:
    """Whether a type is one that a filter names; `*` and `?` stand for what they do in EC2's filters."""
    attributes = {"instance-type": name, "location": cloud.region}
    if ec2_filter["Name"] not in attributes:
        raise ServiceError(f"the filter {ec2_filter['Name']!r} is invalid", code="InvalidParameterValue", status=400)
    return any(fnmatchcase(attributes[ec2_filter["Name"]], pattern) for pattern in ec2_filter.get("Values", ()))


def _sagemaker_quotas() -> Iterator[str]:
    for shape, uses in _USES.items():
        for instance_type in service_model("sagemaker").shape_for(shape).enum:
            yield from (f"{instance_type} for {use}" for use in uses)


def _codebuild_quotas() -> Iterator[str]:
    return (f"Concurrently running builds for Linux/{size} environment" for size in _SIZES)


def _quota(cloud: Cloud, service: str, name: str) -> dict[str, Any]:
    code = f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"
    return {
        "ServiceCode": service,
        "QuotaArn": cloud.arn("servicequotas", f"{service}/{code}"),
        "QuotaCode": code,
        "QuotaName": name,
        "Value": _MANY,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
