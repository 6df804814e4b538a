"""SageMaker images of one's own and their versions: records of the name of a container image. Nothing is pulled."""

from __future__ import annotations

import time
from dataclasses import replace

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceNotFound, ValidationException
from localcloud.services.resources import create_record, describe, find, view
from localcloud.state.store import Record, insert, select, update

IMAGE, VERSION = "Image", "ImageVersion"
_READY = "CREATED"


@operation("sagemaker", "CreateImage")
def create_image(cloud: Cloud, request: Request) -> Answer:
    with cloud.store.write() as connection:
        record = create_record(cloud, connection, IMAGE, request, {"Versions": 0}, _READY)
    return {"ImageArn": record.arn}


@operation("sagemaker", "DescribeImage")
def describe_image(cloud: Cloud, request: Request) -> Answer:
    return describe(cloud, IMAGE, request)


@operation("sagemaker", "CreateImageVersion")
def create_image_version(cloud: Cloud, request: Request) -> Answer:
    """Number the versions of an image from 1 on."""
    image = find(cloud, IMAGE, request["ImageName"])
    now = time.time()
    with cloud.store.write() as connection:
        image = select(connection, IMAGE, image.name) or image
        number = image.body["Versions"] + 1
        update(connection, replace(image, body={**image.body, "Versions": number}))
        name = f"{image.name}/{number}"
        body = {
            **{member: value for member, value in request.items() if member != "ClientToken"},
            "ImageArn": image.arn,
            "Version": number,
            "ContainerImage": request["BaseImage"],
        }
        arn = cloud.arn("sagemaker", f"image-version/{name}")
        record = insert(connection, Record(VERSION, name, arn, _READY, body, now, now))
    return {"ImageVersionArn": record.arn}


@operation("sagemaker", "DescribeImageVersion")
def describe_image_version(cloud: Cloud, request: Request) -> Answer:
    """The newest version, or the one that is named by number or alias. Raises ResourceNotFound."""
    image = find(cloud, IMAGE, request["ImageName"])
    if "Version" in request and "Alias" in request:
        raise ValidationException("an image's version is named by Version or by Alias, not by both")
    for record in cloud.store.list(VERSION):
        body = record.body
        if body["ImageArn"] != image.arn:
            continue
        if "Alias" in request and request["Alias"] not in body.get("Aliases", ()):
            continue
        if request.get("Version", body["Version"]) == body["Version"]:
            return view(record)
    raise ResourceNotFound(f"No ImageVersion of {image.arn} is the one that was asked for.")
