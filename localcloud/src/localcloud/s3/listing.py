"""ListObjectsV2, ListObjects and ListObjectVersions: keys in order, rolled up at the delimiter, a page at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.s3.files import list_files
from localcloud.s3.records import lookup_all

MAX_KEYS = 1000


@dataclass(frozen=True)
class _Page:
    """`contents` are keys with their files, `prefixes` what was rolled up, `last` the last of both."""

    contents: list[tuple[str, Path]]
    prefixes: list[str]
    last: str
    is_truncated: bool


@operation("s3", "ListObjectsV2")
def list_objects_v2(cloud: Cloud, request: Request) -> Answer:
    after = request.get("StartAfter", "")
    if "ContinuationToken" in request:
        if not request["ContinuationToken"]:
            raise ServiceError("The continuation token provided is incorrect", code="InvalidArgument", status=400)
        after = _after(request["ContinuationToken"])
    page = _page(cloud, request, after)
    answer = _answer(cloud, request, page)
    return {
        **answer,
        "KeyCount": len(page.contents) + len(page.prefixes),
        "ContinuationToken": request.get("ContinuationToken"),
        "StartAfter": request.get("StartAfter") and _encoder(request)(request["StartAfter"]),
        "NextContinuationToken": _token(page.last) if page.is_truncated else None,
    }


@operation("s3", "ListObjects")
def list_objects(cloud: Cloud, request: Request) -> Answer:
    """NextMarker is said only with a delimiter; without one the last key is the next marker."""
    encode, marker = _encoder(request), request.get("Marker", "")
    page = _page(cloud, request, marker)
    has_next = page.is_truncated and request.get("Delimiter")
    return {
        **_answer(cloud, request, page),
        "Marker": encode(marker),
        "NextMarker": encode(page.last) if has_next else None,
    }


@operation("s3", "ListObjectVersions")
def list_object_versions(cloud: Cloud, request: Request) -> Answer:
    """Every object is its only version, `null`, as in a bucket whose versioning was never switched on."""
    encode, marker = _encoder(request), request.get("KeyMarker", "")
    page = _page(cloud, request, marker)
    answer = _answer(cloud, request, page)
    versions = [{**item, "VersionId": "null", "IsLatest": True} for item in answer.pop("Contents") or []]
    return {
        **answer,
        "Versions": versions or None,
        "KeyMarker": encode(marker),
        "VersionIdMarker": request.get("VersionIdMarker"),
        "NextKeyMarker": encode(page.last) if page.is_truncated else None,
        "NextVersionIdMarker": "null" if page.is_truncated and page.contents else None,
    }


def _page(cloud: Cloud, request: Request, after: str) -> _Page:
    limit = min(request.get("MaxKeys", MAX_KEYS), MAX_KEYS)
    if limit < 0:
        raise ServiceError("MaxKeys must not be negative", code="InvalidArgument", status=400)
    prefix, delimiter = request.get("Prefix", ""), request.get("Delimiter", "")
    files = list_files(cloud.home, request["Bucket"], prefix, after, stop_at_folders=delimiter == "/")
    items = list(islice(_rolled_up(files, prefix, delimiter, after), limit + 1)) if limit else []
    page = items[:limit]
    return _Page(
        contents=[(key, path) for key, path in page if path is not None],
        prefixes=[key for key, path in page if path is None],
        last=page[-1][0] if page else "",
        is_truncated=len(items) > limit > 0,
    )


def _rolled_up(
    files: Iterator[tuple[str, Path]], prefix: str, delimiter: str, after: str
) -> Iterator[tuple[str, Path | None]]:
    """Keys with their files; those with the delimiter behind the prefix as one prefix without a file."""
    before = after
    for key, path in files:
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        if end < 0:
            yield key, path
            continue
        common = key[: end + len(delimiter)]
        if common.encode() > before.encode():
            yield common, None
            before = common


def _answer(cloud: Cloud, request: Request, page: _Page) -> dict[str, Any]:
    encode = _encoder(request)
    return {
        "Name": request["Bucket"],
        "Prefix": encode(request.get("Prefix", "")),
        "Delimiter": request.get("Delimiter") and encode(request["Delimiter"]),
        "MaxKeys": request.get("MaxKeys", MAX_KEYS),
        "EncodingType": request.get("EncodingType"),
        "IsTruncated": page.is_truncated,
        "Contents": _contents(cloud, request, page) or None,
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.prefixes] or None,
    }


def _contents(cloud: Cloud, request: Request, page: _Page) -> list[dict[str, Any]]:
    encode = _encoder(request)
    owner = {"ID": cloud.account} if request.get("FetchOwner") else None
    return [
        {
            "Key": encode(key),
            "LastModified": stored.modified,
            "ETag": stored.etag,
            "Size": stored.size,
            "StorageClass": stored.headers.get("StorageClass", "STANDARD"),
            "Owner": owner,
        }
        for key, stored in lookup_all(cloud, request["Bucket"], page.contents).items()
    ]


def _encoder(request: Request) -> Any:
    """How this answer spells keys: botocore asks for URL encoding by itself, and undoes it by itself."""
    return quote if request.get("EncodingType") == "url" else str


def _token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _after(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError):
        raise ServiceError("The continuation token provided is incorrect", code="InvalidArgument", status=400) from None
