"""Objects in S3: where a URI points, what lies under a prefix, and sending what is missing there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from memotion.layout import split_s3_uri
from pipeline.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from boto3 import Session

THREADS = 8
ONE_THREAD_A_FILE = TransferConfig(use_threads=False)
ABSENT = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}


def parse_uri(uri: str) -> tuple[str, str]:
    """The bucket and the key (or prefix) of `s3://BUCKET/KEY`, which may end in a slash. Raises UsageError."""
    try:
        return split_s3_uri(uri)
    except ValueError as error:
        raise UsageError(str(error)) from None


def client(session: Session) -> Any:
    """An S3 client that every upload thread may use."""
    return session.client("s3", config=Config(max_pool_connections=THREADS))


def read(session: Session, uri: str) -> bytes:
    """The whole object. Raises NotFoundError where it, or its bucket, is not there."""
    bucket, key = parse_uri(uri)
    try:
        content: bytes = client(session).get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            raise NotFoundError(f"there is no {uri}") from error
        raise
    return content


def etag(session: Session, uri: str) -> str | None:
    """Return the object's ETag as S3 quotes it, None where it is not there."""
    bucket, key = parse_uri(uri)
    try:
        return str(client(session).head_object(Bucket=bucket, Key=key)["ETag"])
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise


def sizes(session: Session, prefix: str) -> dict[str, int]:
    """The names under a prefix, relative to it, with their sizes in bytes; empty where nothing lies there."""
    bucket, key = parse_uri(prefix.rstrip("/") + "/")
    pages = client(session).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    return {entry["Key"].removeprefix(key): entry["Size"] for page in pages for entry in page.get("Contents", ())}


def send_missing(
    session: Session, prefix: str, sources: Mapping[str, Path | bytes], arrived: Callable[[int], None] = lambda _: None
) -> int:
    """Put every source that is not there yet, or is there in another size, under a content-addressed prefix.

    `arrived` is told how many more are there now. Answers how many were sent; what an earlier call sent, even one that
    was broken off, is not sent again.
    """
    stored = sizes(session, prefix)
    missing = {name: source for name, source in sources.items() if stored.get(name) != _size(source)}
    bucket, key = parse_uri(prefix.rstrip("/") + "/")
    s3 = client(session)

    def send(name: str) -> None:
        _put(s3, bucket, key + name, missing[name])

    arrived(len(sources) - len(missing))
    for _ in _in_threads(send, missing):
        arrived(1)
    return len(missing)


def _in_threads(send: Callable[[str], None], names: Iterable[str]) -> Iterator[None]:
    """Each as it is done. What has not begun is given up when one fails or the caller is interrupted."""
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            yield from pool.map(send, names)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _size(source: Path | bytes) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def _put(s3: Any, bucket: str, key: str, source: Path | bytes) -> None:
    if isinstance(source, bytes):
        s3.put_object(Bucket=bucket, Key=key, Body=source)
    else:
        s3.upload_file(str(source), bucket, key, Config=ONE_THREAD_A_FILE)


def has_bucket(session: Session, bucket: str) -> bool:
    try:
        client(session).head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return False
        raise
    return True


def empty(session: Session, bucket: str) -> None:
    """Delete every object of a bucket, and every former version where it keeps them."""
    s3 = client(session)
    versioned = "Status" in s3.get_bucket_versioning(Bucket=bucket)
    for page in s3.get_paginator("list_object_versions" if versioned else "list_objects_v2").paginate(Bucket=bucket):
        entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ()), *page.get("Contents", ())]
        keys = [{name: entry[name] for name in ("Key", "VersionId") if name in entry} for entry in entries]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
