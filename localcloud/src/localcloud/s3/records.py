"""What an object has beside its bytes: ETag, headers and tags, and how they stay true whoever writes the file."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.cloud import Answer, Cloud, Request
from localcloud.errors import ServiceError

HEADERS = (
    "BucketKeyEnabled",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "StorageClass",
    "WebsiteRedirectLocation",
)


# What is kept beside an object's headers and never answered as one: the sizes of the parts that it was uploaded in, and
# the upload's id.
PART_SIZES, UPLOAD = "PartSizes", "Upload"

STORAGE_CLASSES = frozenset(
    {
        *("STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER"),
        *("DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"),
    }
)


@dataclass(frozen=True)
class Stored:
    """An object: `etag` in its quotes, `modified_ns` the time of its file, `headers` as the API spells them."""

    size: int
    modified_ns: int
    etag: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def modified(self) -> int:
        """Seconds since 1970: HTTP's dates have no fractions."""
        return self.modified_ns // 1_000_000_000

    def answer(self) -> Answer:
        """What every read of an object answers."""
        return {
            "ContentType": "binary/octet-stream",
            "Metadata": {},
            **{name: value for name, value in self.headers.items() if name not in {PART_SIZES, UPLOAD}},
            "StorageClass": _unless_standard(self.headers.get("StorageClass")),
            "AcceptRanges": "bytes",
            "ContentLength": self.size,
            "ETag": self.etag,
            "LastModified": self.modified,
            "TagCount": len(self.tags) or None,
        }


def _unless_standard(storage_class: str | None) -> str | None:
    """S3 names the class of an object only where it is another than STANDARD."""
    return None if storage_class == "STANDARD" else storage_class


def headers_of(request: Request) -> dict[str, Any]:
    """The headers of a request that its object keeps; names of metadata in lower case, as HTTP brings them back.

    Raises ServiceError for a storage class that there is not.
    """
    if request.get("StorageClass", "STANDARD") not in STORAGE_CLASSES:
        raise ServiceError(
            f"the storage class {request['StorageClass']!r} is none of {', '.join(sorted(STORAGE_CLASSES))}",
            code="InvalidStorageClass",
            status=400,
        )
    headers = {name: request[name] for name in HEADERS if name in request}
    if "Metadata" in headers:
        headers["Metadata"] = {name.lower(): text for name, text in headers["Metadata"].items()}
    return headers


def quoted(digest: str) -> str:
    return f'"{digest}"'


def save(connection: sqlite3.Connection, bucket: str, key: str, stored: Stored) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO objects (bucket, key, size, modified_ns, etag, headers, tags)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            bucket,
            key,
            stored.size,
            stored.modified_ns,
            stored.etag,
            json.dumps(stored.headers),
            json.dumps(stored.tags),
        ),
    )


def lookup(cloud: Cloud, bucket: str, key: str, path: Path, *, remember: bool = True) -> Stored:
    """The object in `path`. Raises FileNotFoundError."""
    objects = lookup_all(cloud, bucket, [(key, path)], remember=remember)
    if key not in objects:
        raise FileNotFoundError(path)
    return objects[key]


def lookup_all(
    cloud: Cloud, bucket: str, files: Iterable[tuple[str, Path]], *, remember: bool = True
) -> dict[str, Stored]:
    """The objects of a page of keys, in its order, without those whose files are gone.

    Files without a row that fits are read through, and get one; inside a writing transaction that has to wait for
    another time: `remember=False`.
    """
    paths = dict(files)
    rows = _rows(cloud, bucket, min(paths), max(paths)) if paths else {}
    objects, fresh = {}, {}
    for key, path in paths.items():
        with suppress(FileNotFoundError, NotADirectoryError):
            status, stored = path.stat(), rows.get(key)
            if stored is None or (stored.size, stored.modified_ns) != (status.st_size, status.st_mtime_ns):
                stored = fresh[key] = _read_through(path)
            objects[key] = stored
    if fresh and remember:
        with cloud.store.write() as connection:
            for key, stored in fresh.items():
                save(connection, bucket, key, stored)
    return objects


def _read_through(path: Path) -> Stored:
    """Of one file, although another may be renamed into its place meanwhile."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return Stored(status.st_size, status.st_mtime_ns, quoted(digest))


def _rows(cloud: Cloud, bucket: str, first: str, last: str) -> dict[str, Stored]:
    with cloud.store.read() as connection:
        rows = connection.execute(
            "SELECT * FROM objects WHERE bucket = ? AND key BETWEEN ? AND ?", (bucket, first, last)
        )
        return {
            row["key"]: Stored(
                row["size"], row["modified_ns"], row["etag"], json.loads(row["headers"]), json.loads(row["tags"])
            )
            for row in rows
        }
