"""Production serves what a person decided on, and what was registered: nothing that a machine approved or changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import boto3
import pytest

import localcloud
from pipeline.definition.settings import load_settings
from pipeline.errors import ParameterError, RefusedError
from pipeline.executions.starting import overrides
from pipeline.releases.artefacts import check_artefacts
from pipeline.releases.decision import check_decision, is_machine

MADE = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = load_settings(pipeline_role_arn="arn:aws:iam::000000000000:role/service/memotion-pipeline")
STS = "arn:aws:sts::000000000000:assumed-role"
USER = "arn:aws:iam::000000000000:user/somebody"
MACHINES = [
    f"{STS}/memotion-execution/SageMaker",
    f"{STS}/memotion-execution/anything",
    f"{STS}/memotion-pipeline/anything",
    f"{STS}/memotion-deploy/AWSCodeBuild-2f1c",
    f"{STS}/other-role/SageMaker",
    "arn:aws:iam::000000000000:role/memotion-execution",
]
PEOPLE = [
    USER,
    f"{STS}/AWSReservedSSO_Data_1/jane@example.org",
    f"{STS}/approver/jane",
    "arn:aws:iam::000000000000:root",
]
Package = dict[str, Any]


class Sts:
    def __init__(self, arn: str) -> None:
        self.arn = arn

    def client(self, _: str) -> Sts:
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": self.arn}


def package(**more: Any) -> Package:
    return {"ModelPackageGroupName": "memotion", "ModelPackageVersion": 3, "CreationTime": MADE, **more}


def changed_by(arn: str, **more: Any) -> Package:
    return package(LastModifiedTime=MADE + timedelta(hours=1), LastModifiedBy={"IamIdentity": {"Arn": arn}, **more})


def checked(given: Package, caller: str = USER) -> list[str]:
    announced: list[str] = []
    check_decision(Sts(caller), SETTINGS, given, announced.append)
    return announced


@pytest.mark.parametrize("arn", PEOPLE)
def test_a_person_decides(arn: str) -> None:
    assert not is_machine(arn, SETTINGS)
    assert checked(changed_by(arn)) == []


@pytest.mark.parametrize("arn", MACHINES)
def test_a_machines_approval_is_refused(arn: str) -> None:
    with pytest.raises(RefusedError, match="which is no person"):
        checked(changed_by(arn))


def test_a_user_profile_behind_a_jobs_role_is_a_person() -> None:
    """Who approves in SageMaker Studio acts under the profile's execution role."""
    assert checked(changed_by(MACHINES[0], UserProfileName="jane")) == []


@pytest.mark.parametrize("more", [{}, {"LastModifiedTime": MADE}])
def test_a_version_that_was_born_approved_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="born Approved"):
        checked(package(**more))


@pytest.mark.parametrize("decider", [None, {}, {"IamIdentity": {}}])
def test_where_the_service_tells_nobody_it_is_said_and_only_a_person_goes_on(decider: Any) -> None:
    given = package(LastModifiedTime=MADE + timedelta(hours=1), LastModifiedBy=decider)
    assert checked(given) == [
        f"the service does not tell who approved version 3 of memotion; it is deployed because {USER} asks"
    ]
    with pytest.raises(RefusedError, match="a person deploys it by hand"):
        checked(given, f"{STS}/memotion-deploy/AWSCodeBuild-2f1c")


def test_the_parameter_is_gone_also_where_a_live_definition_still_has_it() -> None:
    old = {"Version": "2020-12-01", "Parameters": [{"Name": "ModelApprovalStatus", "Type": "String"}], "Steps": []}
    with pytest.raises(ParameterError, match="every version waits for a person"):
        overrides.check(json.dumps(old), {"ModelApprovalStatus": "Approved"})


@pytest.fixture
def registered(tmp_path: Any) -> tuple[boto3.Session, Callable[..., Package]]:
    """A local cloud with an ensemble.json and an archive, and what registers a version of them."""
    session = localcloud.session(tmp_path / "home")
    s3, sagemaker = session.client("s3"), session.client("sagemaker")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="ensemble.json", Body=b"{}")
    s3.put_object(Bucket="bucket", Key="model.tar.gz", Body=b"archive")
    sagemaker.create_model_package_group(ModelPackageGroupName="memotion")

    def register(**properties: str) -> Package:
        container = {
            "Image": "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1",
            "ModelDataUrl": "s3://bucket/model.tar.gz",
            "Environment": {"MEMOTION_ENSEMBLE_URI": "s3://bucket/ensemble.json"},
        }
        arn = sagemaker.create_model_package(
            ModelPackageGroupName="memotion",
            CustomerMetadataProperties={"macro_f1": "0.5", **properties},
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["image/jpeg"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )["ModelPackageArn"]
        described: Package = sagemaker.describe_model_package(ModelPackageName=arn)
        return described

    return session, register


DIGEST = hashlib.sha256(b"{}").hexdigest()


def test_what_was_registered_is_deployed(registered: Any) -> None:
    session, register = registered
    announced: list[str] = []
    given = register(ensemble_sha256=DIGEST)
    check_artefacts(session, given, announced.append)
    assert announced == []
    etag = session.client("s3").head_object(Bucket="bucket", Key="model.tar.gz")["ETag"]
    assert given["InferenceSpecification"]["Containers"][0]["ModelDataETag"] == etag.strip('"')


@pytest.mark.parametrize(("key", "state"), [("ensemble.json", "not what"), ("model.tar.gz", "not what")])
def test_an_artefact_that_was_changed_since_is_refused(registered: Any, key: str, state: str) -> None:
    session, register = registered
    given = register(ensemble_sha256=DIGEST)
    session.client("s3").upload_fileobj(BytesIO(b"another"), "bucket", key)
    with pytest.raises(RefusedError, match=rf"{key} .*{state} version 1 of memotion was registered with"):
        check_artefacts(session, given, lambda _: None)


@pytest.mark.parametrize("key", ["ensemble.json", "model.tar.gz"])
def test_an_artefact_that_is_gone_is_refused(registered: Any, key: str) -> None:
    session, register = registered
    given = register(ensemble_sha256=DIGEST)
    session.client("s3").delete_object(Bucket="bucket", Key=key)
    with pytest.raises(RefusedError, match=f"{key} .*is gone"):
        check_artefacts(session, given, lambda _: None)


def test_a_version_of_before_has_no_digest_and_goes_on_with_a_sentence(registered: Any) -> None:
    session, register = registered
    announced: list[str] = []
    check_artefacts(session, register(), announced.append)
    assert announced == [
        "version 1 of memotion was registered before 0.2.0, without ensemble.json's digest: it is not compared"
    ]


def test_an_archive_that_a_job_left_is_registered_with_its_etag(registered: Any, tmp_path: Any) -> None:
    """No call put it there, so its record is made when it is first looked at."""
    _, register = registered
    (tmp_path / "home" / "buckets" / "bucket" / "model.tar.gz").write_bytes(b"by a job")
    etag = hashlib.md5(b"by a job").hexdigest()  # noqa: S324  S3's own
    assert register()["InferenceSpecification"]["Containers"][0]["ModelDataETag"] == etag
