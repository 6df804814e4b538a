"""S3's edges: parts, checksums, places and tags, as its documentation has them, or as moto answers."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

B = {"Bucket": "bucket"}
PART = b"p" * (5 << 20)


def refusal(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return str(error.value.response["Error"]["Code"])


def uploaded(s3: Any, key: str, *parts: bytes) -> dict[str, Any]:
    """Upload an object in parts; the request that completes it."""
    upload = s3.create_multipart_upload(**B, Key=key)["UploadId"]
    etags = [
        s3.upload_part(**B, Key=key, UploadId=upload, PartNumber=number, Body=part)["ETag"]
        for number, part in enumerate(parts, 1)
    ]
    parts_list = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    return {**B, "Key": key, "UploadId": upload, "MultipartUpload": {"Parts": parts_list}}


@pytest.mark.parametrize(
    ("location", "code"),
    [("eu-west-1", "IllegalLocationConstraintException"), ("us-east-1", "InvalidLocationConstraint")],
)
def test_a_bucket_lies_in_the_only_region(s3: Any, location: str, code: str) -> None:
    request = {"Bucket": "elsewhere", "CreateBucketConfiguration": {"LocationConstraint": location}}
    assert refusal(s3.create_bucket, **request) == code
    assert "elsewhere" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


def test_a_body_is_the_one_that_its_checksum_was_taken_of(s3: Any) -> None:
    right = base64.b64encode(hashlib.sha256(b"body").digest()).decode()
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    s3.put_object(**B, Key="k", Body=b"body", ChecksumSHA256=right)
    assert refusal(s3.put_object, **B, Key="k2", Body=b"body", ChecksumSHA256=wrong) == "BadDigest"
    assert "k2" not in [item["Key"] for item in s3.list_objects_v2(**B).get("Contents", [])]
    upload = s3.create_multipart_upload(**B, Key="k3")["UploadId"]
    part = {**B, "Key": "k3", "UploadId": upload, "PartNumber": 1, "Body": b"body"}
    assert refusal(s3.upload_part, **part, ChecksumSHA256=wrong) == "BadDigest"


@pytest.mark.parametrize("span", ["bytes=5-", "bytes=-5", "0-4", "bytes=4-0", "bytes=0-10"])
def test_a_part_is_copied_of_a_range_with_both_ends_within_the_source(s3: Any, span: str) -> None:
    s3.put_object(**B, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(**B, Key="k")["UploadId"]
    request = {**B, "Key": "k", "UploadId": upload, "PartNumber": 1, "CopySource": "bucket/source"}
    assert refusal(s3.upload_part_copy, **request, CopySourceRange=span) == "InvalidArgument"
    s3.upload_part_copy(**request, CopySourceRange="bytes=0-9")


def test_an_object_is_read_by_the_parts_that_it_was_uploaded_in(s3: Any) -> None:
    s3.complete_multipart_upload(**uploaded(s3, "k", PART, b"tail"))
    second = s3.get_object(**B, Key="k", PartNumber=2)
    assert second["Body"].read() == b"tail"
    assert (second["PartsCount"], second["ContentRange"]) == (2, f"bytes {len(PART)}-{len(PART) + 3}/{len(PART) + 4}")
    first = s3.head_object(**B, Key="k", PartNumber=1)
    assert (first["ContentLength"], first["ResponseMetadata"]["HTTPStatusCode"]) == (len(PART), 206)
    with pytest.raises(ClientError):
        s3.head_object(**B, Key="k", PartNumber=3)
    s3.put_object(**B, Key="whole", Body=b"whole")
    assert s3.get_object(**B, Key="whole", PartNumber=1)["Body"].read() == b"whole"


def test_a_copy_is_in_no_parts(s3: Any) -> None:
    s3.complete_multipart_upload(**uploaded(s3, "k", PART, b"tail"))
    s3.copy_object(**B, Key="copy", CopySource="bucket/k")
    assert "PartsCount" not in s3.head_object(**B, Key="copy", PartNumber=1)


def test_completing_an_upload_again_says_what_it_said(s3: Any) -> None:
    request = uploaded(s3, "k", b"only")
    first = s3.complete_multipart_upload(**request)
    assert s3.complete_multipart_upload(**request)["ETag"] == first["ETag"]
    s3.put_object(**B, Key="k", Body=b"another")
    assert refusal(s3.complete_multipart_upload, **request) == "NoSuchUpload"


def test_an_empty_continuation_token_is_none(s3: Any) -> None:
    assert refusal(s3.list_objects_v2, **B, ContinuationToken="") == "InvalidArgument"


def test_an_object_s_storage_class_is_one_and_a_copy_has_its_own(s3: Any) -> None:
    assert refusal(s3.put_object, **B, Key="k", StorageClass="CHEAP") == "InvalidStorageClass"
    s3.put_object(**B, Key="k", StorageClass="STANDARD_IA")
    s3.copy_object(**B, Key="copy", CopySource="bucket/k")
    s3.copy_object(**B, Key="cold", CopySource="bucket/k", StorageClass="GLACIER")
    assert s3.head_object(**B, Key="k")["StorageClass"] == "STANDARD_IA"
    assert "StorageClass" not in s3.head_object(**B, Key="copy")
    assert s3.head_object(**B, Key="cold")["StorageClass"] == "GLACIER"


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ("&".join(f"k{n}=v" for n in range(11)), "BadRequest"),
        ("k=1&k=2", "InvalidTag"),
        (f"{'k' * 129}=v", "InvalidTag"),
        (f"k={'v' * 257}", "InvalidTag"),
        ("aws:k=v", "InvalidTag"),
    ],
)
def test_an_object_has_ten_tags_of_bounded_lengths(s3: Any, tags: str, code: str) -> None:
    assert refusal(s3.put_object, **B, Key="k", Tagging=tags) == code
    s3.put_object(**B, Key="k")
    tag_set = [dict(zip(("Key", "Value"), pair.split("="), strict=True)) for pair in tags.split("&")]
    assert refusal(s3.put_object_tagging, **B, Key="k", Tagging={"TagSet": tag_set}) == code


def test_a_bucket_has_tags_and_no_versions(s3: Any) -> None:
    assert refusal(s3.get_bucket_tagging, **B) == "NoSuchTagSet"
    tags = [{"Key": "team", "Value": "a"}]
    s3.put_bucket_tagging(**B, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(**B)["TagSet"] == tags
    s3.delete_bucket_tagging(**B)
    assert refusal(s3.get_bucket_tagging, **B) == "NoSuchTagSet"
    s3.put_bucket_versioning(**B, VersioningConfiguration={"Status": "Suspended"})
    assert refusal(s3.put_bucket_versioning, **B, VersioningConfiguration={"Status": "Enabled"}) == "NotImplemented"
