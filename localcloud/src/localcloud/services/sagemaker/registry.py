"""The model registry: groups, their numbered package versions, and the decisions about them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ConflictException, ResourceNotFound, ServiceError, ValidationException
from localcloud.s3 import parse_uri
from localcloud.s3.reading import find as find_object
from localcloud.services.identity import creator
from localcloud.services.listing import in_order, matching, page
from localcloud.services.resources import arn_of, create, delete, find, view
from localcloud.services.tags import write_tags
from localcloud.state.store import Record, insert, select, update

GROUP, PACKAGE = "ModelPackageGroup", "ModelPackage"
MAX_CUSTOM_PROPERTIES = 50
_PENDING = "PendingManualApproval"
_UNVERSIONED, _VERSIONED = "Unversioned", "Versioned"


@operation("sagemaker", "CreateModelPackageGroup")
def create_model_package_group(cloud: Cloud, request: Request) -> Answer:
    return create(cloud, GROUP, request, {"LastVersion": 0}, "Completed")


@operation("sagemaker", "DeleteModelPackageGroup")
def delete_model_package_group(cloud: Cloud, request: Request) -> Answer:
    group = find(cloud, GROUP, request["ModelPackageGroupName"])
    versions = [item for item in _packages(cloud) if item.get("ModelPackageGroupName") == group.name]
    if versions:
        raise ConflictException(
            f"the model package group {group.name!r} still has {len(versions)} model packages; delete them first"
        )
    return delete(cloud, GROUP, request)


@operation("sagemaker", "CreateModelPackage")
def create_model_package(cloud: Cloud, request: Request) -> Answer:
    """The next version of a group, or a package on its own. The same ClientToken makes the same package once."""
    if ("ModelPackageGroupName" in request) == ("ModelPackageName" in request):
        raise ValidationException("a model package has either a ModelPackageGroupName or a ModelPackageName")
    _check_properties(request.get("CustomerMetadataProperties", {}))
    details = {
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CertifyForMarketplace": request.get("CertifyForMarketplace", False),
    }
    if "ModelPackageName" in request:
        return create(cloud, PACKAGE, request, details, "Completed")
    return _create_version(cloud, request, details)


@operation("sagemaker", "DescribeModelPackage")
def describe_model_package(cloud: Cloud, request: Request) -> Answer:
    return _view(_find(cloud, request["ModelPackageName"]))


@operation("sagemaker", "BatchDescribeModelPackage")
def batch_describe_model_package(cloud: Cloud, request: Request) -> Answer:
    summaries: dict[str, Answer] = {}
    errors: dict[str, Answer] = {}
    for arn in request["ModelPackageArnList"]:
        try:
            summaries[arn] = _summary(_find(cloud, arn))
        except ServiceError as error:
            errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
    return {"ModelPackageSummaries": summaries, "BatchDescribeModelPackageErrorMap": errors}


@operation("sagemaker", "ListModelPackages")
def list_model_packages(cloud: Cloud, request: Request) -> Answer:
    """Newest first. Without a group or a type, those that have no versions."""
    filters = dict(request)
    kind = filters.pop("ModelPackageType", _VERSIONED if "ModelPackageGroupName" in filters else _UNVERSIONED)
    if "ModelPackageGroupName" in filters:
        filters["ModelPackageGroupName"] = find(cloud, GROUP, filters["ModelPackageGroupName"]).name
    part = str(filters.pop("NameContains", "")).lower()
    items = [
        item
        for item in matching(PACKAGE, _packages(cloud), filters)
        if part in str(item.get("ModelPackageGroupName") or item["ModelPackageName"]).lower()
        and kind in {"Both", _VERSIONED if "ModelPackageVersion" in item else _UNVERSIONED}
    ]
    listed, token = page(items, request, in_order(PACKAGE, request))
    return {"ModelPackageSummaryList": listed, "NextToken": token}


@operation("sagemaker", "UpdateModelPackage")
def update_model_package(cloud: Cloud, request: Request) -> Answer:
    """A decision with its description, and properties: those given are added, those named for removal are gone."""
    with cloud.store.write() as connection:
        record = select(connection, PACKAGE, request["ModelPackageArn"])
        if record is None:
            raise _not_found(request["ModelPackageArn"])
        if "ModelApprovalStatus" in request and "ModelPackageVersion" not in record.body:
            raise ValidationException("only the version of a group is approved or rejected")
        body = {**record.body, **_changes(record.body, request), "LastModifiedBy": creator(cloud)}
        update(connection, replace(record, body=body))
    return {"ModelPackageArn": record.arn}


@operation("sagemaker", "DeleteModelPackage")
def delete_model_package(cloud: Cloud, request: Request) -> Answer:
    return delete(cloud, PACKAGE, {"ModelPackageName": _find(cloud, request["ModelPackageName"]).arn})


def _create_version(cloud: Cloud, request: Request, details: Mapping[str, Any]) -> Answer:
    """A number is given once, also where its package was deleted."""
    tags, token = request.get("Tags", []), request.get("ClientToken")
    recorded = _recorded(cloud, request)  # reads the records of objects, which no transaction that writes may wait for
    with cloud.store.write() as connection:
        group = select(connection, GROUP, request["ModelPackageGroupName"])
        if group is None:
            raise ValidationException(
                f"Model Package Group {request['ModelPackageGroupName']} does not exist; create it first"
            )
        existing = connection.execute(
            "SELECT arn FROM resources WHERE kind = ? AND json_extract(body, '$.ClientToken') = ?", (PACKAGE, token)
        ).fetchone()
        if existing is not None:
            return {"ModelPackageArn": existing["arn"]}
        version = group.body["LastVersion"] + 1
        update(connection, replace(group, body={**group.body, "LastVersion": version}))
        body = {
            "ModelApprovalStatus": _PENDING,
            **recorded,
            **details,
            "ModelPackageGroupName": group.name,
            "ModelPackageVersion": version,
            "CreatedBy": creator(cloud),
        }
        name, now = f"{group.name}/{version}", time.time()
        arn = arn_of(cloud, PACKAGE, name)
        insert(connection, Record(PACKAGE, name, arn, "Completed", body, now, now))
        write_tags(connection, arn, tags)
    return {"ModelPackageArn": arn}


def _recorded(cloud: Cloud, request: Request) -> dict[str, Any]:
    """The request without its tags; each container with the ETag that its archive has now."""
    recorded = {name: value for name, value in request.items() if name != "Tags"}
    if specification := request.get("InferenceSpecification"):
        containers = [_with_etag(cloud, container) for container in specification["Containers"]]
        recorded["InferenceSpecification"] = {**specification, "Containers": containers}
    return recorded


def _with_etag(cloud: Cloud, container: Mapping[str, Any]) -> Mapping[str, Any]:
    """What lies elsewhere, or nowhere yet, has none."""
    try:
        etag = find_object(cloud, *parse_uri(container.get("ModelDataUrl", ""))).etag
    except ServiceError:
        return container
    return {**container, "ModelDataETag": etag.strip('"')}


def _changes(body: Mapping[str, Any], request: Request) -> dict[str, Any]:
    changes = {name: value for name, value in request.items() if name not in {"ModelPackageArn", "ClientToken"}}
    added = changes.pop("AdditionalInferenceSpecificationsToAdd", [])
    if added:
        changes["AdditionalInferenceSpecifications"] = [*body.get("AdditionalInferenceSpecifications", []), *added]
    removed = set(changes.pop("CustomerMetadataPropertiesToRemove", []))
    merged = {**body.get("CustomerMetadataProperties", {}), **changes.pop("CustomerMetadataProperties", {})}
    properties = {name: text for name, text in merged.items() if name not in removed}
    _check_properties(properties)
    return {**changes, "CustomerMetadataProperties": properties}


def _check_properties(properties: Mapping[str, str]) -> None:
    if len(properties) > MAX_CUSTOM_PROPERTIES:
        raise ValidationException(
            f"CustomerMetadataProperties would have {len(properties)} entries; {MAX_CUSTOM_PROPERTIES} are allowed"
        )


def _packages(cloud: Cloud) -> list[Answer]:
    return [_summary(record) for record in cloud.store.list(PACKAGE)]


def _view(record: Record) -> Answer:
    """A version's name is GROUP/VERSION, by which Describe takes it as well."""
    answer = view(record)
    return {**answer, "CustomerMetadataProperties": answer.get("CustomerMetadataProperties") or None}


def _summary(record: Record) -> Answer:
    """In a list, a version has group and number, and no name."""
    answer = _view(record)
    return answer if "ModelPackageVersion" not in answer else {**answer, "ModelPackageName": None}


def _find(cloud: Cloud, name: str) -> Record:
    record = cloud.store.find(PACKAGE, name)
    if record is None:
        raise _not_found(name)
    return record


def _not_found(name: str) -> ResourceNotFound:
    return ResourceNotFound(f"ModelPackage {name} does not exist.")
