"""GetObject and HeadObject: conditions, ranges, and bodies that are read as they are asked for."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.s3.files import bucket_folder
from localcloud.s3.keys import path_of
from localcloud.s3.records import PART_SIZES, Stored, lookup

_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Span(NamedTuple):
    start: int
    length: int


class Body(io.RawIOBase):
    """A span of an object's file, which stays what it was when it was opened, whatever is written to the key since.

    It is closed at its end, by `close`, and silently when it is forgotten, as a response from a network would be.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.span = Span(0, os.fstat(descriptor).st_size)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        remaining = self.span.length if size is None or size < 0 else min(size, self.span.length)
        chunks = []
        while remaining and (chunk := os.pread(self.descriptor, remaining, self.span.start)):
            chunks.append(chunk)
            remaining -= len(chunk)
            self.span = Span(self.span.start + len(chunk), self.span.length - len(chunk))
        return b"".join(chunks)

    def readinto(self, buffer: Any) -> int:
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        if not self.closed:
            os.close(self.descriptor)
        super().close()


@operation("s3", "GetObject")
def get_object(cloud: Cloud, request: Request) -> Answer:
    stored, body = open_object(cloud, request["Bucket"], request["Key"])
    try:
        answer = _read(stored, request)
    except ServiceError:
        body.close()
        raise
    body.span = Span(answer.pop("Start"), answer["ContentLength"])
    return {**answer, "Body": body}


@operation("s3", "HeadObject")
def head_object(cloud: Cloud, request: Request) -> Answer:
    return _read(find(cloud, request["Bucket"], request["Key"]), request)


def open_object(cloud: Cloud, bucket: str, key: str) -> tuple[Stored, Body]:
    """An object with its bytes, both of one moment. Raises ServiceError NoSuchBucket or NoSuchKey."""
    while True:
        try:
            body = Body(os.open(path_of(cloud.home, bucket, key), os.O_RDONLY))
            stored, status = find(cloud, bucket, key), os.fstat(body.descriptor)
        except (FileNotFoundError, NotADirectoryError):
            stored, status = find(cloud, bucket, key), None  # raises, unless it came back this moment
        if status and (stored.size, stored.modified_ns) == (status.st_size, status.st_mtime_ns):
            return stored, body


def find(cloud: Cloud, bucket: str, key: str, *, remember: bool = True) -> Stored:
    """An object without its bytes. Raises ServiceError NoSuchBucket or NoSuchKey. For `remember` see `lookup_all`."""
    bucket_folder(cloud.home, bucket)
    try:
        return lookup(cloud, bucket, key, path_of(cloud.home, bucket, key), remember=remember)
    except (FileNotFoundError, NotADirectoryError):
        raise ServiceError(
            f"there is no key {key!r} in the bucket {bucket!r}", code="NoSuchKey", status=404, members={"Key": key}
        ) from None


def check_conditions(stored: Stored, conditions: Mapping[str, Any], prefix: str = "") -> None:
    """Raises ServiceError 412 or 304 for `IfMatch` and its like (`CopySourceIfMatch` with that prefix).

    A condition on the ETag takes precedence over the one on the time, as RFC 9110 has it.
    """
    match, none_match = conditions.get(f"{prefix}IfMatch"), conditions.get(f"{prefix}IfNoneMatch")
    since, unmodified = conditions.get(f"{prefix}IfModifiedSince"), conditions.get(f"{prefix}IfUnmodifiedSince")
    if match is not None:
        _demand(_has_etag(stored, match), f"{prefix}IfMatch")
    elif unmodified is not None:
        _demand(stored.modified <= unmodified, f"{prefix}IfUnmodifiedSince")
    is_same = none_match is not None and _has_etag(stored, none_match)
    is_old = none_match is None and since is not None and stored.modified <= since
    if is_same or is_old:
        if prefix:
            _demand(False, f"{prefix}IfNoneMatch" if is_same else f"{prefix}IfModifiedSince")
        raise ServiceError("Not Modified", code="NotModified", status=304)


def precondition_failed(condition: str) -> ServiceError:
    return ServiceError(
        f"the object does not meet the request's {condition}",
        code="PreconditionFailed",
        status=412,
        members={"Condition": _HUMP.sub("-", condition)},
    )


def _demand(holds: bool, condition: str) -> None:
    if not holds:
        raise precondition_failed(condition)


def _has_etag(stored: Stored, condition: str) -> bool:
    etags = [etag.strip().removeprefix("W/").strip('"') for etag in condition.split(",")]
    return "*" in etags or stored.etag.strip('"') in etags


def _read(stored: Stored, request: Request) -> Answer:
    """What both operations answer, and `Start`, where the body begins."""
    check_version(request)
    check_conditions(stored, request)
    overrides = {name.removeprefix("Response"): text for name, text in request.items() if name.startswith("Response")}
    answer = {**stored.answer(), **overrides, "Start": 0}
    span = span_of(request["Range"], stored.size) if "Range" in request else None
    if "PartNumber" in request:
        sizes = stored.headers.get(PART_SIZES)
        span = _part(request, sizes or [stored.size], stored.size)
        answer["PartsCount"] = len(sizes) if sizes else None
    if span is None:
        return answer
    return {
        **answer,
        "HTTPStatusCode": 206,
        "Start": span.start,
        "ContentLength": span.length,
        "ContentRange": f"bytes {span.start}-{span.start + span.length - 1}/{stored.size}",
    }


def _part(request: Request, sizes: Sequence[int], size: int) -> Span | None:
    """The bytes of the part that a request names; an object that was not uploaded in parts is one."""
    number = request["PartNumber"]
    if "Range" in request:
        raise ServiceError(
            "Cannot specify both Range header and partNumber query parameter", code="InvalidRequest", status=400
        )
    if not 1 <= number <= len(sizes):
        raise ServiceError(
            f"the object has {len(sizes)} parts: there is no part {number}", code="InvalidPartNumber", status=416
        )
    return Span(sum(sizes[: number - 1]), sizes[number - 1]) if size else None


def span_of(text: str, size: int) -> Span | None:
    """The bytes of `bytes=0-99`, `bytes=100-` or `bytes=-10`; None where HTTP has the header ignored."""
    match = _RANGE.fullmatch(text.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        start, end = max(0, size - int(match[2])), size - 1
    else:
        start, end = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise ServiceError(
            f"the range {text!r} is not satisfiable: the object has {size} bytes",
            code="InvalidRange",
            status=416,
            members={"RangeRequested": text, "ActualObjectSize": str(size)},
        )
    return Span(start, end - start + 1)


def check_version(request: Request) -> None:
    """Raises ServiceError for any version but the only one."""
    if request.get("VersionId", "null") != "null":
        raise ServiceError(
            f"there is no version {request['VersionId']!r}: objects here have one version, 'null'",
            code="NoSuchVersion",
            status=404,
        )
