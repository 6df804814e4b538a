"""The tags of objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.s3.reading import check_version, find
from localcloud.s3.records import save
from localcloud.s3.tags import checked


@operation("s3", "GetObjectTagging")
def get_object_tagging(cloud: Cloud, request: Request) -> Answer:
    check_version(request)
    tags = find(cloud, request["Bucket"], request["Key"]).tags
    return {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}


@operation("s3", "PutObjectTagging")
def put_object_tagging(cloud: Cloud, request: Request) -> Answer:
    """Replaces all tags of the object."""
    _set(cloud, request, checked([(tag["Key"], tag["Value"]) for tag in request["Tagging"]["TagSet"]]))
    return {}


@operation("s3", "DeleteObjectTagging")
def delete_object_tagging(cloud: Cloud, request: Request) -> Answer:
    _set(cloud, request, {})
    return {}


def _set(cloud: Cloud, request: Request, tags: Mapping[str, str]) -> None:
    check_version(request)
    bucket, key = request["Bucket"], request["Key"]
    with cloud.store.write() as connection:
        save(connection, bucket, key, replace(find(cloud, bucket, key, remember=False), tags=tags))
