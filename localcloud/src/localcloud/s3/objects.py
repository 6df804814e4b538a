"""PutObject, CopyObject, DeleteObject and DeleteObjects: an object appears whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import io
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, unquote

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.s3.checksums import Checksums, stated_in
from localcloud.s3.files import bucket_folder, delete_file, incoming, place
from localcloud.s3.keys import path_of
from localcloud.s3.reading import check_conditions, check_version, find, open_object, precondition_failed
from localcloud.s3.records import HEADERS, Stored, headers_of, quoted, save
from localcloud.s3.tags import checked

CHUNK = 1 << 20


@operation("s3", "PutObject")
def put_object(cloud: Cloud, request: Request) -> Answer:
    with incoming(cloud.home, request["Bucket"]) as file:
        tags = tags_of(request)
        digest = copy_checked(request, file)
        file.close()
        stored = keep(cloud, request, Path(file.name), quoted(digest.hexdigest()), headers_of(request), tags)
    return {**_encryption(stored), "ETag": stored.etag}


@operation("s3", "CopyObject")
def copy_object(cloud: Cloud, request: Request) -> Answer:
    """A copy has the source's headers and tags unless the request replaces them, and an ETag of its own bytes."""
    bucket, key = source_of(request["CopySource"])
    source, body = open_object(cloud, bucket, key)
    with body:
        check_conditions(source, request, "CopySource")
        replaces = request.get("MetadataDirective") == "REPLACE"
        if (bucket, key) == (request["Bucket"], request["Key"]) and not replaces:
            raise ServiceError(
                "an object is copied onto itself only to change its metadata, with MetadataDirective REPLACE",
                code="InvalidRequest",
                status=400,
            )
        with incoming(cloud.home, request["Bucket"]) as file:
            digest = copy_body(body, file)
            file.close()
            source_headers = {
                name: value for name, value in source.headers.items() if name in HEADERS and name != "StorageClass"
            }
            headers = headers_of(request) if replaces else {**source_headers, **_storage_of(request)}
            tags = tags_of(request) if request.get("TaggingDirective") == "REPLACE" else source.tags
            stored = keep(cloud, request, Path(file.name), quoted(digest.hexdigest()), headers, tags)
    return {**_encryption(stored), "CopyObjectResult": {"ETag": stored.etag, "LastModified": stored.modified}}


@operation("s3", "DeleteObject")
def delete_object(cloud: Cloud, request: Request) -> Answer:
    """Deleting what is not there is no error."""
    bucket_folder(cloud.home, request["Bucket"])
    with cloud.store.write() as connection:
        _delete(cloud, connection, request)
    return {}


@operation("s3", "DeleteObjects")
def delete_objects(cloud: Cloud, request: Request) -> Answer:
    """What cannot be deleted is an error of its own; the rest is deleted."""
    items = request["Delete"]["Objects"]
    if not 0 < len(items) <= 1000:
        raise ServiceError(
            f"DeleteObjects takes 1 to 1000 keys, not {len(items)}; call it again for the rest",
            code="MalformedXML",
            status=400,
        )
    bucket_folder(cloud.home, request["Bucket"])
    deleted, errors = [], []
    with cloud.store.write() as connection:
        for item in items:
            identifier = {name: item[name] for name in ("Key", "VersionId") if name in item}
            condition = {"IfMatch": item["ETag"]} if "ETag" in item else {}
            try:
                _delete(cloud, connection, {"Bucket": request["Bucket"], **identifier, **condition})
                deleted.append(identifier)
            except ServiceError as error:
                errors.append({**identifier, "Code": error.code, "Message": error.message})
    return {"Deleted": None if request["Delete"].get("Quiet") else deleted, "Errors": errors or None}


def keep(
    cloud: Cloud,
    request: Request,
    file: Path,
    etag: str,
    headers: Mapping[str, Any],
    tags: Mapping[str, str],
) -> Stored:
    """Make a finished file the object that the request names, if its `IfMatch` and `IfNoneMatch` hold."""
    bucket, key = request["Bucket"], request["Key"]
    with cloud.store.write() as connection:  # also what keeps two conditional writers apart
        _check_replacing(cloud, request)
        status = place(cloud.home, bucket, key, file).stat()
        stored = Stored(status.st_size, status.st_mtime_ns, etag, headers, tags)
        save(connection, bucket, key, stored)
    return stored


def copy_checked(request: Request, target: IO[bytes]) -> Any:
    """Copy a request's Body; answers its MD5. Raises ServiceError BadDigest for another than the request states."""
    checksums = stated_in(request)
    digest = copy_body(request.get("Body", b""), target, checksums)
    check_md5(request, digest)
    checksums.check({})
    return digest


def copy_body(source: Any, target: IO[bytes], checksums: Checksums | None = None) -> Any:
    """Copy a request's body, bytes or a readable, a piece at a time; answers its MD5."""
    digest = hashlib.md5(usedforsecurity=False)
    stream = io.BytesIO(source) if isinstance(source, bytes | bytearray) else source
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
        if checksums is not None:
            checksums.update(chunk)
    return digest


def check_md5(request: Request, digest: Any) -> None:
    """Raises ServiceError BadDigest where the body is not the one that `ContentMD5` was taken of."""
    if request.get("ContentMD5", "") not in {"", base64.b64encode(digest.digest()).decode()}:
        raise ServiceError("the body does not have the MD5 that ContentMD5 states", code="BadDigest", status=400)


def source_of(copy_source: str) -> tuple[str, str]:
    """Bucket and key of a `CopySource`, which botocore has quoted."""
    location, _, version = copy_source.partition("?versionId=")
    bucket, _, key = unquote(location).removeprefix("/").partition("/")
    if version not in {"", "null"}:
        raise ServiceError(
            f"there is no version {version!r}: objects here have one version, 'null'", code="NoSuchVersion", status=404
        )
    return bucket, key


def tags_of(request: Request) -> dict[str, str]:
    """The tags of a request's `Tagging`, spelt as in a query. Raises ServiceError for what S3 does not take."""
    return checked(parse_qsl(request.get("Tagging", ""), keep_blank_values=True))


def _storage_of(request: Request) -> dict[str, Any]:
    """What a copy takes from the request even where it keeps the source's metadata."""
    about_storage = {"BucketKeyEnabled", "ServerSideEncryption", "SSEKMSKeyId", "StorageClass"}
    return {name: request[name] for name in HEADERS if name in about_storage and name in request}


def _encryption(stored: Stored) -> dict[str, Any]:
    return {name: stored.headers.get(name) for name in ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")}


def _check_replacing(cloud: Cloud, request: Request) -> None:
    if "IfMatch" in request:
        current = find(cloud, request["Bucket"], request["Key"], remember=False)
        check_conditions(current, {"IfMatch": request["IfMatch"]})
    if "IfNoneMatch" in request and path_of(cloud.home, request["Bucket"], request["Key"]).exists():
        raise precondition_failed("IfNoneMatch")


def _delete(cloud: Cloud, connection: sqlite3.Connection, request: Request) -> None:
    """Raises ServiceError where the request names another version than the only one, or its `IfMatch` does not hold."""
    check_version(request)
    _check_replacing(cloud, request)
    delete_file(cloud.home, request["Bucket"], request["Key"])
    connection.execute("DELETE FROM objects WHERE bucket = ? AND key = ?", (request["Bucket"], request["Key"]))
