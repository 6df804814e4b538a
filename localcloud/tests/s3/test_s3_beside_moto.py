"""The local S3 and moto's are told the same, call for call, and have to answer the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Call = tuple[str, dict[str, Any]]
Plain = Callable[[Any, set[str]], Any]

B = {"Bucket": "bucket"}
PART = b"p" * (5 << 20)

# What differs from call to call, or is said by one of the two and means nothing here.
IGNORED = {
    *("ResponseMetadata", "LastModified", "CreationDate", "Initiated", "Owner", "Initiator", "RequestCharged"),
    *("ServerSideEncryption", "ChecksumAlgorithm", "ChecksumCRC32", "ChecksumType", "BucketArn", "BucketRegion"),
    *("UploadId", "NextUploadIdMarker", "Location", "AccessPointAlias", "HostId", "RequestId", "EncodingType"),
    *("NextContinuationToken", "ContinuationToken", "Message", "VersionId", "BucketKeyEnabled", "StorageClass"),
}


def put(key: str, **more: Any) -> Call:
    return "put_object", {**B, "Key": key, "Body": key.encode(), **more}


KEYS = [put(key) for key in ("a", "a/b", "a/c/d", "a-b", "b/1", "b/2", "b/", "dir//x", "ü", "z z+%")]

CONVERSATIONS: dict[str, list[Call]] = {
    "put and get": [put("k"), ("get_object", {**B, "Key": "k"}), ("head_object", {**B, "Key": "k"})],
    "headers": [
        put("k", ContentType="text/plain", Metadata={"Mixed-Case": "v"}, CacheControl="no-store", ContentLanguage="en"),
        ("head_object", {**B, "Key": "k"}),
        ("get_object", {**B, "Key": "k", "ResponseContentType": "text/html"}),
    ],
    "no body": [("put_object", {**B, "Key": "k"}), ("get_object", {**B, "Key": "k"})],
    "overwrite": [put("k"), put("k", Body=b"other"), ("get_object", {**B, "Key": "k"})],
    "missing key": [("get_object", {**B, "Key": "k"}), ("head_object", {**B, "Key": "k"})],
    "missing bucket": [
        (operation, {"Bucket": "nowhere", **more})
        for operation, more in (
            ("get_object", {"Key": "k"}),
            ("put_object", {"Key": "k"}),
            ("head_bucket", {}),
            ("list_objects_v2", {}),
            ("list_objects", {}),
            ("delete_object", {"Key": "k"}),
            ("delete_bucket", {}),
            ("create_multipart_upload", {"Key": "k"}),
        )
    ],
    "ranges": [put("k", Body=b"0123456789")]
    + [
        ("get_object", {**B, "Key": "k", "Range": f"bytes={span}"})
        for span in ("0-0", "2-4", "5-", "-3", "-30", "8-99", "10-", "99-100")
    ],
    "conditions on reading": [put("k")]
    + [
        (operation, {**B, "Key": "k", **condition})
        for operation in ("get_object", "head_object")
        for condition in (
            {"IfMatch": '"8ce4b16b22b58894aa86c421e8759df3"'},
            {"IfMatch": '"other"'},
            {"IfNoneMatch": '"8ce4b16b22b58894aa86c421e8759df3"'},
            {"IfNoneMatch": '"other"'},
            {"IfModifiedSince": "2001-01-01"},
            {"IfModifiedSince": "2100-01-01"},
            {"IfUnmodifiedSince": "2001-01-01"},
            {"IfUnmodifiedSince": "2100-01-01"},
        )
    ],
    "put only where nothing is": [put("k", IfNoneMatch="*"), put("k", IfNoneMatch="*")],
    "delete": [
        put("k"),
        ("delete_object", {**B, "Key": "k"}),
        ("delete_object", {**B, "Key": "k"}),
        ("get_object", {**B, "Key": "k"}),
    ],
    "versions": [
        *KEYS,
        ("list_object_versions", B),
        ("list_object_versions", {**B, "Prefix": "a", "Delimiter": "/"}),
        ("delete_objects", {**B, "Delete": {"Objects": [{"Key": "a", "VersionId": "null"}]}}),
        ("list_objects_v2", B),
    ],
    "delete many": [
        *KEYS,
        ("delete_objects", {**B, "Delete": {"Objects": [{"Key": "a"}, {"Key": "b/1"}, {"Key": "absent"}]}}),
        ("list_objects_v2", B),
    ],
    "copy": [
        put("k", ContentType="text/plain", Metadata={"a": "1"}, Tagging="t=1"),
        ("copy_object", {**B, "Key": "kept", "CopySource": "bucket/k"}),
        ("head_object", {**B, "Key": "kept"}),
        ("get_object_tagging", {**B, "Key": "kept"}),
        (
            "copy_object",
            {
                **B,
                "Key": "replaced",
                "CopySource": {"Bucket": "bucket", "Key": "k"},
                "MetadataDirective": "REPLACE",
                "Metadata": {"b": "2"},
                "ContentType": "a/b",
            },
        ),
        ("get_object", {**B, "Key": "replaced"}),
        ("copy_object", {**B, "Key": "k", "CopySource": "bucket/k"}),
        ("copy_object", {**B, "Key": "c", "CopySource": "bucket/absent"}),
    ],
    "tags": [
        put("k", Tagging="x=1&y=a%20b"),
        ("get_object_tagging", {**B, "Key": "k"}),
        ("put_object_tagging", {**B, "Key": "k", "Tagging": {"TagSet": [{"Key": "z", "Value": "3"}]}}),
        ("get_object_tagging", {**B, "Key": "k"}),
        ("head_object", {**B, "Key": "k"}),
        ("delete_object_tagging", {**B, "Key": "k"}),
        ("get_object_tagging", {**B, "Key": "k"}),
        ("get_object_tagging", {**B, "Key": "absent"}),
    ],
    "buckets": [
        ("create_bucket", B),
        ("create_bucket", {"Bucket": "others"}),
        ("list_buckets", {}),
        ("head_bucket", B),
        ("get_bucket_location", B),
        ("get_bucket_versioning", B),
        put("k"),
        ("delete_bucket", B),
        ("delete_object", {**B, "Key": "k"}),
        ("delete_bucket", B),
        ("list_buckets", {}),
    ],
    "multipart": [
        ("create_multipart_upload", {**B, "Key": "k", "ContentType": "a/b", "Metadata": {"m": "1"}}),
        ("upload_part", {**B, "Key": "k", "UploadId": "$", "PartNumber": 1, "Body": PART}),
        ("upload_part", {**B, "Key": "k", "UploadId": "$", "PartNumber": 3, "Body": b"end"}),
        ("list_parts", {**B, "Key": "k", "UploadId": "$"}),
        ("list_multipart_uploads", B),
        ("get_object", {**B, "Key": "k"}),
        ("complete_multipart_upload", {**B, "Key": "k", "UploadId": "$", "MultipartUpload": {"Parts": "$"}}),
        ("get_object", {**B, "Key": "k"}),
        ("list_objects_v2", B),
        ("list_multipart_uploads", B),
    ],
    "multipart, refused": [
        ("create_multipart_upload", {**B, "Key": "k"}),
        ("upload_part", {**B, "Key": "k", "UploadId": "$", "PartNumber": 1, "Body": b"small"}),
        ("upload_part", {**B, "Key": "k", "UploadId": "$", "PartNumber": 2, "Body": b"end"}),
        ("complete_multipart_upload", {**B, "Key": "k", "UploadId": "$", "MultipartUpload": {"Parts": "$"}}),
        (
            "complete_multipart_upload",
            {**B, "Key": "k", "UploadId": "$", "MultipartUpload": {"Parts": [{"PartNumber": 7, "ETag": "no"}]}},
        ),
        ("abort_multipart_upload", {**B, "Key": "k", "UploadId": "$"}),
        ("list_multipart_uploads", B),
    ],
    "multipart copy": [
        put("source", Body=b"0123456789"),
        ("create_multipart_upload", {**B, "Key": "k"}),
        (
            "upload_part_copy",
            {
                **B,
                "Key": "k",
                "UploadId": "$",
                "PartNumber": 1,
                "CopySource": "bucket/source",
                "CopySourceRange": "bytes=2-5",
            },
        ),
        ("complete_multipart_upload", {**B, "Key": "k", "UploadId": "$", "MultipartUpload": {"Parts": "$"}}),
        ("get_object", {**B, "Key": "k"}),
    ],
}

LISTINGS = [
    {},
    {"Prefix": "a"},
    {"Prefix": "a/"},
    {"Prefix": "none"},
    {"Delimiter": "/"},
    {"Delimiter": "/", "Prefix": "a/"},
    {"Delimiter": "/", "Prefix": "b/"},
    {"Delimiter": "/", "Prefix": "dir/"},
    {"Delimiter": "/", "Prefix": "a"},
    {"Delimiter": "-"},
    {"MaxKeys": 3},
    {"MaxKeys": 2, "Delimiter": "/"},
]


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_both_answer_the_same(
    conversation: list[Call], session: boto3.Session, moto: boto3.Session, plain: Plain
) -> None:
    ours, theirs = talk(session, conversation), talk(moto, conversation)
    for (operation, _), mine, other in zip(conversation, ours, theirs, strict=True):
        assert plain(mine, IGNORED) == plain(other, IGNORED), operation


# moto takes an object's ETag for the next marker of ListObjects: it cannot be asked for the second page.
@pytest.mark.parametrize(
    ("operation", "how"),
    [("list_objects_v2", how) for how in LISTINGS]
    + [("list_objects", how) for how in LISTINGS if "MaxKeys" not in how],
    ids=str,
)
def test_both_list_the_same_pages(
    operation: str, how: dict[str, Any], session: boto3.Session, moto: boto3.Session, plain: Plain
) -> None:
    assert plain(pages(session, operation, how), IGNORED) == plain(pages(moto, operation, how), IGNORED)


def pages(session: boto3.Session, operation: str, how: dict[str, Any]) -> list[Any]:
    client = session.client("s3")
    client.create_bucket(**B)
    for _, parameters in KEYS:
        client.put_object(**parameters)
    paging = {"PageSize": how["MaxKeys"]} if "MaxKeys" in how else {}
    members = {name: value for name, value in how.items() if name != "MaxKeys"}
    return list(client.get_paginator(operation).paginate(**B, **members, PaginationConfig=paging))


def talk(session: boto3.Session, conversation: list[Call]) -> list[Any]:
    """Each call's status and answer, or error code. `$` stands for the upload, and for the parts uploaded so far."""
    client = session.client("s3")
    client.create_bucket(**B)
    upload, parts, answers = "", [], []
    for operation, parameters in conversation:
        call = {name: upload if name == "UploadId" and value == "$" else value for name, value in parameters.items()}
        if call.get("MultipartUpload") == {"Parts": "$"}:
            call["MultipartUpload"] = {"Parts": list(parts)}
        try:
            answer = getattr(client, operation)(**call)
        except ClientError as error:
            answers.append([error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]])
            continue
        upload = answer.get("UploadId", upload)
        if operation.startswith("upload_part"):
            etag = answer.get("ETag") or answer["CopyPartResult"]["ETag"]
            parts.append({"PartNumber": call["PartNumber"], "ETag": etag})
        answers.append([answer["ResponseMetadata"]["HTTPStatusCode"], answer])
    return answers
