"""SageMaker images of one's own, as pipelines ask for them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from localcloud_tests.definitions import ROLE, Local

BASE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"


def test_a_pipeline_that_asks_for_an_image_that_nobody_made_is_told_so(local: Local) -> None:
    with pytest.raises(local.sagemaker.exceptions.ResourceNotFound):
        local.sagemaker.describe_image_version(ImageName="own")
    local.sagemaker.create_image(ImageName="own", RoleArn=ROLE)
    with pytest.raises(local.sagemaker.exceptions.ResourceNotFound):
        local.sagemaker.describe_image_version(ImageName="own")


def test_the_newest_version_of_an_image_is_described_unless_one_is_named(local: Local) -> None:
    local.sagemaker.create_image(ImageName="own", RoleArn=ROLE)
    for tag, aliases in (("1", ["first"]), ("2", [])):
        local.sagemaker.create_image_version(ImageName="own", BaseImage=f"{BASE}{tag}", Aliases=aliases)

    def described(**version: object) -> tuple[int, str]:
        answer = local.sagemaker.describe_image_version(ImageName="own", **version)
        assert answer["ImageVersionStatus"] == "CREATED"
        return answer["Version"], answer["ContainerImage"]

    assert described() == (2, f"{BASE}2")
    assert described(Version=1) == described(Alias="first") == (1, f"{BASE}1")
    assert local.sagemaker.describe_image(ImageName="own")["ImageStatus"] == "CREATED"
    with pytest.raises(ClientError, match="not by both"):
        described(Version=1, Alias="first")
