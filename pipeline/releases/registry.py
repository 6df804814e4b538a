"""The registry: the versions of the package group, and a person's decision on one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from inference.serving import ensemble_uri
from memotion.layout import EVALUATION
from pipeline import s3_objects
from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.errors import NotFoundError, RefusedError
from pipeline.executions import executions
from pipeline.executions.results import report

if TYPE_CHECKING:
    from boto3 import Session

EXECUTION_PROPERTY = "execution_arn"
WAITING = "PendingManualApproval"
LONGEST_DESCRIPTION = 1024
Package = dict[str, Any]
Decision = Literal["Approved", "Rejected"]


def packages(session: Session, group: str) -> Iterator[Package]:
    """DescribeModelPackage's answers, newest first, asked for one by one; none where there is no such group yet."""
    sagemaker = sagemaker_client(session)
    pages = sagemaker.get_paginator("list_model_packages")
    query = {"ModelPackageGroupName": group, "SortBy": "CreationTime", "SortOrder": "Descending"}
    try:
        for page in pages.paginate(**query):
            for summary in page["ModelPackageSummaryList"]:
                answer = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
                yield {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    except ClientError as error:
        if not is_absent(error):
            raise


def find(session: Session, group: str, version: int) -> Package:
    """Raises NotFoundError for a version that the group does not have."""
    package = next((each for each in packages(session, group) if each["ModelPackageVersion"] == version), None)
    if package is None:
        raise NotFoundError(f"group {group!r} has no version {version}: `python pipeline.py packages` lists them")
    return package


def waiting(session: Session, group: str) -> Package:
    """The newest version that waits for a decision. Raises NotFoundError."""
    for package in packages(session, group):
        if package["ModelApprovalStatus"] == WAITING:
            return package
    raise NotFoundError(f"no version of group {group!r} waits for a decision: `python pipeline.py packages` lists them")


def decide(session: Session, package: Package, decision: Decision, comment: str) -> None:
    """Approve or reject, recording who and why; the model card goes into a package that waits, before the decision.

    A decided package is not touched otherwise: each of its changes is an event that tells of its status again.
    Raises RefusedError where the package is decided already or its execution has not ended.
    """
    _check(session, package, decision)
    if package["ModelApprovalStatus"] == WAITING:
        _attach_card(session, package)
    record(session, package, decision, comment)


def record(session: Session, package: Mapping[str, Any], decision: Decision, comment: str) -> None:
    """Set the package's status, with the comment and who made it."""
    who = session.client("sts").get_caller_identity()["Arn"]
    reason = f"{comment} ({decision.lower()} by {who})" if comment else f"{decision} by {who}"
    sagemaker_client(session).update_model_package(
        ModelPackageArn=package["ModelPackageArn"],
        ModelApprovalStatus=decision,
        ApprovalDescription=reason[:LONGEST_DESCRIPTION],
    )


def execution_of(package: Mapping[str, Any]) -> str | None:
    """The ARN of the execution that made the package; None for one that was made by hand."""
    arn: str | None = package.get("CustomerMetadataProperties", {}).get(EXECUTION_PROPERTY)
    return arn


def figures_of(session: Session, package: Mapping[str, Any]) -> report.Evaluation | None:
    """The evaluation.json beside the ensemble.json that the package's containers name; None where they name none.

    Raises NotFoundError where it is not there, or other code wrote it without the figures.
    """
    uri = _beside_ensemble(package, EVALUATION)
    return report.read(session, uri) if uri else None


def name(package: Mapping[str, Any]) -> str:
    return f"version {package['ModelPackageVersion']} of {package['ModelPackageGroupName']}"


def _check(session: Session, package: Package, decision: Decision) -> None:
    status = package["ModelApprovalStatus"]
    if status == decision or status == "Rejected":
        raise RefusedError(f"{name(package)} is already {status}")
    arn = execution_of(package)
    if arn is None:
        return
    try:
        state = executions.describe(session, arn)["PipelineExecutionStatus"]
    except NotFoundError:
        return
    if state in executions.RUNNING:
        raise RefusedError(
            f"execution {executions.identifier(arn)} of {name(package)} is still {state}: wait for its end"
        )


def _attach_card(session: Session, package: Package) -> None:
    uri = _beside_ensemble(package, "model_card.json")
    if uri is None:
        return
    try:
        card = s3_objects.read(session, uri)
    except NotFoundError:
        return
    sagemaker_client(session).update_model_package(
        ModelPackageArn=package["ModelPackageArn"],
        ModelCard={"ModelCardContent": card.decode(), "ModelCardStatus": "Approved"},
    )


def _beside_ensemble(package: Mapping[str, Any], file: str) -> str | None:
    uri = ensemble_uri(package.get("InferenceSpecification", {}).get("Containers", []))
    return f"{uri.rpartition('/')[0]}/{file}" if uri else None
