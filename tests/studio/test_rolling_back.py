"""Production goes back through the page: asked twice, done once, and seen through boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from localcloud_tests.small_cloud import LocalCloud, until
from localcloud_tests.tiny_models import tiny_models
from memotion.ensemble import Combiner
from memotion.text import CLEANER_VERSION
from pipeline.account.session import Connection
from studio.web.background_jobs import BackgroundJobs
from tests.studio.conftest import Reply, Service, Visitor, served

HEADS = {"mood": ("dark", "light"), "taste": ("bland", "salty", "sweet")}


class Released:
    """A local cloud with approved versions of one package, seen through boto3, and the page over it."""

    def __init__(self, cloud: LocalCloud, visitor: Visitor) -> None:
        self.cloud = cloud
        self.visitor = visitor

    def register(self) -> None:
        """An approved version more."""
        environment = {"MEMOTION_ENSEMBLE_URI": "s3://bucket/ensemble.json"}
        names = ("image-classification", "blazingtext")
        package = self.cloud.sagemaker.create_model_package(
            ModelPackageGroupName="memotion",
            InferenceSpecification={
                "Containers": [
                    {**self.cloud.container(name), "ContainerHostname": name, "Environment": environment}
                    for name in names
                ],
                "SupportedContentTypes": ["image/jpeg"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )
        self.cloud.sagemaker.update_model_package(
            ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus="Approved"
        )

    def finished(self, answer: Reply) -> str:
        """What the page of a work says once it is done."""
        assert answer.status == 303
        path = answer.headers["location"]
        until(lambda: "Executing" not in self.visitor.get(path).page.text)
        return self.visitor.get(path).page.text

    @property
    def config(self) -> str:
        return str(self.cloud.describe("memotion")["EndpointConfigName"])

    def package(self, number: int) -> dict[str, Any]:
        arn = f"arn:aws:sagemaker:us-east-1:000000000000:model-package/memotion/{number}"
        return dict(self.cloud.sagemaker.describe_model_package(ModelPackageName=arn))


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def released(tmp_path: Path, artifacts: dict[str, bytes]) -> Iterator[Released]:
    cloud = LocalCloud(tmp_path / "home", artifacts)
    combiner = Combiner(method="average", heads=HEADS, image_size=28, cleaner_version=CLEANER_VERSION)
    cloud.s3.put_object(Bucket="bucket", Key="ensemble.json", Body=combiner.to_json().encode())
    cloud.sagemaker.create_model_package_group(ModelPackageGroupName="memotion")
    with served(Connection(cloud.session, {}, True)) as visitor:
        yield Released(cloud, visitor)
    cloud.close()


def test_production_goes_back_once_it_was_asked_for_twice(released: Released) -> None:
    visitor = released.visitor
    for number in (1, 2):
        released.register()
        assert f"memotion serves version {number}" in released.finished(visitor.post(f"/registry/{number}/deploy"))
    assert "/endpoints/rollback" in [each.get("href") for each in visitor.get("/endpoints").page.all("a")]

    question = visitor.get("/endpoints/rollback").page

    assert "is InService with version 2. It returns to memotion-v1" in question.text
    assert "version 2 becomes Rejected" in question.text
    (form,) = question.all("form")
    assert (form["method"], form["action"]) == ("post", "/endpoints/rollback")
    assert released.config == "memotion-v2", "the question alone did it"
    assert released.package(2)["ModelApprovalStatus"] == "Approved"

    finished_page = released.finished(visitor.post("/endpoints/rollback", {"comment": "sarcasm got <worse>"}))

    assert "memotion serves version 1 of memotion again" in finished_page
    assert released.config == "memotion-v1"
    assert released.cloud.describe("memotion")["EndpointStatus"] == "InService"
    left = released.package(2)
    assert left["ModelApprovalStatus"] == "Rejected"
    assert left["ApprovalDescription"].startswith("sarcasm got <worse> (rejected by ")
    assert "It is Rejected, which is decided for good." in visitor.get("/registry/2/deploy").page.text
    assert "only an Approved one is deployed" in released.finished(visitor.post("/registry/2/deploy"))
    assert released.config == "memotion-v1"


def test_where_nothing_was_deployed_there_is_no_form_to_go_back_with(service: Service, over: Visitor) -> None:
    page = over.get("/endpoints/rollback").page

    assert "There is nothing to go back to: memotion is not there." in page.text
    assert page.all("form") == []


def test_a_version_that_is_not_approved_is_not_asked_about(service: Service, over: Visitor) -> None:
    package = {
        "ModelPackageGroupName": "memotion", "ModelPackageVersion": 1, "ModelPackageArn": "arn/1",
        "ModelApprovalStatus": "PendingManualApproval", "InferenceSpecification": {"Containers": []},
    }  # fmt: skip
    service.answers["ListModelPackages"] = lambda _: {"ModelPackageSummaryList": [{"ModelPackageArn": "arn/1"}]}
    service.answers["DescribeModelPackage"] = lambda _: package

    page = over.get("/registry/1/deploy").page

    assert "It is PendingManualApproval: only an Approved version is deployed." in page.text
    assert page.all("form") == []
    assert len(over.get("/registry/1/approve").page.all("form")) == 1


def test_of_two_that_are_asked_for_at_once_one_is_begun() -> None:
    background_jobs, go_on = BackgroundJobs(), Event()
    begun: list[str] = []

    def job(name: str) -> Callable[[Callable[[str], None]], object]:
        def do(say: Callable[[str], None]) -> None:
            begun.append(name)
            go_on.wait()

        return do

    first = background_jobs.begin("Rolling back", job("first"), lambda _: None)
    second = background_jobs.begin("Deploying version 3", job("second"), lambda _: None)
    go_on.set()
    until(lambda: first.is_done)

    assert second is first
    assert (begun, background_jobs.get(first.key)) == (["first"], first)
