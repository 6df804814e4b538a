"""What can be had: EC2's offerings as moto's copy of them has it, and quotas by the names that AWS gives them."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

import localcloud
from localcloud.service_model.shapes import service_model

OFFERED = {each["InstanceType"] for each in INSTANCE_TYPE_OFFERINGS["region"]["us-east-1"]}
LISTS = ("ProcessingInstanceType", "TrainingInstanceType", "TransformInstanceType", "ProductionVariantInstanceType")
TRAINING = set(service_model("sagemaker").shape_for("TrainingInstanceType").enum)


@pytest.fixture
def session(tmp_path: Path) -> boto3.Session:
    return localcloud.session(tmp_path)


def offered(session: boto3.Session, *patterns: str) -> set[str]:
    filters = [{"Name": "instance-type", "Values": list(patterns)}] if patterns else []
    pages = session.client("ec2").get_paginator("describe_instance_type_offerings")
    results = pages.paginate(LocationType="region", Filters=filters)
    return {offering["InstanceType"] for page in results for offering in page["InstanceTypeOfferings"]}


def test_what_ec2_describes_no_more_is_not_offered(session: boto3.Session) -> None:
    assert offered(session, "p3.2xlarge", "g5.xlarge", "no.such") == {"g5.xlarge"}
    assert offered(session, "p3.*") == set()


def test_training_instances_in_common_use_are_offered_where_they_are(session: boto3.Session) -> None:
    """The newest and the rarest differ from region to region."""
    here, there = offered(session), OFFERED
    rare = {"p5e", "p6e-gb200", "trn2"}
    types = {name.removeprefix("ml.") for name in TRAINING if name.split(".")[1] not in rare}
    assert {name for name in types if (name in here) != (name in there)} == set()


def test_an_unknown_filter_is_refused(session: boto3.Session) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        session.client("ec2").describe_instance_type_offerings(Filters=[{"Name": "colour", "Values": ["red"]}])


@pytest.mark.parametrize("operation", ["list_service_quotas", "list_aws_default_service_quotas"])
def test_quotas_are_named_as_the_service_names_them(session: boto3.Session, operation: str) -> None:
    pages = session.client("service-quotas").get_paginator(operation).paginate(ServiceCode="sagemaker")
    quotas = [quota for page in pages for quota in page["Quotas"]]
    names = {quota["QuotaName"] for quota in quotas}
    assert len(names) == len(quotas)
    assert {"ml.g5.xlarge for spot training job usage", "ml.m5.xlarge for endpoint usage"} <= names
    assert all(quota["Value"] > 0 for quota in quotas)


def test_there_are_no_quotas_of_other_services(session: boto3.Session) -> None:
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        session.client("service-quotas").list_service_quotas(ServiceCode="polly")


def test_an_instance_has_local_disks_where_ec2_says_so() -> None:
    names = {name for each in LISTS for name in service_model("sagemaker").shape_for(each).enum}
    descriptions = {name: INSTANCE_TYPES.get(name.removeprefix("ml.")) for name in names}
    says = {name: bool(entry.get("InstanceStorageSupported")) for name, entry in descriptions.items() if entry}
    assert len(says) > 300
    assert {name for name, has in says.items() if localcloud.has_local_disks(name) != has} == set()
