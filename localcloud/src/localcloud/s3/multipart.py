"""Multipart uploads: parts are files beside the buckets until the upload is completed or aborted."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import time
import uuid
from pathlib import Path

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.s3.files import bucket_folder, incoming
from localcloud.s3.keys import INCOMING, check_key
from localcloud.s3.objects import CHUNK, copy_body, copy_checked, keep, source_of, tags_of
from localcloud.s3.reading import Span, check_conditions, find, open_object, span_of
from localcloud.s3.records import PART_SIZES, UPLOAD, Stored, headers_of, quoted

MIN_PART_BYTES = 5 << 20
MAX_PARTS = 10_000


@operation("s3", "CreateMultipartUpload")
def create_multipart_upload(cloud: Cloud, request: Request) -> Answer:
    bucket_folder(cloud.home, request["Bucket"])
    check_key(request["Key"])
    upload = uuid.uuid4().hex
    _folder(cloud, upload).mkdir(parents=True)
    headers, tags = json.dumps(headers_of(request)), json.dumps(tags_of(request))
    with cloud.store.write() as connection:
        connection.execute(
            "INSERT INTO uploads (id, bucket, key, headers, tags, started) VALUES (?, ?, ?, ?, ?, ?)",
            (upload, request["Bucket"], request["Key"], headers, tags, time.time()),
        )
    return {**_object_name(request), "UploadId": upload}


@operation("s3", "UploadPart")
def upload_part(cloud: Cloud, request: Request) -> Answer:
    _upload(cloud, request)
    with incoming(cloud.home, request["Bucket"]) as file:
        digest = copy_checked(request, file)
        file.close()
        etag = quoted(digest.hexdigest())
        _keep_part(cloud, request, Path(file.name), etag)
    return {"ETag": etag}


@operation("s3", "UploadPartCopy")
def upload_part_copy(cloud: Cloud, request: Request) -> Answer:
    _upload(cloud, request)
    source, body = open_object(cloud, *source_of(request["CopySource"]))
    with body, incoming(cloud.home, request["Bucket"]) as file:
        check_conditions(source, request, "CopySource")
        body.span = _copied_span(request.get("CopySourceRange"), source.size)
        etag = quoted(copy_body(body, file).hexdigest())
        file.close()
        modified = _keep_part(cloud, request, Path(file.name), etag)
    return {"CopyPartResult": {"ETag": etag, "LastModified": int(modified)}}


def _copied_span(text: str | None, size: int) -> Span:
    """The bytes of a CopySourceRange, which names both ends. Raises ServiceError."""
    if text is None:
        return Span(0, size)
    span = span_of(text, size) if re.fullmatch(r"bytes=\d+-\d+", text) else None
    if span is None or int(text.rpartition("-")[2]) >= size:
        raise ServiceError(
            f"the CopySourceRange {text!r} is not bytes=FIRST-LAST within the source, which has {size} bytes",
            code="InvalidArgument",
            status=400,
        )
    return span


@operation("s3", "CompleteMultipartUpload")
def complete_multipart_upload(cloud: Cloud, request: Request) -> Answer:
    """Completing again what was completed is answered as the first time, as long as the object is that one."""
    completed = _completed(cloud, request)
    if completed is not None:
        return _completion(request, completed.etag)
    upload = _upload(cloud, request)
    parts = _chosen_parts(request, _parts(cloud, upload["id"]))
    with incoming(cloud.home, request["Bucket"]) as file:
        for part in parts:
            with (_folder(cloud, upload["id"]) / part["file"]).open("rb") as source:
                shutil.copyfileobj(source, file, CHUNK)
        file.close()
        headers, tags = json.loads(upload["headers"]), json.loads(upload["tags"])
        headers |= {PART_SIZES: [part["size"] for part in parts], UPLOAD: upload["id"]}
        stored = keep(cloud, request, Path(file.name), _etag_of_parts(parts), headers, tags)
    _forget(cloud, upload["id"])
    return _completion(request, stored.etag)


def _completed(cloud: Cloud, request: Request) -> Stored | None:
    """The object that this upload has made already."""
    bucket_folder(cloud.home, request["Bucket"])
    try:
        stored = find(cloud, request["Bucket"], request["Key"])
    except ServiceError:
        return None
    return stored if stored.headers.get(UPLOAD) == request["UploadId"] else None


def _completion(request: Request, etag: str) -> Answer:
    return {**_object_name(request), "ETag": etag, "Location": f"s3://{request['Bucket']}/{request['Key']}"}


@operation("s3", "AbortMultipartUpload")
def abort_multipart_upload(cloud: Cloud, request: Request) -> Answer:
    _forget(cloud, _upload(cloud, request)["id"])
    return {}


@operation("s3", "ListParts")
def list_parts(cloud: Cloud, request: Request) -> Answer:
    upload = _upload(cloud, request)
    after, limit = request.get("PartNumberMarker", 0), min(request.get("MaxParts", 1000), 1000)
    parts = [part for number, part in sorted(_parts(cloud, upload["id"]).items()) if number > after]
    page = parts[:limit]
    return {
        **_object_name(request),
        "UploadId": upload["id"],
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1]["number"] if page else after,
        "MaxParts": limit,
        "IsTruncated": len(parts) > limit,
        "StorageClass": "STANDARD",
        "Parts": [
            {
                "PartNumber": part["number"],
                "LastModified": int(part["modified"]),
                "ETag": part["etag"],
                "Size": part["size"],
            }
            for part in page
        ],
    }


@operation("s3", "ListMultipartUploads")
def list_multipart_uploads(cloud: Cloud, request: Request) -> Answer:
    bucket, prefix = request["Bucket"], request.get("Prefix", "")
    bucket_folder(cloud.home, bucket)
    with cloud.store.read() as connection:
        rows = connection.execute(
            "SELECT * FROM uploads WHERE bucket = ? ORDER BY key, started, id", (bucket,)
        ).fetchall()
    uploads = [row for row in rows if row["key"].startswith(prefix)]
    marker = request.get("KeyMarker", ""), request.get("UploadIdMarker", "")
    last = [number for number, row in enumerate(uploads, 1) if (row["key"], row["id"]) == marker]
    uploads = uploads[last[0] :] if last else [row for row in uploads if row["key"] > marker[0]]
    limit = min(request.get("MaxUploads", 1000), 1000)
    page = uploads[:limit]
    is_truncated = len(uploads) > limit > 0
    return {
        "Bucket": bucket,
        "Prefix": request.get("Prefix"),
        "MaxUploads": limit,
        "IsTruncated": is_truncated,
        "NextKeyMarker": page[-1]["key"] if is_truncated else None,
        "NextUploadIdMarker": page[-1]["id"] if is_truncated else None,
        "Uploads": [{"UploadId": row["id"], "Key": row["key"], "Initiated": int(row["started"])} for row in page]
        or None,
    }


def _folder(cloud: Cloud, upload: str) -> Path:
    return cloud.home.buckets / INCOMING / upload


def _object_name(request: Request) -> Answer:
    return {"Bucket": request["Bucket"], "Key": request["Key"]}


def _upload(cloud: Cloud, request: Request) -> sqlite3.Row:
    """Raises ServiceError NoSuchBucket or NoSuchUpload."""
    bucket_folder(cloud.home, request["Bucket"])
    with cloud.store.read() as connection:
        row: sqlite3.Row | None = connection.execute(
            "SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?",
            (request["UploadId"], request["Bucket"], request["Key"]),
        ).fetchone()
    if row is None:
        raise ServiceError(
            f"there is no upload {request['UploadId']!r} of {request['Key']!r}; it may have been completed or aborted",
            code="NoSuchUpload",
            status=404,
            members={"UploadId": request["UploadId"]},
        )
    return row


def _parts(cloud: Cloud, upload: str) -> dict[int, sqlite3.Row]:
    with cloud.store.read() as connection:
        rows = connection.execute("SELECT * FROM parts WHERE upload = ?", (upload,))
        return {row["number"]: row for row in rows}


def _keep_part(cloud: Cloud, request: Request, file: Path, etag: str) -> float:
    """The part's time. An earlier part of that number is replaced, its file stays until the upload ends."""
    number, upload = request["PartNumber"], request["UploadId"]
    if not 1 <= number <= MAX_PARTS:
        raise ServiceError(f"PartNumber is 1 to {MAX_PARTS}, not {number}", code="InvalidArgument", status=400)
    part = file.replace(_folder(cloud, upload) / f"{number}-{uuid.uuid4().hex}")
    status = part.stat()
    with cloud.store.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO parts (upload, number, file, size, etag, modified) VALUES (?, ?, ?, ?, ?, ?)",
            (upload, number, part.name, status.st_size, etag, status.st_mtime),
        )
    return status.st_mtime


def _chosen_parts(request: Request, parts: dict[int, sqlite3.Row]) -> list[sqlite3.Row]:
    """The uploaded parts that the request names, checked as S3 checks them."""
    requested = request.get("MultipartUpload", {}).get("Parts", [])
    numbers = [part["PartNumber"] for part in requested]
    if not requested:
        raise ServiceError("name the parts that make the object", code="MalformedXML", status=400)
    if numbers != sorted(set(numbers)):
        raise ServiceError("parts are named in ascending order, each once", code="InvalidPartOrder", status=400)
    for part in requested:
        row = parts.get(part["PartNumber"])
        if row is None or row["etag"].strip('"') != part.get("ETag", "").strip('"'):
            raise ServiceError(
                f"part {part['PartNumber']} was not uploaded, or with another ETag; upload it again",
                code="InvalidPart",
                status=400,
                members={"PartNumber": str(part["PartNumber"])},
            )
    chosen = [parts[number] for number in numbers]
    for row in chosen[:-1]:
        if row["size"] < MIN_PART_BYTES:
            raise ServiceError(
                f"part {row['number']} has {row['size']} bytes; every part but the last has at least {MIN_PART_BYTES}",
                code="EntityTooSmall",
                status=400,
            )
    return chosen


def _etag_of_parts(parts: list[sqlite3.Row]) -> str:
    """The MD5 of the parts' MD5s, and how many they are."""
    digests = b"".join(bytes.fromhex(part["etag"].strip('"')) for part in parts)
    return quoted(f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}")


def _forget(cloud: Cloud, upload: str) -> None:
    with cloud.store.write() as connection:
        connection.execute("DELETE FROM parts WHERE upload = ?", (upload,))
        connection.execute("DELETE FROM uploads WHERE id = ?", (upload,))
    shutil.rmtree(_folder(cloud, upload), ignore_errors=True)
